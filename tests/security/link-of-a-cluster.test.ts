import { readFile } from 'node:fs/promises';
import { createConnection, type Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGateway, type Gateway } from '../../src-main/servers/gateway';
import { createGrpcClient, GrpcStatusError, queryMethods } from '../../src-main/servers/rpc';
import type { Cluster } from '../../src-main/services/cluster/cluster';
import { gatewayConfig } from '../../src-main/services/cluster/gateway-config';
import { clientTls } from '../../src-main/services/cluster/tls-files';
import { refusal } from '../support/gateway-fixture';
import { createRelay } from '../support/relay';
import { createFleet, makeWorkspace, type MadeWorkspace } from '../support/workspace';
import { installedPrograms } from '../wire/backend/backend-fixture';

/**
 * Somebody sits on the link between the shop's gateway and its tablet, both as a workspace starts them, in front of a
 * real database: nothing is to be read there, and nothing gets in without the gateway's certificate.
 */
const [program] = await installedPrograms();
const busy = 120_000;
const statement = "select name, email from customers where name = 'Customer 77'";
const inClear = ['select', 'customers', 'Customer 77', 'customer77@shop.example', 'shop_web', 'queryservice', 'email'];

describe.runIf(program !== undefined)('the link of the shop', () => {
  const fleet = createFleet();
  let made: MadeWorkspace;
  let cluster: Cluster;
  let relay: Awaited<ReturnType<typeof createRelay>>;
  let gateway: Gateway;
  let web: Connection;

  beforeAll(async () => {
    made = await makeWorkspace('shop');
    cluster = await fleet.start(await made.load(), program!);
    const { topology, files } = cluster.workspace;
    relay = await createRelay(cluster.tablets[0]!.address.port);
    const root = 'pki/root/ca-cert.pem';
    const main = topology.gateways.find(({ name }) => name === 'main')!;
    const [tablet] = topology.tablets;
    // The shop's own gateway once more, with the relay in the place of the tablet.
    gateway = await createGateway(
      gatewayConfig(
        cluster.workspace,
        { ...main, mysql: { ...main.mysql!, unixSocket: false } },
        [{ ...tablet!, host: '127.0.0.1', port: relay.port }],
        { next: () => 0 },
      ),
    );
    web = await createConnection({
      host: 'localhost',
      port: gateway.mysql!.port,
      user: 'web',
      password: cluster.secrets.get('users/web')!.reveal(),
      database: 'shop',
      ssl: { ca: (files.get(root) ?? cluster.workspace.certificates.get(root)!).toString() },
    });
    web.on('error', () => undefined);
  }, busy);
  afterAll(async () => {
    web.destroy();
    await gateway.stop({ graceMs: 0 });
    await relay.close();
    await fleet.stop();
    await made.remove();
  }, busy);

  it('shows no statement, no row, no caller and no denial to who sits on it', async () => {
    expect((await web.query(statement))[0]).toEqual([{ name: 'Customer 77', email: 'customer77@shop.example' }]);
    expect(await refusal(web.query('select amount_cents from payments'))).toMatchObject({ errno: 1045 });
    const bytes = relay.bytes();
    expect(bytes.length).toBeGreaterThan(2_000);
    for (const word of [...inClear, 'payments', 'denied']) expect([word, bytes.includes(word)]).toEqual([word, false]);
  });

  it('fails the statement when it is cut, and works again when it is mended', async () => {
    relay.cut();
    expect((await refusal(web.query(statement)))?.message).toMatch(
      /^target: shop\.0\.primary: (no healthy tablet available|vttablet: rpc error: code = Unavailable)/,
    );
    relay.mend();
    await expect.poll(() => refusal(web.query(statement)), { timeout: 20_000 }).toBeNull();
  });

  it('is closed to the same call without the gateway’s certificate, or with a caller’s', async () => {
    const { files, topology, certificates } = cluster.workspace;
    const link = clientTls(files, topology.gateways.find(({ name }) => name === 'main')!.tabletLink)!;
    const { port } = cluster.tablets[0]!.address;
    const call = async (tls: typeof link | undefined): Promise<unknown> => {
      const client = createGrpcClient({ host: '127.0.0.1', port, ...(tls === undefined ? {} : { tls }) });
      try {
        const { result } = await client.unary(queryMethods.Execute, {
          immediateCallerId: { username: 'shop_web', groups: [] },
          target: { keyspace: 'shop', shard: '0', tabletType: 1 },
          query: { sql: statement },
        });
        return result?.rows?.length;
      } catch (error) {
        if (error instanceof GrpcStatusError) return error.code;
        throw error;
      } finally {
        await client.close();
      }
    };
    expect(await call(link)).toBe(1);
    const { ca, serverName } = link;
    const named = { ...(ca === undefined ? {} : { ca }), ...(serverName === undefined ? {} : { serverName }) };
    // The gateway itself asks for the schema now and then.
    const statements = async (): Promise<number> =>
      (await cluster.tablets[0]!.report()).queryLog.filter((line) => line.startsWith('Execute\t')).length;
    const before = await statements();
    expect(before).toBeGreaterThan(0);
    expect(await call(undefined)).toBe(14);
    expect(await call(named)).toBe(14);
    const cert = certificates.get('pki/callers/auditor-cert.pem')!.toString();
    const key = await readFile(`${made.dir}/pki/callers/auditor-key.pem`, 'utf8');
    expect(await call({ ...named, cert, key })).toBe(14);
    expect(await statements()).toBe(before);
  });
});
