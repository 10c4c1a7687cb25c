import { afterEach, beforeEach, expect, it } from 'vitest';
import { addUsersGateway } from '../../../src-main/services/callers/users-gateway';
import { appSession } from '../../support/app-session';

let app: Awaited<ReturnType<typeof appSession>>;
beforeEach(async () => {
  app = await appSession();
});
afterEach(() => app.end());

it('a workspace without a gateway for MySQL users gets one that runs, over TLS only', async () => {
  await app.session.createWorkspace('reference');
  const { document, callers, cluster } = app.session.workspace;
  expect(await addUsersGateway(document)).toBe('users.json');
  await app.session.settled();
  expect(app.session.hub.parts.callers?.usersFiles).toMatchObject([{ file: 'users.json', fault: null }]);
  await callers.editor.addUser('users.json', 'ines', {
    userData: 'vtgate client 1',
    groups: [],
    sourceHost: '',
    forms: ['native', 'sha2'],
    password: { kind: 'generate', bits: 128 },
  });
  expect(document.draftFindings.filter(({ level }) => level === 'error')).toEqual([]);
  await document.apply('');
  await cluster.start();
  const gateway = cluster.require().addresses.gateways.find(({ name }) => name === 'mysql-users');
  expect(gateway).toMatchObject({ auth: 'static', grpc: null });
  expect(document.applied.topology.gateways.at(-1)?.mysql?.requireSecureTransport).toBe(true);
  await expect(addUsersGateway(document)).rejects.toMatchObject({ failure: { code: 'callers.users-gateway' } });
});

it('is refused where there is no gateway to go by', async () => {
  await app.session.createWorkspace('empty');
  await expect(addUsersGateway(app.session.workspace.document)).rejects.toMatchObject({
    failure: { code: 'callers.no-gateway' },
  });
});
