import { createSecureContext } from 'node:tls';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vitessMethods, type MethodDefinition } from '../../../src-main/servers/rpc';
import { startCluster, type ClusterFixture } from '../../support/cluster-fixture';
import { createPki, type Identity } from '../../support/tls-identities';
import { installedPrograms } from '../backend/backend-fixture';

/** A foreign gRPC client (grpc-js) through gateway and tablet to a real MySQL: what ends, limits and outlives a call. */
const pki = createPki();
const serverId = pki.leaf({ name: 'gateway', purposes: ['serverAuth'] });
const renewedId = pki.leaf({ name: 'gateway renewed', purposes: ['serverAuth'] });
const goodId = pki.leaf({ name: 'good', purposes: ['clientAuth'] });
const badId = pki.leaf({ name: 'bad', purposes: ['clientAuth'] });
const [program] = await installedPrograms();
const session = { autocommit: true, targetString: 'commerce@primary' };

type Any = MethodDefinition<unknown, unknown>;
type Ended = { readonly code: number; readonly message: string; readonly answer: unknown };

describe.runIf(program !== undefined)('gRPC from end to end', () => {
  let cluster: ClusterFixture;
  const clients: Client[] = [];
  beforeAll(async () => {
    cluster = await startCluster({
      program: program!,
      gateway: {
        mysql: null,
        grpc: {
          listen: { host: '127.0.0.1', port: 0 },
          authMode: '',
          tls: { cert: serverId.cert, key: serverId.key, clientCa: pki.root.pem },
        },
      },
    });
    await cluster.atMysql('create table t1 (a int)', 'insert into t1 values (1)');
    await cluster.tablet.reloadSchema();
  }, 120_000);
  afterAll(async () => {
    for (const client of clients) client.close();
    await (cluster as ClusterFixture | undefined)?.stop();
  });

  const dial = (port: number, { cert, key }: Identity, name: string): Client => {
    const context = createSecureContext({ ca: pki.root.pem, cert, key });
    const client = new Client(
      `127.0.0.1:${port}`,
      credentials.createFromSecureContext(context, { checkServerIdentity: () => undefined }),
      {
        'grpc.ssl_target_name_override': name,
        'grpc.enable_retries': 0,
        'grpc.max_receive_message_length': 64 * 1024 * 1024,
        'grpc.max_send_message_length': 64 * 1024 * 1024,
        'grpc.use_local_subchannel_pool': 1,
      },
    );
    clients.push(client);
    return client;
  };
  const gatewayClient = (identity: Identity): Client => dial(cluster.gateway.grpc!.port, identity, 'gateway');

  /** A unary call as grpc-js makes it. */
  function begin(client: Client, method: unknown, request: unknown, deadlineMs = 30_000) {
    const { path, request: input, response } = method as Any;
    let cancel = (): void => undefined;
    const ended = new Promise<Ended>((resolve) => {
      const call = client.makeUnaryRequest(
        path,
        (message: unknown) => Buffer.from(input.encode(message)),
        (bytes: Buffer) => response.decode(bytes),
        request,
        { deadline: Date.now() + deadlineMs },
        (error: ServiceError | null, answer: unknown) =>
          resolve({ code: error?.code ?? 0, message: error?.details ?? '', answer }),
      );
      cancel = () => call.cancel();
    });
    return { ended, cancel: () => cancel() };
  }
  const execute = (client: Client, sql: string, deadlineMs?: number) =>
    begin(client, vitessMethods.Execute, { session, query: { sql } }, deadlineMs);

  const running = async (marker: string): Promise<number> => {
    const [rows] = await cluster.atMysql(
      `select count(*) as n from information_schema.processlist where info like 'select%${marker}%' and info not like '%processlist%'`,
    );
    return Number(
      (rows as unknown as { n: number }[] | { n: number })['0' as never]?.['n'] ?? (rows as { n: number }).n,
    );
  };

  it.each([
    // Long enough for a busy machine to see the statement run before it ends.
    ['a deadline', 5000, false],
    ['a cancellation', 30_000, true],
  ])(
    '%s ends the statement in MySQL',
    async (what, deadlineMs, cancels) => {
      const marker = what.replace(' ', '_');
      const client = gatewayClient(goodId);
      // Dialling counts against no deadline.
      expect((await execute(client, 'select a from t1').ended).code).toBe(0);
      const { ended, cancel } = execute(client, `select sleep(60) as ${marker} from t1`, deadlineMs);
      await expect.poll(() => running(marker), { timeout: 20_000 }).toBe(1);
      if (cancels) cancel();
      expect((await ended).code).toBe(cancels ? 1 : 4);
      await expect.poll(() => running(marker), { timeout: 20_000 }).toBe(0);
      expect((await execute(gatewayClient(goodId), 'select a from t1').ended).code).toBe(0);
    },
    60_000,
  );

  it('messages above 16 MiB are refused in both directions with gRPC’s words', async () => {
    const client = gatewayClient(goodId);
    const sent = await execute(client, `select '${'x'.repeat(17 * 1024 * 1024)}' from t1`).ended;
    expect(sent).toMatchObject({
      code: 8,
      message: expect.stringMatching(/^grpc: received message larger than max \(\d+ vs\. 16777216\)$/) as string,
    });
    const { code, answer } = await execute(client, 'select repeat(0x78, 9437184), repeat(0x79, 9437184) from t1').ended;
    expect(code).toBe(0);
    const { error } = answer as { readonly error: { readonly code: number; readonly message: string } | null };
    expect(error?.code).toBe(8);
    expect(error?.message).toMatch(
      /^target: commerce\.0\.primary: vttablet: rpc error: code = ResourceExhausted desc = grpc: trying to send message larger than max \(\d+ vs\. 16777216\)/,
    );
    expect((await execute(client, 'select a from t1').ended).code).toBe(0);
  });

  it('new certificates and a revocation lose no call of those who stay, and end the revoked peer', async () => {
    const good = gatewayClient(goodId);
    const bad = gatewayClient(badId);
    expect((await execute(bad, 'select a from t1').ended).code).toBe(0);
    const before = cluster.gateway.stats.statements;
    let ends = false;
    const failures: Ended[] = [];
    let calls = 0;
    const load = Promise.all(
      [1, 2, 3, 4].map(async () => {
        while (!ends) {
          const outcome = await execute(good, 'select a from t1').ended;
          calls += 1;
          if (outcome.code !== 0) failures.push(outcome);
        }
      }),
    );
    const slow = execute(good, 'select sleep(1) from t1');
    const doomed = execute(bad, 'select sleep(20) as doomed from t1');
    await expect.poll(() => running('doomed'), { timeout: 5000 }).toBe(1);
    await expect.poll(() => calls, { timeout: 5000 }).toBeGreaterThan(20);
    const next = { cert: renewedId.cert, key: renewedId.key, clientCa: pki.root.pem };
    expect(() =>
      cluster.gateway.update({ grpcTls: { ...next, crl: '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n' } }),
    ).toThrow();
    cluster.gateway.update({ grpcTls: { ...next, crl: pki.crl(pki.root, badId) } });
    expect((await doomed.ended).code).toBe(14);
    await expect.poll(() => running('doomed'), { timeout: 5000 }).toBe(0);
    expect((await execute(bad, 'select a from t1').ended).code).toBe(14);
    const reached = calls;
    await expect.poll(() => calls, { timeout: 5000 }).toBeGreaterThan(reached + 20);
    expect((await slow.ended).code).toBe(0);
    ends = true;
    await load;
    expect(failures).toEqual([]);
    expect(cluster.gateway.stats.statements).toBeGreaterThan(before + 40);
    // Whoever comes now sees the new certificate.
    const renewed = dial(cluster.gateway.grpc!.port, goodId, 'gateway renewed');
    expect((await execute(renewed, 'select a from t1').ended).code).toBe(0);
  });
});
