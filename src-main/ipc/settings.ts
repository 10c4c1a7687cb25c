import { implement } from '@orpc/server';
import { settingsContract } from '../contract/areas/settings';
import { Secret } from '../domain/kernel';
import { fidelityDifferences } from '../services/settings/fidelity-differences';
import { findMysql, SetupEdits } from '../services/settings/settings-service';
import type { CallContext } from './base';

const os = implement(settingsContract).$context<CallContext>();
const edits = ({ session }: CallContext): SetupEdits => new SetupEdits(session.workspace.document);

export const settingsRouter = os.router({
  set: os.set.handler(({ input, context }) => context.session.setSettings(input)),
  findMysql: os.findMysql.handler(({ context: { session } }) =>
    findMysql(session.ports, session.settings.values.mysqld),
  ),
  setFidelity: os.setFidelity.handler(({ input, context }) => edits(context).setFidelity(input.gateway, input.mode)),
  setVitess: os.setVitess.handler(({ input, context }) => edits(context).setVitess(input.vitess)),
  differences: os.differences.handler(() => fidelityDifferences()),
  setPort: os.setPort.handler(({ input, context }) => edits(context).setPort(input.listener, input.port)),
  useExternal: os.useExternal.handler(({ input, context }) => edits(context).useExternal(input)),
  useManaged: os.useManaged.handler(({ input, context }) => edits(context).useManaged(input.name)),
  probeExternal: os.probeExternal.handler(({ input, context }) => edits(context).probe(input)),
  encryptKeys: os.encryptKeys.handler(async ({ input, context }) => {
    const passphrase = new Secret(input.passphrase);
    await edits(context).encryptKeys(passphrase);
    await context.session.workspace.certificates.unlockKeys(passphrase);
  }),
  decryptKeys: os.decryptKeys.handler(({ input, context }) => edits(context).decryptKeys(new Secret(input.passphrase))),
  lockSecrets: os.lockSecrets.handler(({ input, context }) => context.session.lockSecrets(input.passphrase)),
  unlockSecrets: os.unlockSecrets.handler(({ context }) => context.session.lockSecrets(null)),
});
