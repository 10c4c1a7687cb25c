import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComparisonData, TestRequest } from '../../../src-main/contract/areas/test';
import { plainText } from '../../../src-main/domain/trace';
import { installedPrograms } from '../backend/backend-fixture';
import { openTests, type OpenTests } from '../../support/test-service';
import { makeWorkspace, type MadeWorkspace } from '../../support/workspace';

/** Two transports side by side, with what a listener between client and gateway really read of each. */
const [program] = await installedPrograms();
const busy = 120_000;
const sql = "select id, name, 'a-marker-in-the-answer' as marker from customers where id = 7";

const request = (more: Partial<TestRequest> = {}): TestRequest => ({
  caller: 'web',
  gateway: 'main',
  user: 'web',
  password: { kind: 'saved' },
  certificate: null,
  claimed: null,
  transport: 'mysql-plain',
  serverName: 'localhost',
  trust: 'pki/root/ca-cert.pem',
  sql,
  ...more,
});
const shown = (comparison: ComparisonData, side: 0 | 1): string =>
  comparison.sides[side].wire!.excerpts.map(({ lines }) => lines.map(({ text }) => text).join('')).join(' ');
const row = (comparison: ComparisonData, id: string) => comparison.rows.find((one) => one.id === id)!;

describe.runIf(program !== undefined)('side by side', () => {
  let made: MadeWorkspace;
  let open: OpenTests;

  beforeAll(async () => {
    made = await makeWorkspace('shop');
    open = await openTests(made.dir, program!);
    await open.document.edit('Let plaintext in', async (dir) => {
      const path = join(dir, 'gatehouse.json');
      const text = await readFile(path, 'utf8');
      await writeFile(
        path,
        text
          .replace('"requireSecureTransport": true', '"requireSecureTransport": false')
          .replace('"authMode": "static"', '"optionalTls": true, "authMode": "static"'),
      );
      await writeFile(join(made.dir, 'gatehouse.json'), await readFile(path));
    });
    await open.cluster.start();
  }, busy);
  afterAll(async () => {
    await open.close();
    await made.remove();
  }, busy);

  it('without TLS the listener reads the statement and the row, with TLS nothing', async () => {
    const comparison = await open.test.compare(request(), ['mysql-plain', 'mysql-tls-verified']);
    const [plain, tls] = comparison.sides;
    expect(comparison.title).toBe('Both are allowed. Without TLS anyone on the way reads the statement and the row.');
    expect(plain.wire!.reads).toEqual({ statement: true, answer: true, user: true, password: 'hash' });
    expect(tls.wire!.reads).toEqual({ statement: false, answer: false, user: false, password: 'sealed' });
    expect(shown(comparison, 0)).toContain('.select id, name');
    expect(plain.wire!.excerpts[0]!.lines[0]).toEqual({
      hex: ['03', '73', '65', '6c', '65', '63', '74', '20'],
      text: '.select ',
    });
    expect(tls.wire!.excerpts[0]!.lines[0]!.hex.slice(0, 3)).toEqual(['17', '03', '03']);
    expect(shown(comparison, 1)).not.toContain('select');
    expect(plain.wire!.bytes.client).toBeGreaterThan(100);
    const [mysql] = open.cluster.require().addresses.gateways;
    expect(plainText(row(comparison, 'connection').cells[0][0]!.text)).toBe(`TCP to 127.0.0.1:${mysql!.mysql!.port}`);
    // The gateway's own record was found, though the tap stands between: every hop is there on both sides.
    for (const { trace } of comparison.sides) expect(trace.hops.map(({ mark }) => mark)).not.toContain('not-recorded');
    expect(row(comparison, 'connection')).toMatchObject({ differs: true });
    expect(row(comparison, 'who')).toMatchObject({ differs: false });
    expect(row(comparison, 'may')).toMatchObject({ differs: false });
    expect(comparison.remedies[0]).toMatchObject([
      {
        label: 'Require TLS at the gateway',
        edit: { kind: 'topology.set', path: ['gateways', 0, 'mysql', 'requireSecureTransport'], value: true },
      },
    ]);
    expect(comparison.remedies[1]).toEqual([]);
    expect(row(comparison, 'ways').cells[1].map(({ text }) => plainText(text))).toEqual(['Nothing to do.']);
  });

  it('never shows the password, neither over MySQL nor in the head of a gRPC call', async () => {
    const batch = request({
      caller: 'batch',
      user: 'batch',
      claimed: { principal: 'catalogue-sync', groups: [] },
      sql: 'select id, name from products where id = 7',
    });
    const grpc = await open.test.compare(batch, ['grpc-plain', 'grpc-tls']);
    expect(grpc.sides[0].wire!.reads).toEqual({ statement: true, answer: true, user: true, password: 'readable' });
    expect(grpc.sides[1].wire!.reads).toMatchObject({ statement: false, password: 'sealed' });
    expect(grpc.title).toBe(
      'Both are allowed. Over gRPC without TLS anyone on the way reads the password, the statement and the row.',
    );
    expect(row(grpc, 'wire').cells[0].map(({ text }) => plainText(text))).toContain('Password, readable');
    expect(shown(grpc, 0)).toContain('select id, name from products');
    const mysql = await open.test.compare(request(), ['mysql-plain', 'mysql-unix']);
    for (const comparison of [grpc, mysql]) {
      const text = JSON.stringify(comparison);
      const bytes = Buffer.from(
        comparison.sides
          .flatMap(({ wire }) => wire!.excerpts.flatMap(({ lines }) => lines.flatMap(({ hex }) => hex)))
          .join(''),
        'hex',
      );
      for (const name of open.document.secrets.names()) {
        const secret = open.document.secrets.get(name)!.reveal();
        expect(text.includes(secret)).toBe(false);
        expect(bytes.includes(secret)).toBe(false);
      }
    }
  });

  it('masks the password in the bytes of a statement that holds it', async () => {
    const secret = open.document.secrets.get('users/web')!.reveal();
    const typed = request({
      password: { kind: 'typed', text: secret },
      sql: `select '${secret}' as q`,
    });
    const comparison = await open.test.compare(typed, ['mysql-plain', 'mysql-tls']);
    const [excerpt] = comparison.sides[0].wire!.excerpts;
    expect(excerpt!.lines.flatMap(({ hex }) => hex)).toContain('••');
    const hex = excerpt!.lines
      .flatMap(({ hex: bytes }) => bytes)
      .filter((byte) => byte !== '••')
      .join('');
    expect(Buffer.from(hex, 'hex').includes(secret)).toBe(false);
  });

  it('says what differs when one way is refused', async () => {
    const comparison = await open.test
      .compare(request({ transport: 'grpc-plain', user: 'web', caller: 'web' }), [
        'mysql-tls-verified',
        'mysql-mutual-tls',
      ])
      .catch((error: unknown) => (error as { failure: { code: string } }).failure.code);
    expect(comparison).toBe('test.certificate');
    const certs = request({
      gateway: 'certs',
      user: 'billing',
      caller: 'billing',
      certificate: 'pki/callers/billing-cert.pem',
      sql: 'select id from payments where id = 7',
      password: { kind: 'empty' },
    });
    const both = await open.test.compare(certs, ['mysql-tls-verified', 'mysql-mutual-tls']);
    expect(both.title).toBe('With verified TLS it is refused, with mutual TLS allowed.');
    expect(row(both, 'answer').differs).toBe(true);
  });

  it('keeps the comparison without what was read of the rows', async () => {
    const comparison = await open.test.compare(request(), ['mysql-plain', 'mysql-tls-verified']);
    const disk = await readFile(join(made.dir, '.gatehouse', 'runs', `${comparison.runId}.json`), 'utf8');
    expect(disk).not.toContain('Customer 7');
    expect(
      (JSON.parse(disk) as { comparison: ComparisonData }).comparison.sides[0].wire!.excerpts.map(({ what }) => what),
    ).toEqual(['statement']);
  });
});
