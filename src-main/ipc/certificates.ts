import { implement } from '@orpc/server';
import { certificatesContract } from '../contract/areas/certificates';
import { Secret } from '../domain/kernel';
import type { CertificatesService } from '../services/certs/certificates-service';
import type { CallContext } from './base';

const os = implement(certificatesContract).$context<CallContext>();
const service = (context: CallContext): CertificatesService => context.session.workspace.certificates;

export const certificatesRouter = os.router({
  createUsualSet: os.createUsualSet.handler(({ context }) => service(context).createUsualSet()),
  advise: os.advise.handler(({ input, context }) => service(context).advise(input)),
  create: os.create.handler(({ input, context }) => service(context).create(input)),
  makeFaulty: os.makeFaulty.handler(({ input, context }) => service(context).makeFaulty(input)),
  renew: os.renew.handler(({ input, context }) => service(context).renew(input)),
  revoke: os.revoke.handler(({ input, context }) => service(context).revoke(input)),
  useCrl: os.useCrl.handler(({ input, context }) => service(context).useCrl(input.authority)),
  consequences: os.consequences.handler(({ input, context }) => service(context).consequences(input.id)),
  remove: os.remove.handler(({ input, context }) => service(context).remove(input.id)),
  fields: os.fields.handler(({ input, context }) => service(context).fields(input.id)),
  unlockKeys: os.unlockKeys.handler(({ input, context }) => service(context).unlockKeys(new Secret(input.passphrase))),
  reveal: os.reveal.handler(({ input, context }) => service(context).reveal(input.id)),
  inspectImport: os.inspectImport.handler(({ input, context }) => service(context).inspectImport(input)),
  import: os.import.handler(({ input, context }) => service(context).import(input)),
  export: os.export.handler(({ input, context }) => service(context).export(input)),
  snippets: os.snippets.handler(({ input, context }) => service(context).snippets(input.id, input.gateway)),
});
