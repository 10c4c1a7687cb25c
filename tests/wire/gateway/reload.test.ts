import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from 'mysql2/promise';
import type { Fidelity } from '../../../src-main/domain/fidelity';
import { createReloader, type Gateway, type Reloader, type ReloadReport } from '../../../src-main/servers/gateway';
import {
  alice,
  connectMysql,
  gatewayConfig,
  hardenedMode,
  refusal,
  startGateway,
  users,
  vitessMode,
} from '../../support/gateway-fixture';
import { createStubTablet, type StubTablet } from '../../support/stub-tablet';
import { createPki } from '../../support/tls-identities';

const pki = createPki();
const first = pki.leaf({ name: 'gateway' });
const second = pki.leaf({ name: 'gateway anew' });
const caller = pki.leaf({ name: 'alice' });
const bob = Buffer.from(JSON.stringify({ bob: [{ Password: 'pw2', UserData: 'bob_data' }] }));

let tablet: StubTablet;
const undo: (() => Promise<void> | void)[] = [];
beforeAll(async () => {
  tablet = await createStubTablet();
});
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});
afterAll(() => tablet.stop());

/** A gateway whose files are these variables. */
async function start(fidelity: Fidelity, intervalMs = 0) {
  const files = { users: Buffer.from(JSON.stringify(alice)) as Buffer | null, identity: first, crl: pki.crl(pki.root) };
  const tls = () => ({
    cert: files.identity.cert,
    key: files.identity.key,
    clientCa: pki.root.pem,
    crl: files.crl,
  });
  const gateway = await startGateway(
    gatewayConfig(tablet.port, {
      fidelity,
      mysql: { listen: { host: '127.0.0.1', port: 0 }, auth: users(alice, fidelity), tls: tls() },
    }),
  );
  undo.push(() => gateway.stop({ graceMs: 0 }));
  const reports: ReloadReport[] = [];
  let heard: () => void = () => undefined;
  const reloader = createReloader(
    gateway,
    fidelity,
    {
      users: {
        file: 'users.json',
        read: () => {
          if (files.users === null) throw new Error('no such file');
          return files.users;
        },
      },
      mysqlTls: { atStart: tls(), read: tls, readCrl: () => files.crl },
      usersIntervalMs: intervalMs,
    },
    (report) => {
      reports.push(report);
      heard();
    },
  );
  undo.push(() => reloader.dispose());
  return { files, gateway, reloader, reports, next: () => new Promise<void>((resolve) => (heard = resolve)) };
}

const ssl = { ca: pki.root.pem, cert: caller.cert, key: caller.key };
const asAlice = async (gateway: Gateway): Promise<Connection> => {
  const client = await connectMysql(gateway, { ssl });
  client.on('error', () => undefined);
  undo.push(() => client.destroy());
  return client;
};
const asBob = (gateway: Gateway) =>
  refusal(connectMysql(gateway, { user: 'bob', password: 'pw2', ssl }).then((c) => c.end()));
const kept = (reloader: Reloader): ReloadReport => reloader.hangUp();

describe('reload as at SIGHUP', () => {
  it('takes new users for the next logins and keeps the old ones when the file is at fault', async () => {
    const { files, gateway, reloader } = await start(vitessMode);
    const open = await asAlice(gateway);
    expect(await asBob(gateway)).toMatchObject({ errno: 1045 });
    files.users = bob;
    expect(reloader.hangUp()).toMatchObject({ users: 'taken', messages: [], crash: false });
    expect(await asBob(gateway)).toBeNull();
    await open.query('select name from t1');
    for (const [bad, message] of [
      [Buffer.from('{'), 'Error parsing auth server config: unexpected EOF'],
      [null, 'no such file'],
    ] as const) {
      files.users = bad;
      expect(kept(reloader)).toMatchObject({ users: 'kept', mysqlTls: 'taken', messages: [message] });
      expect(await asBob(gateway)).toBeNull();
    }
  });

  it('says that a null entry would end vtgate, and goes on with the old users', async () => {
    const { files, gateway, reloader } = await start(vitessMode);
    files.users = Buffer.from('{"bob": [null]}');
    expect(reloader.hangUp()).toMatchObject({ users: 'kept', crash: true });
    await asAlice(gateway);
  });

  it('by time reads the users, and only them', async () => {
    const { files, gateway, reports, next } = await start(vitessMode, 20);
    files.users = bob;
    await next();
    expect(reports.at(-1)).toMatchObject({ users: 'taken', mysqlTls: 'none' });
    expect(await asBob(gateway)).toBeNull();
  });

  it('in vitess mode reads the CRL alone and lets revoked peers stay; in hardened mode it reads all and ends them', async () => {
    for (const fidelity of [vitessMode, hardenedMode]) {
      const { files, gateway, reloader } = await start(fidelity);
      const open = await asAlice(gateway);
      files.identity = second;
      files.crl = pki.crl(pki.root, caller);
      expect(reloader.hangUp()).toMatchObject({ mysqlTls: 'taken' });
      await expect(connectMysql(gateway, { ssl })).rejects.toThrow();
      const stays = await open.query('select name from t1').then(
        () => true,
        () => false,
      );
      expect(stays).toBe(fidelity.mode === 'vitess');
      files.crl = pki.crl(pki.root);
      reloader.hangUp();
      const fresh = await asAlice(gateway);
      const stream = (fresh as unknown as { connection: { stream: TLSSocket } }).connection.stream;
      expect(stream.getPeerCertificate().subject.CN).toBe(fidelity.mode === 'vitess' ? 'gateway' : 'gateway anew');
    }
  });

  it('keeps the certificates in force when the CRL is damaged', async () => {
    const { files, gateway, reloader } = await start(vitessMode);
    files.crl = '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n';
    expect(reloader.hangUp()).toMatchObject({ users: 'taken', mysqlTls: 'kept' });
    await asAlice(gateway);
  });
});
