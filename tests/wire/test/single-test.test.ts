import { createPrivateKey } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestRequest, TraceData } from '../../../src-main/contract/areas/test';
import { plainText, traceReport } from '../../../src-main/domain/trace';
import { installedPrograms } from '../backend/backend-fixture';
import { openTests, type OpenTests } from '../../support/test-service';
import { makeWorkspace, type MadeWorkspace } from '../../support/workspace';

/** Single tests over real connections: every hop in the words of its own part. */
const [program] = await installedPrograms();
const busy = 120_000;

const request = (more: Partial<TestRequest>): TestRequest => ({
  caller: 'web',
  gateway: 'main',
  user: 'web',
  password: { kind: 'saved' },
  certificate: null,
  claimed: null,
  transport: 'mysql-tls-verified',
  serverName: 'localhost',
  trust: 'pki/root/ca-cert.pem',
  sql: 'select id, name from customers where id = 7',
  ...more,
});
const certified = (more: Partial<TestRequest>): TestRequest =>
  request({
    gateway: 'certs',
    transport: 'mysql-mutual-tls',
    caller: 'billing',
    user: 'billing',
    sql: 'select id, amount_cents from payments where id = 7',
    ...more,
  });

const hop = (trace: TraceData, id: string) => trace.hops.find((one) => one.id === id)!;
const steps = (trace: TraceData, id: string): string[] =>
  hop(trace, id).steps.map(({ mark, text }) => `${mark}: ${plainText(text)}`);
const marks = (trace: TraceData): string => trace.hops.map(({ mark }) => mark).join(' ');
const why = (trace: TraceData, id: string): string => hop(trace, id).why.map(plainText).join(' ');

describe.runIf(program !== undefined)('a single test of the shop', () => {
  let made: MadeWorkspace;
  let open: OpenTests;

  beforeAll(async () => {
    made = await makeWorkspace('shop');
    open = await openTests(made.dir, program!);
    await open.cluster.start();
  }, busy);
  afterAll(async () => {
    await open.close();
    await made.remove();
  }, busy);

  /** Runs a test and checks what holds for every trace: no secret in it, and a report that begins as it must. */
  const run = async (asked: TestRequest): Promise<TraceData> => {
    const trace = await open.test.single(asked);
    const text = JSON.stringify(trace) + traceReport(trace);
    const users = await readFile(join(made.dir, 'users.json'), 'utf8');
    const hashes = [...users.matchAll(/\*([0-9A-F]{40,64})"/g)].map(([, hash]) => hash!);
    expect(hashes.length).toBeGreaterThan(5);
    for (const name of open.document.secrets.names())
      expect(text.includes(open.document.secrets.get(name)!.reveal())).toBe(false);
    for (const hash of hashes) expect(text.includes(hash)).toBe(false);
    expect(text).not.toContain('PRIVATE KEY');
    expect(traceReport(trace)).toMatch(
      /^Gatehouse trace \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \w+ .*: (ALLOWED|DENIED at tablet|REFUSED at \w+|WOULD BE DENIED)/,
    );
    expect(trace.hops.map(({ id }) => id)).toEqual(['A', 'B', 'C', 'D', 'E']);
    return trace;
  };

  it('that is allowed shows both chains, the entry, the name, the list and the rows', async () => {
    const trace = await run(request({}));
    expect(trace).toMatchObject({
      verdict: 'allowed',
      title: 'Allowed',
      stoppedAt: null,
      asExpected: true,
      asPredicted: true,
    });
    expect(plainText(trace.sentence)).toBe(
      'shop_web reads customers and is among its readers. MySQL answered with 1 row.',
    );
    expect(marks(trace)).toBe('passed passed passed passed passed');
    expect(trace.protection).toEqual({ A: 'tls', C: 'mutual-tls', E: 'tls' });
    expect(trace.rows).toMatchObject({ count: 1, columns: ['id', 'name'], values: [['7', 'Customer 7']] });
    const [, , tls, login] = hop(trace, 'A').steps;
    expect(tls!.details.map(plainText)).toEqual([
      'Client checked main.shop.internal ← Shop gateways CA ← Shop root CA against pki/root/ca-cert.pem; the name localhost is among localhost, main.shop.internal, 127.0.0.1, ::1',
      'Gateway asked for no certificate',
    ]);
    expect(plainText(login!.text)).toMatch(
      /^Signed in as web with caching_sha2_password, entry 1 of 1 users\.json, line \d+$/,
    );
    expect(plainText(login!.details[0]!)).toBe('A hash over a random salt crossed, not the password');
    expect(steps(trace, 'B')[0]).toBe('passed: User web → UserData shop_web → immediate caller shop_web, no groups');
    expect(steps(trace, 'B').at(-1)).toBe('passed: Statement needs customers · Reader');
    expect(plainText(hop(trace, 'C').steps[0]!.details[1]!)).toMatch(
      /^Tablet checked shop gateways ← Shop tablet clients CA ← Shop root CA/,
    );
    expect(steps(trace, 'D')).toEqual([
      'passed: customers · Reader: shop_web is in readers of group people acl.json, line 6',
    ]);
    expect(hop(trace, 'D').remedies).toMatchObject([
      {
        kind: 'edit',
        edit: { kind: 'acl.member', file: 'acl.json', group: 'people', list: 'readers', name: 'shop_web', add: false },
      },
    ]);
  });

  it('that is denied ends at the tablet, quotes it, says why and offers ways to allow', async () => {
    const trace = await run(
      request({
        caller: 'maria',
        user: 'maria',
        sql: 'select id, amount_cents from payments where id = 7',
        transport: 'mysql-tls',
        trust: null,
      }),
    );
    expect(trace).toMatchObject({ verdict: 'denied', title: 'Denied at the tablet', stoppedAt: 'D', asExpected: true });
    expect(plainText(trace.sentence)).toBe(
      'maria reads payments and is not among its readers. Nothing was read from MySQL.',
    );
    expect(marks(trace)).toBe('warning passed passed denied not-reached');
    expect(hop(trace, 'D').said).toBe(
      "Select command denied to user 'maria', in groups [analysts], for table 'payments' (ACL check error)",
    );
    expect(trace.heard?.text).toMatch(
      /^ERROR 1045 \(28000\): target: shop\.0\.primary: vttablet: .* \(CallerID: maria\)$/,
    );
    expect(why(trace, 'D')).toBe(
      'Table group money covers payments (entry payments). Its readers are billing, auditor and operations. Neither maria nor its group analysts is listed. acl.json, line 27',
    );
    expect(hop(trace, 'D').remediesTitle).toBe('Ways to allow');
    expect(hop(trace, 'D').remedies.map(({ label }) => label)).toEqual([
      'Add maria to Readers of money',
      'Add analysts to Readers of money',
      'Change UserData of maria…',
    ]);
    expect(hop(trace, 'E').steps).toEqual([]);
    expect(traceReport(trace)).toMatch(/: DENIED at tablet \(expected: denied\)\n/);
  });

  it('says what a list in the wrong role does not give', async () => {
    const trace = await run(
      certified({
        caller: 'olga',
        user: 'olga',
        certificate: 'pki/callers/olga-cert.pem',
        sql: 'update payments set method = method where id = 0',
      }),
    );
    expect(why(trace, 'D')).toContain(
      'It is among the readers and admins; the three lists are independent of each other.',
    );
  });

  it('of a table that nobody guards never calls it public', async () => {
    const trace = await run(request({ sql: 'select * from nope' }));
    expect(why(trace, 'D')).toBe('No table group of acl.json covers nope. Nobody is listed.');
    expect(hop(trace, 'D').remedies).toMatchObject([
      { kind: 'edit', edit: { kind: 'acl.group', file: 'acl.json', table: 'nope', list: 'readers', name: 'shop_web' } },
      { kind: 'open', screen: 'access', focus: 'nope' },
      { kind: 'open', screen: 'callers' },
    ]);
  });

  it.each([
    [
      'an expired certificate',
      'pki/callers/expired-cert.pem',
      'The certificate auditor is out of date. Signature and authority are fine.',
      'certificate_expired',
      'Renew certificate auditor…',
    ],
    [
      'a revoked certificate',
      'pki/callers/revoked-cert.pem',
      'The revocation list pki/callers/crl.pem names auditor. Everything else about it is fine.',
      'bad_certificate',
      'Open certificate',
    ],
    [
      "somebody else's certificate",
      'pki/elsewhere/auditor-cert.pem',
      "The gateway trusts only pki/callers/ca-cert.pem, and auditor was signed by Somebody else's CA.",
      'unknown_ca',
      'Open certificate',
    ],
  ])('with %s has the words of both ends', async (_, certificate, reason, alert, remedy) => {
    for (const asked of [
      certified({ certificate }),
      certified({ certificate, user: null, transport: 'grpc-mutual-tls' }),
    ]) {
      const trace = await run(asked);
      expect(trace).toMatchObject({
        verdict: 'refused',
        title: 'Refused at the gateway',
        stoppedAt: 'A',
        asPredicted: true,
      });
      expect(marks(trace)).toBe('failed not-reached not-reached not-reached not-reached');
      const both = hop(trace, 'A').bothSides!;
      expect(plainText(both.near)).toBe('The gateway closed the connection without a word');
      expect(plainText(both.far)).toMatch(/^(CN=auditor|The authority CN=Somebody)/);
      expect(plainText(both.reason)).toBe(reason);
      expect(both.notes.map(plainText)).toEqual([
        'The client finished first and read the refusal afterwards.',
        `Real Vitess sends the alert ${alert} here; this program closes the connection.`,
      ]);
      expect(hop(trace, 'A').remedies[0]!.label).toBe(remedy);
    }
  });

  it('without a certificate quotes the alert', async () => {
    const trace = await run(certified({ transport: 'mysql-tls-verified' }));
    expect(plainText(hop(trace, 'A').bothSides!.near)).toBe('Alert from the gateway: certificate required (116)');
    expect(hop(trace, 'A').remedies).toMatchObject([
      { kind: 'retry', change: { transport: 'mysql-mutual-tls', chooseCertificate: true } },
    ]);
  });

  it.each([
    [
      'a name that the gateway does not have',
      { serverName: 'elsewhere.example' },
      'The client asked for elsewhere.example. main.shop.internal names localhost, main.shop.internal, 127.0.0.1, ::1.',
    ],
    [
      'an authority that did not sign the gateway',
      { trust: 'pki/elsewhere/ca-cert.pem' },
      'The client trusts only pki/elsewhere/ca-cert.pem, and main.shop.internal does not lead there.',
    ],
  ])('with %s is refused by the client, and the gateway says what it saw', async (_, more, reason) => {
    const trace = await run(request(more));
    expect(trace.title).toBe('Refused by the client');
    const both = hop(trace, 'A').bothSides!;
    expect(plainText(both.reason)).toBe(reason);
    expect(plainText(both.far)).toBe('The client closed the connection before the TLS handshake was complete.');
  });

  it('with a typed password that is wrong tells which entries were tried, and keeps nothing of it', async () => {
    const typed = 'a-typed-password-of-nobody';
    const trace = await run(request({ caller: 'maria', user: 'maria', password: { kind: 'typed', text: typed } }));
    expect(trace).toMatchObject({ verdict: 'refused', stoppedAt: 'A', asExpected: null });
    expect(hop(trace, 'A').said).toBe("Access denied for user 'maria'");
    expect(why(trace, 'A')).toMatch(
      /does not know maria with this password\. .* none of its 2 entries matches\. Entry 1 \(users\.json, line \d+\): another password\. Entry 2/,
    );
    const saved = await open.test.runs.get(trace.runId);
    expect(JSON.stringify([saved, trace])).not.toContain(typed);
    const disk = await readFile(join(made.dir, '.gatehouse', 'runs', `${trace.runId}.json`), 'utf8');
    expect(disk).not.toContain(typed);
  });

  it.each([
    ['TLS is required', request({ transport: 'mysql-plain', trust: null }), /accepts only TLS/, 'Use TLS in this test'],
    [
      'the name is not the certificate’s',
      certified({ certificate: 'pki/callers/stranger-cert.pem' }),
      /billing is not stranger/,
      'Connect as stranger',
    ],
  ])('refused because %s offers another try', async (_, asked, text, label) => {
    const trace = await run(asked);
    expect(why(trace, 'A')).toMatch(text);
    expect(hop(trace, 'A').remedies[0]).toMatchObject({ kind: 'retry', label });
  });

  it('over gRPC marks a claimed name, and says that the call itself succeeded when it is denied', async () => {
    const asked = request({
      caller: 'batch',
      user: 'batch',
      transport: 'grpc-tls',
      claimed: { principal: 'catalogue-sync', groups: [] },
      sql: 'select id from payments where id = 7',
    });
    const trace = await run(asked);
    expect(steps(trace, 'B')[0]).toBe(
      'warning: Claimed name catalogue-sync → immediate caller catalogue-sync, no groups',
    );
    expect(plainText(trace.heard!.note!)).toBe(
      'Over gRPC the call itself succeeded; the error stands in its response.',
    );
    expect(steps(trace, 'A').at(-1)).toMatch(/^passed: Signed in as batch grpc-users\.json, line \d+$/);
    const plain = await run({ ...asked, transport: 'grpc-plain' });
    expect(plainText(hop(plain, 'A').bothSides!.reason)).toBe('This port speaks TLS, and the client began without it.');
  });

  it('over the Unix socket skips TLS with its reason', async () => {
    const trace = await run(request({ transport: 'mysql-unix', trust: null }));
    expect(trace.protection.A).toBe('socket');
    expect(steps(trace, 'A')[2]).toMatch(/^skipped: No TLS over the Unix socket/);
  });

  it('that the gateway answers by itself skips the rest', async () => {
    const trace = await run(request({ sql: 'set names utf8mb4' }));
    expect(marks(trace)).toBe('passed passed skipped skipped skipped');
  });

  it('that MySQL refuses quotes MySQL, and counts against no prediction', async () => {
    const trace = await run(request({ sql: 'select nope from customers' }));
    expect(trace).toMatchObject({ title: 'Refused by MySQL', stoppedAt: 'E', asPredicted: null });
    expect(hop(trace, 'E').said).toMatch(/^Unknown column 'nope' in/);
  });

  it('says "not recorded" for a part that keeps no record, and guesses nothing', async () => {
    open.cluster.require().recorder.disable('tablet');
    try {
      const trace = await run(request({}));
      expect(hop(trace, 'D').mark).toBe('not-recorded');
      expect(hop(trace, 'D').steps).toEqual([]);
      expect(hop(trace, 'E').mark).toBe('passed');
    } finally {
      open.cluster.require().recorder.enable('tablet');
    }
  });

  it('is refused in words when it cannot be made', async () => {
    const refusal = async (more: Partial<TestRequest>): Promise<string> =>
      open.test.single(request(more)).then(
        () => 'made',
        (error: unknown) => (error as { failure: { code: string } }).failure.code,
      );
    expect(await refusal({ certificate: '../../etc/passwd', transport: 'mysql-mutual-tls' })).toBe('test.certificate');
    expect(await refusal({ certificate: 'pki/callers/olga-key.pem', transport: 'mysql-mutual-tls' })).toBe(
      'test.certificate',
    );
    expect(await refusal({ transport: 'mysql-mutual-tls' })).toBe('test.certificate');
    expect(await refusal({ user: 'somebody' })).toBe('test.password');
    expect(await refusal({ gateway: 'none' })).toBe('test.password');
    expect(await refusal({ gateway: 'none', password: { kind: 'empty' } })).toBe('probe.gateway');
  });

  it('says that a key is encrypted instead of failing in the handshake', async () => {
    const path = join(made.dir, 'pki/callers/stranger-key.pem');
    const key = await readFile(path, 'utf8');
    const sealed = createPrivateKey(key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    await writeFile(path, sealed);
    try {
      await expect(open.test.single(certified({ certificate: 'pki/callers/stranger-cert.pem' }))).rejects.toMatchObject(
        {
          failure: { code: 'probe.encrypted-key' },
        },
      );
    } finally {
      await writeFile(path, key);
    }
  });

  it('keeps runs for this user alone, without the rows, and lists them', async () => {
    const trace = await run(request({}));
    const view = await open.test.view();
    expect(view.runs[0]).toMatchObject({ id: trace.runId, kind: 'single', verdict: 'allowed', asExpected: true });
    const saved = JSON.parse(await readFile(join(made.dir, '.gatehouse', 'runs', `${trace.runId}.json`), 'utf8')) as {
      trace: TraceData;
    };
    expect(saved.trace.rows).toMatchObject({ count: 1, values: [] });
    expect(JSON.stringify(view).includes(open.document.secrets.get('users/web')!.reveal())).toBe(false);
  });

  it('says what crossed the wire whatever came of it', async () => {
    const crossed = (trace: TraceData): string[] => hop(trace, 'A').steps.at(-1)!.details.map(plainText);
    const wrong = await run(request({ password: { kind: 'typed', text: 'a-typed-password-of-nobody' } }));
    expect(hop(wrong, 'A').mark).toBe('failed');
    expect(crossed(wrong)).toEqual(['A hash over a random salt crossed, not the password']);
    expect(hop(wrong, 'A').steps[1]!.details.map(plainText)).toEqual(['Capabilities 0x013baa0f']);
    const readable = 'readable, inside TLS';
    const certificate = 'pki/callers/billing-cert.pem';
    expect(crossed(await run(certified({ certificate, password: { kind: 'empty' } })))).toEqual([
      'No password is looked at; mysql_clear_password only carries the name',
      'The gateway asked for mysql_clear_password instead',
      `An empty password crossed ${readable}`,
    ]);
    expect(
      crossed(await run(certified({ certificate, password: { kind: 'typed', text: 'never-asked-for' } }))),
    ).toEqual(expect.arrayContaining([`The password crossed ${readable}`]));
  });

  it(
    'says at hop C why gateway and tablet do not come together, and what to change',
    async () => {
      const path = join(made.dir, 'gatehouse.json');
      const before = await readFile(path, 'utf8');
      const cases: readonly [Record<string, string | undefined>, string, string[]][] = [
        [
          { serverName: 'nope.internal' },
          'The gateway expects the name nope.internal. tablet-100.shop.internal names tablet-100.shop.internal.',
          ['Expect tablet-100.shop.internal', `Open the tablet's certificate`],
        ],
        [
          { ca: 'pki/elsewhere/ca-cert.pem' },
          'The gateway trusts only pki/elsewhere/ca-cert.pem, and tablet-100.shop.internal does not lead there.',
          ['Open the gateway', `Open the tablet's certificate`],
        ],
        [
          { cert: 'pki/elsewhere/auditor-cert.pem', key: 'pki/elsewhere/auditor-key.pem' },
          "The tablet trusts only pki/tablet-clients/ca-cert.pem, and auditor was signed by Somebody else's CA.",
          [`Open the gateway's certificate`, 'Open the gateway'],
        ],
        [
          { cert: undefined, key: undefined },
          'The tablet demands a certificate signed by pki/tablet-clients/ca-cert.pem, and the gateway shows none.',
          ['Open the gateway'],
        ],
      ];
      try {
        for (const [change, reason, labels] of cases) {
          const topology = JSON.parse(before) as { gateways: { tabletLink: object }[] };
          Object.assign(topology.gateways[0]!.tabletLink, change);
          await writeFile(path, JSON.stringify(topology));
          await open.cluster.restart();
          const trace = await open.test.single(request({}));
          expect(trace).toMatchObject({ verdict: 'refused', stoppedAt: 'C' });
          const link = hop(trace, 'C');
          expect(link.mark).toBe('failed');
          expect(plainText(link.bothSides!.reason)).toBe(reason);
          expect(link.remedies.map(({ label }) => label)).toEqual(labels);
          expect(link.steps[0]!.details.map(plainText)[0]).toMatch(
            /^Tablet shows tablet-100\.shop\.internal ← Shop tablets CA ← Shop root CA; .* and the name /,
          );
          expect(link.steps[0]!.details.map(plainText)[1]).toContain('pki/tablet-clients/ca-cert.pem');
        }
      } finally {
        await writeFile(path, before);
        await open.cluster.restart();
      }
      expect(await run(request({}))).toMatchObject({ verdict: 'allowed' });
    },
    busy,
  );

  it(
    'names what is not enforced for what it is: dry run and strict off',
    async () => {
      const path = join(made.dir, 'gatehouse.json');
      const before = await readFile(path, 'utf8');
      const asked = request({ caller: 'maria', user: 'maria', sql: 'select id from payments where id = 7' });
      try {
        await writeFile(path, before.replace('"strict": true', '"strict": true, "dryRun": true'));
        await open.cluster.restart();
        const dry = await run(asked);
        expect(dry).toMatchObject({ verdict: 'would-be-denied', title: 'Would be denied', stoppedAt: null });
        expect(hop(dry, 'D')).toMatchObject({ mark: 'warning', remediesTitle: 'Ways to close it' });
        expect(hop(dry, 'D').remedies[0]).toMatchObject({
          label: 'Turn dry run off',
          edit: { kind: 'topology.set', path: ['tablets', 0, 'acl', 'dryRun'], value: false },
        });
        await writeFile(path, before.replace('"strict": true', '"strict": false'));
        await open.cluster.restart();
        const off = await run(asked);
        expect(off).toMatchObject({ verdict: 'not-enforced', title: 'Allowed, not enforced' });
        expect(why(off, 'D')).toContain('Strict mode is off, so nothing is enforced');
        expect(hop(off, 'D').remedies[0]).toMatchObject({ label: 'Turn strict mode on' });
      } finally {
        await writeFile(path, before);
        await open.cluster.restart();
      }
    },
    busy,
  );

  it(
    'needs a running cluster',
    async () => {
      await open.cluster.stop(0);
      await expect(open.test.single(request({}))).rejects.toMatchObject({ failure: { code: 'cluster.stopped' } });
      await open.cluster.start();
    },
    busy,
  );
});
