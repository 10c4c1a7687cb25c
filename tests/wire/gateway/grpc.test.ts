import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseGrpcUsersFile } from '../../../src-main/domain/users';
import { createGateway, type Gateway, type GatewayGrpcConfig } from '../../../src-main/servers/gateway';
import {
  createGrpcClient,
  GrpcStatusError,
  vitessMethods,
  type GrpcClient,
  type vtgate,
} from '../../../src-main/servers/rpc';
import type { ClientTlsConfig } from '../../../src-main/servers/tls';
import { gatewayConfig, vitessMode } from '../../support/gateway-fixture';
import { createStubTablet, field, row, type StubTablet } from '../../support/stub-tablet';
import { createPki } from '../../support/tls-identities';

/** vtgateservice.Vitess: sessions in the client's hands, errors in-band and as status, who the caller is. */
const pki = createPki();
const server = pki.leaf({ name: 'gateway' });
const client1 = pki.leaf({ name: 'client1', dnsNames: ['dev', 'ops'] });
const nameless = pki.leaf({ name: '', dnsNames: ['dev'] });
const tls = { cert: server.cert, key: server.key };
const mutual = { ...tls, clientCa: pki.root.pem };
const deniedText = "Select command denied to user 'x' for table 'secret' (ACL check error) (CallerID: x)";

describe('gRPC', () => {
  let tablet: StubTablet;
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    tablet = await createStubTablet({
      answer(sql) {
        if (/secret/.test(sql)) return new GrpcStatusError(7, deniedText);
        if (/^insert/.test(sql)) return { rowsAffected: 1n, insertId: 9n, insertIdChanged: true };
        return { fields: [field('n', 265)], rows: [row('1'), row('2')] };
      },
    });
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    tablet.taken();
  });
  afterAll(() => tablet.stop());

  const start = async (grpc: Partial<GatewayGrpcConfig> = {}): Promise<Gateway> => {
    const listen = { host: '127.0.0.1', port: 0 };
    const gateway = await createGateway(
      gatewayConfig(tablet.port, { mysql: null, grpc: { listen, authMode: '', ...grpc } }),
    );
    ends.push(() => gateway.stop({ graceMs: 0 }));
    return gateway;
  };
  const dial = (
    gateway: Gateway,
    clientTls?: ClientTlsConfig,
    credentials?: { username: string; password: string },
  ): GrpcClient => {
    const { host, port } = gateway.grpc as { host: string; port: number };
    const client = createGrpcClient({
      host,
      port,
      ...(clientTls === undefined ? {} : { tls: clientTls }),
      ...(credentials === undefined ? {} : { credentials }),
    });
    ends.push(() => client.close());
    return client;
  };
  const session: vtgate.ISession = { autocommit: true, targetString: 'commerce@primary' };
  const select = { sql: 'select n from t1' };

  it('executes and gives the session back', async () => {
    const client = dial(await start());
    const answer = await client.unary(vitessMethods.Execute, { session, query: select });
    expect(answer.error).toBeNull();
    expect(answer.result?.rows.map((one) => one.values.toString())).toEqual(['1', '2']);
    expect(answer.session).toMatchObject({ autocommit: true, targetString: 'commerce@primary', foundRows: 2n });
    const inserted = await client.unary(vitessMethods.Execute, {
      session: answer.session,
      query: { sql: 'insert into t1 values (1)' },
    });
    expect(inserted.session).toMatchObject({ lastInsertId: 9n, rowCount: 1n });
  });

  it('holds transactions in the client-held session', async () => {
    const client = dial(await start());
    const begun = await client.unary(vitessMethods.Execute, { session, query: { sql: 'begin' } });
    expect(begun.session?.inTransaction).toBe(true);
    const inserted = await client.unary(vitessMethods.Execute, {
      session: begun.session,
      query: { sql: 'insert into t1 values (1)' },
    });
    const id = inserted.session?.shardSessions[0]?.transactionId;
    expect(id).toBeGreaterThan(0n);
    const done = await client.unary(vitessMethods.Execute, { session: inserted.session, query: { sql: 'commit' } });
    expect(done.session).toMatchObject({ inTransaction: false, shardSessions: [] });
    expect(tablet.calls.map(({ rpc, request }) => [rpc, request.transactionId ?? 0n])).toEqual([
      ['BeginExecute', 0n],
      ['Commit', id],
    ]);
  });

  it('releases what CloseSession names', async () => {
    const client = dial(await start());
    const begun = await client.unary(vitessMethods.Execute, {
      session: { ...session, inTransaction: true },
      query: select,
    });
    tablet.taken();
    await client.unary(vitessMethods.CloseSession, { session: begun.session });
    expect(tablet.taken()).toEqual(['Release']);
  });

  it('reports errors of unary calls in the response', async () => {
    const client = dial(await start());
    const answer = await client.unary(vitessMethods.Execute, { session, query: { sql: 'select a from secret' } });
    expect(answer.error).toMatchObject({
      code: 7,
      message: `target: commerce.0.primary: vttablet: rpc error: code = PermissionDenied desc = ${deniedText}`,
    });
    expect(answer.session).toMatchObject({ targetString: 'commerce@primary' });
    const unknown = await client.unary(vitessMethods.Execute, { session: { targetString: 'nosuch' }, query: select });
    expect(unknown.error).toMatchObject({ code: 5, message: "VT05003: unknown database 'nosuch' in vschema" });
  });

  it('streams rows and then the session; errors of streams are the status, after the session', async () => {
    const client = dial(await start());
    const seen: string[] = [];
    for await (const { result, session: held } of client.stream(vitessMethods.StreamExecute, {
      session,
      query: select,
    })) {
      if (held !== null) seen.push('session');
      else if (result !== null) seen.push(result.fields.length > 0 ? 'fields' : `${result.rows.length} row`);
    }
    expect(seen).toEqual(['fields', '1 row', '1 row', 'session']);
    const failing: string[] = [];
    const stream = async (): Promise<void> => {
      for await (const { session: held } of client.stream(vitessMethods.StreamExecute, {
        session,
        query: { sql: 'select a from secret' },
      })) {
        failing.push(held === null ? 'result' : 'session');
      }
    };
    await expect(stream()).rejects.toMatchObject({
      code: 7,
      message: `target: commerce.0.primary: vttablet: rpc error: code = PermissionDenied desc = ${deniedText}`,
    });
    expect(failing).toEqual(['session']);
  });

  it('runs a batch: each statement has its own result or error, and none stops those behind it', async () => {
    const client = dial(await start());
    const { error, results, session } = await client.unary(vitessMethods.ExecuteBatch, {
      session: { autocommit: true, targetString: 'commerce' },
      queries: [{ sql: 'select 1 from t1' }, { sql: 'use nosuch' }, { sql: 'set sql_select_limit = 7' }],
    });
    expect(error).toBeNull();
    expect(results.map((one) => one.error?.message ?? 'ok')).toEqual([
      'ok',
      "VT05003: unknown database 'nosuch' in vschema",
      'ok',
    ]);
    expect(session?.options?.sqlSelectLimit).toBe(7n);
  });

  it('runs several statements of one text until one fails', async () => {
    const client = dial(await start());
    const session = { autocommit: true, targetString: 'commerce' };
    const sql = 'select 1 from t1; use nosuch; select 2 from t1';
    const answer = await client.unary(vitessMethods.ExecuteMulti, { session, sql });
    expect(answer.results).toHaveLength(1);
    expect(answer.error?.message).toBe("VT05003: unknown database 'nosuch' in vschema");
    const empty = await client.unary(vitessMethods.ExecuteMulti, { session, sql: ' ' });
    expect(empty.error).toMatchObject({ code: 3, message: 'Query was empty' });
    const seen: unknown[] = [];
    for await (const { result, newResult, moreResults, session: back } of client.stream(
      vitessMethods.StreamExecuteMulti,
      { session, sql },
    ))
      seen.push(back === null ? [result?.error?.message ?? 'rows', newResult, moreResults] : 'session');
    expect(seen.filter((one) => JSON.stringify(one) !== '["rows",false,true]')).toEqual([
      ['rows', true, true],
      ["VT05003: unknown database 'nosuch' in vschema (errno 1049) (sqlstate 42000)", true, false],
      'session',
    ]);
  });

  it('prepares: columns and number of parameters', async () => {
    const client = dial(await start());
    const session = { autocommit: true, targetString: 'commerce' };
    const ask = (sql: string) => client.unary(vitessMethods.Prepare, { session, query: { sql } });
    tablet.taken();
    expect(await ask('select name from t1 where id = ? and n > ?')).toMatchObject({ error: null, paramsCount: 2 });
    expect(tablet.taken()).toEqual(['Execute: select `name` from t1 where 1 != 1']);
    expect(await ask('insert into t1 (name) values (?)')).toMatchObject({ fields: [], paramsCount: 1, error: null });
    expect(await ask('lock tables t1 read')).toMatchObject({ error: { code: 13 } });
    expect(tablet.taken()).toEqual([]);
  });

  it('refuses change streams cleanly, and requests without a statement as vtgate does', async () => {
    const client = dial(await start());
    const all = async (answers: AsyncIterable<unknown>): Promise<void> => {
      for await (const _ of answers) void _;
    };
    await expect(all(client.stream(vitessMethods.VStream, {}))).rejects.toMatchObject({ code: 3 });
    const vgtid = { shardGtids: [{ keyspace: 'commerce', shard: '0', gtid: 'current' }] };
    await expect(all(client.stream(vitessMethods.VStream, { vgtid }))).rejects.toMatchObject({ code: 12 });
    await expect(all(client.stream(vitessMethods.BinlogDumpGTID, {}))).rejects.toMatchObject({
      code: 9,
      message: 'binlog dump is disabled',
    });
    for (const method of [vitessMethods.Execute, vitessMethods.Prepare])
      await expect(client.unary(method as typeof vitessMethods.Execute, {})).rejects.toMatchObject({
        code: 2,
        message: expect.stringContaining('nil pointer dereference') as string,
      });
  });

  const claimed = { principal: 'eve', component: 'c', subcomponent: 's', groups: ['eg1'] };
  const overCertificate: ClientTlsConfig = { ca: pki.root.pem, cert: client1.cert, key: client1.key };
  const withoutName: ClientTlsConfig = { ca: pki.root.pem, cert: nameless.cert, key: nameless.key };
  it.each<[string, Partial<GatewayGrpcConfig>, ClientTlsConfig | undefined, { username: string; groups: string[] }]>([
    ['nobody over plaintext', {}, undefined, { username: 'unsecure_grpc_client', groups: [] }],
    ['TLS that asks for no certificate', { tls }, overCertificate, { username: 'unsecure_grpc_client', groups: [] }],
    ['a certificate', { tls: mutual }, overCertificate, { username: 'client1', groups: ['dev', 'ops'] }],
    [
      'a certificate, whatever is claimed',
      { tls: mutual, useEffectiveCallerId: true, useEffectiveGroups: true },
      overCertificate,
      { username: 'client1', groups: ['dev', 'ops'] },
    ],
    ['a claim that counts', { useEffectiveCallerId: true }, undefined, { username: 'eve', groups: [] }],
    [
      'a claim with groups',
      { useEffectiveCallerId: true, useEffectiveGroups: true },
      undefined,
      { username: 'eve', groups: ['eg1'] },
    ],
    ['groups alone', { useEffectiveGroups: true }, undefined, { username: 'unsecure_grpc_client', groups: [] }],
    [
      'a certificate without a name, with a claim',
      { tls: mutual, useEffectiveCallerId: true },
      withoutName,
      { username: 'eve', groups: ['dev'] },
    ],
  ])('takes the caller from %s', async (_, grpc, clientTls, expected) => {
    const client = dial(await start(grpc), clientTls);
    await client.unary(vitessMethods.Execute, { session, query: select, callerId: claimed });
    const { immediateCallerId, effectiveCallerId } = tablet.calls[0]?.request ?? {};
    expect({ username: immediateCallerId?.username, groups: immediateCallerId?.groups }).toEqual(expected);
    expect(effectiveCallerId).toMatchObject(claimed);
  });

  const passwords = parseGrpcUsersFile(Buffer.from('[{"Username":"svc","Password":"pw"}]'), {
    file: 'grpc.json',
    fidelity: vitessMode,
  }).users;
  it('asks for user name and password', async () => {
    const gateway = await start({
      authMode: 'static',
      staticUsers: passwords ?? { users: [] },
      useStaticAuthenticationCallerId: true,
    });
    const call = (client: GrpcClient) => client.unary(vitessMethods.Execute, { session, query: select });
    await expect(call(dial(gateway))).rejects.toMatchObject({
      code: 16,
      message: 'username and password must be provided',
    });
    await expect(call(dial(gateway, undefined, { username: 'svc', password: 'x' }))).rejects.toMatchObject({
      code: 7,
      message: 'auth failure: caller "svc" provided invalid credentials',
    });
    expect(tablet.calls).toEqual([]);
    await call(dial(gateway, undefined, { username: 'svc', password: 'pw' }));
    expect(tablet.calls[0]?.request.immediateCallerId?.username).toBe('svc');
  });

  it('asks for an allowed subject', async () => {
    const call = (client: GrpcClient) => client.unary(vitessMethods.Execute, { session, query: select });
    const strict = await start({ tls: mutual, authMode: 'mtls', mtlsSubstrings: 'CN=other:CN=client2' });
    await expect(call(dial(strict, overCertificate))).rejects.toMatchObject({
      code: 16,
      message: 'client certificate not authorized',
    });
    expect(tablet.calls).toEqual([]);
    const open = await start({ tls: mutual, authMode: 'mtls', mtlsSubstrings: 'CN=client1' });
    await call(dial(open, overCertificate));
    expect(tablet.calls).toHaveLength(1);
    const plain = await start({ authMode: 'mtls', mtlsSubstrings: 'CN=client1' });
    await expect(call(dial(plain))).rejects.toMatchObject({ code: 16, message: 'not connected via TLS' });
  });

  it('speaks both on one port with optional TLS, and mtls refuses plaintext there', async () => {
    const gateway = await start({ tls: mutual, optionalTls: true });
    await dial(gateway).unary(vitessMethods.Execute, { session, query: select });
    await dial(gateway, overCertificate).unary(vitessMethods.Execute, { session, query: select });
    expect(tablet.calls.map(({ request }) => request.immediateCallerId?.username)).toEqual([
      'unsecure_grpc_client',
      'client1',
    ]);
  });
});
