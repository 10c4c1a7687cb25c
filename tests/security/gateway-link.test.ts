import { afterEach, describe, expect, it } from 'vitest';
import { createRecorder } from '../../src-main/servers/recorder';
import { createGateway } from '../../src-main/servers/gateway';
import { createGrpcClient, queryMethods } from '../../src-main/servers/rpc';
import type { ClientTlsConfig, ServerTlsConfig } from '../../src-main/servers/tls';
import { connectMysql, gatewayConfig, refusal } from '../support/gateway-fixture';
import { createRelay } from '../support/relay';
import { createStubTablet, field, row } from '../support/stub-tablet';
import { createPki } from '../support/tls-identities';

/** The link between gateway and tablet, seen by somebody who sits on it. The tablet is a stub: the link is what is tested. */
const pki = createPki();
const tabletIdentity = pki.leaf({ name: 'tablet', purposes: ['serverAuth'] });
const gatewayIdentity = pki.leaf({ name: 'gateway', purposes: ['clientAuth'] });
const foreign = pki.leaf({ name: 'gateway', issuer: pki.stranger, purposes: ['clientAuth'] });
const impostor = pki.leaf({ name: 'tablet', issuer: pki.stranger, purposes: ['serverAuth'] });
const mutual: ServerTlsConfig = { cert: tabletIdentity.cert, key: tabletIdentity.key, clientCa: pki.root.pem };
const own: ClientTlsConfig = { ca: pki.root.pem, cert: gatewayIdentity.cert, key: gatewayIdentity.key };

const statement = 'select credit_card_number from customers where id = 4711';
const secretRow = 'VERY-SECRET-ROW-CONTENT';
const noTablet =
  'target: commerce.0.primary: no healthy tablet available for \'keyspace:"commerce" shard:"0" tablet_type:PRIMARY\'';

describe('the link from gateway to tablet', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const start = async (
    tabletTls: ServerTlsConfig | null,
    linkTls: ClientTlsConfig | null,
    recorder = createRecorder(),
  ) => {
    const tablet = await createStubTablet({
      ...(tabletTls === null ? {} : { tls: tabletTls }),
      answer: () => ({ fields: [field('n')], rows: [row(secretRow)] }),
    });
    ends.push(tablet.stop);
    const relay = await createRelay(tablet.port);
    ends.push(relay.close);
    const config = gatewayConfig(relay.port);
    const tablets = config.tablets.map((one) => ({ ...one, ...(linkTls === null ? {} : { tls: linkTls }) }));
    const gateway = await createGateway({ ...config, tablets }, { recorder });
    ends.push(() => gateway.stop({ graceMs: 0 }));
    const client = await connectMysql(gateway);
    client.on('error', () => undefined);
    ends.push(() => client.destroy());
    return { tablet, relay, gateway, client, recorder };
  };

  it('shows neither statement nor row nor caller to a relay, and the same relay sees all of it in plaintext', async () => {
    const closed = await start(mutual, own);
    const [rows] = await closed.client.query(statement);
    expect(rows).toEqual([{ n: secretRow }]);
    const overTls = closed.relay.bytes();
    expect(overTls.length).toBeGreaterThan(1000);
    for (const word of [statement, 'credit_card_number', '4711', secretRow, 'alice_data', 'queryservice']) {
      expect(overTls.includes(word)).toBe(false);
    }
    const open = await start(null, null);
    await open.client.query(statement);
    const plain = open.relay.bytes();
    for (const word of ['credit_card_number', '4711', secretRow, 'alice_data']) expect(plain.includes(word)).toBe(true);
  });

  it('fails the statement when it is cut, and works again when it is mended', async () => {
    const { client, relay } = await start(mutual, own);
    await client.query(statement);
    relay.cut();
    const failed = await refusal(client.query(statement));
    expect(failed).toMatchObject({ errno: 1105 });
    expect(failed?.message).toMatch(
      /^target: commerce\.0\.primary: (no healthy tablet available|vttablet: rpc error: code = Unavailable)/,
    );
    expect(await refusal(client.query(statement))).toEqual({ errno: 1105, sqlState: 'HY000', message: noTablet });
    relay.mend();
    await expect.poll(() => refusal(client.query(statement)), { timeout: 10_000 }).toBeNull();
  });

  it.each<[string, ServerTlsConfig | null, ClientTlsConfig | null, RegExp]>([
    ['the gateway has no certificate', mutual, { ca: pki.root.pem }, /certificate required/],
    [
      'the gateway has a certificate of a stranger',
      mutual,
      { ca: pki.root.pem, cert: foreign.cert, key: foreign.key },
      /./,
    ],
    [
      'the tablet is an impostor',
      { ...mutual, cert: impostor.cert, key: impostor.key },
      own,
      /certificate signed by unknown authority/,
    ],
    ['the tablet has another name', mutual, { ...own, serverName: 'other.example' }, /other\.example/],
    ['the gateway speaks plaintext', mutual, null, /./],
    ['the tablet speaks plaintext', null, own, /./],
  ])('does not come about when %s', async (_, tabletTls, linkTls, reason) => {
    const { client, tablet, recorder, relay } = await start(tabletTls, linkTls);
    expect(await refusal(client.query(statement))).toEqual({ errno: 1105, sqlState: 'HY000', message: noTablet });
    expect(tablet.calls).toEqual([]);
    expect(relay.bytes().includes('credit_card_number')).toBe(false);
    const peer = recorder.findByPeer(
      'gateway-1',
      `127.0.0.1:${(client as unknown as { connection: { stream: { localPort: number } } }).connection.stream.localPort}`,
    );
    const used = recorder.steps(peer ?? '').find(({ name }) => name === 'link.used');
    expect(used).toMatchObject({ part: 'link', outcome: 'failed' });
    expect(String(used?.data['failure'])).toMatch(reason);
  });

  it('is the only way: the same call without the gateway’s certificate never reaches a handler', async () => {
    const { tablet } = await start(mutual, own);
    const call = async (tls: ClientTlsConfig | undefined): Promise<unknown> => {
      const client = createGrpcClient({ host: '127.0.0.1', port: tablet.port, ...(tls === undefined ? {} : { tls }) });
      ends.push(() => client.close());
      const request = {
        immediateCallerId: { username: 'root', groups: [] },
        query: { sql: statement },
        target: { keyspace: 'commerce', shard: '0', tabletType: 1 },
      };
      return client.unary(queryMethods.Execute, request);
    };
    await expect(call(undefined)).rejects.toMatchObject({ code: 14 });
    await expect(call({ ca: pki.root.pem })).rejects.toMatchObject({ code: 14 });
    await expect(call({ ca: pki.root.pem, cert: foreign.cert, key: foreign.key })).rejects.toMatchObject({ code: 14 });
    expect(tablet.calls).toEqual([]);
    await call(own);
    expect(tablet.calls).toHaveLength(1);
  });

  it('is closed by new certificates that the tablet refuses', async () => {
    const { client, gateway } = await start(mutual, own);
    await client.query(statement);
    expect(() => gateway.update({ tabletTls: { ca: 'nonsense' } })).toThrow();
    await client.query(statement);
    gateway.update({ tabletTls: { ca: pki.root.pem, cert: foreign.cert, key: foreign.key } });
    await expect
      .poll(async () => (await refusal(client.query(statement)))?.message, { timeout: 10_000 })
      .toBe(noTablet);
  });
});
