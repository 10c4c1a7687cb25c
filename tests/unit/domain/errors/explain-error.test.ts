import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorCatalogue, explainError, maskSecrets } from '../../../../src-main/domain/errors';

const runs = Number(process.env['FUZZ_RUNS'] ?? 10_000);

describe('layers', () => {
  it('takes a refusal of the table ACL apart as a MySQL client prints it', () => {
    const { layers, core, known, facts } = explainError(
      `ERROR 1045 (28000) at line 1: target: shop.-80.primary: vttablet: rpc error: code = PermissionDenied desc = Select command denied to user 'reporting', in groups [analysts, eu], for table 'orders' (ACL check error) (CallerID: reporting)`,
    );
    expect(layers.map(({ by, tells }) => `${by}: ${tells}`)).toEqual([
      'MySQL or MariaDB command line: error 1045, SQLSTATE 28000',
      'vtgate: meant for keyspace shop, shard -80, primary',
      'vtgate: came back from its call to the tablet',
      'gRPC: status PermissionDenied',
      'vttablet: asked by reporting',
    ]);
    expect(core).toBe(
      `Select command denied to user 'reporting', in groups [analysts, eu], for table 'orders' (ACL check error)`,
    );
    expect(known).toHaveLength(1);
    expect(known[0]).toMatchObject({ id: 'vttablet.denied-with-groups', stage: 'D' });
    expect(known[0]?.cause.filter(({ value }) => value).map(({ text }) => text)).toEqual([
      'Select',
      'orders',
      'reporting',
      'analysts, eu',
    ]);
    expect(facts).toContain('The tablet knew the caller as “reporting”.');
  });

  it('finds number, caller and statement behind a text of MySQL', () => {
    const { layers, core, known } = explainError(
      `target: commerce.0.primary: vttablet: rpc error: code = NotFound desc = Table 'vt_commerce.x' doesn't exist (errno 1146) (sqlstate 42S02) (CallerID: a): Sql: "select * from x where a = ' (errno 1) (CallerID: b)'", BindVars: {}`,
    );
    expect(layers.slice(3).map(({ tells }) => tells)).toEqual([
      'MySQL answered with error 1146, SQLSTATE 42S02',
      'asked by a',
      'the statement that it ran',
    ]);
    expect(core).toBe(`Table 'vt_commerce.x' doesn't exist`);
    expect(known[0]).toMatchObject({ id: 'mysql.no-table', stage: 'E' });
  });

  it.each<[string, string, string]>([
    ['x509: certificate signed by unknown authority', 'go.unknown-authority', 'unknown'],
    [
      'tablet zone1-100 healthcheck stream error: Code: UNAVAILABLE\nvttablet: rpc error: code = Unavailable desc = connection error: desc = "transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority"',
      'go.unknown-authority',
      'C',
    ],
    [
      'Cannot read post-SSL client handshake response from client 7 (127.0.0.1:1): tls: failed to verify certificate: x509: certificate signed by unknown authority\nio.ReadFull(header size) failed',
      'go.unknown-authority',
      'A',
    ],
    [`Access denied for user 'x'@'localhost' (using password: YES)`, 'mysql.access-denied', 'E'],
    [`Access denied for user 'x'`, 'vtgate.sign-in-refused', 'A'],
    [`ERROR 2026 (HY000): TLS/SSL error: self-signed certificate in certificate chain`, 'openssl.untrusted-root', 'A'],
    [
      'com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure\n\nCaused by: javax.net.ssl.SSLHandshakeException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target',
      'java.pkix-path',
      'unknown',
    ],
    [`VT05003: unknown database 'foo' in vschema`, 'vtgate.unknown-database', 'planning'],
    [
      'VT09005: no database selected: use keyspace<:shard><@type> or keyspace<[range]><@type>',
      'vtgate.no-database',
      'planning',
    ],
    ['username and password must be provided', 'grpc.credentials-missing', 'A'],
    [
      'vttablet: rpc error: code = Unauthenticated desc = username and password must be provided',
      'grpc.credentials-missing',
      'C',
    ],
  ])('says where %s arose', (text, id, stage) => {
    expect(explainError(text).known[0]).toMatchObject({ id, stage });
  });

  it.each([
    [`ERROR 1045 (28000): Access denied for user 'web'`, `Access denied for user 'web'`],
    [`ERROR 1045 (28000): Can't find 'web'`, `Can't find 'web'`],
    [`(1045, "Access denied for user 'web'")`, `Access denied for user 'web'`],
    ['rpc error: code = Unavailable desc = connection error: desc = "error reading: EOF"', 'error reading: EOF'],
    ['ERROR 1105 (HY000): odd (so it is)', 'odd (so it is)'],
  ])('leaves the quotation marks of the text itself: %s', (text, core) => expect(explainError(text).core).toBe(core));

  it('never guesses: an unknown text keeps what its layers say', () => {
    const explained = explainError(
      'target: shop.0.primary: vttablet: rpc error: code = Unknown desc = flux capacitor is empty (errno 4242) (sqlstate HY000) (CallerID: a)',
    );
    expect(explained.known).toEqual([]);
    expect(explained.core).toBe('flux capacitor is empty');
    expect(explained.facts.join(' ')).toContain('MySQL itself answered, with error 4242');
    expect(explainError('something went wrong').known).toEqual([]);
    expect(explainError('ERROR 2099 (HY000): never heard of').facts.join()).toContain('no server said this');
  });
});

describe('secrets', () => {
  const key = `-----BEGIN ${'PRIVATE'} KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\n-----END ${'PRIVATE'} KEY-----`;
  it.each<[string, string]>([
    ['mysql: password=hunter2 refused', 'hunter2'],
    ['--password=hunter2', 'hunter2'],
    ['{"Password": "hunter2", "UserData": "a"}', 'hunter2'],
    [`{\\"Password\\": \\"hunter2\\"}`, 'hunter2'],
    [`"MysqlNativePassword": "*${'2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'}"`, '2470C0C0'],
    ['dsn web:hunter2@tcp(127.0.0.1:3306)/shop', 'hunter2'],
    ['jdbc:mysql://web:hunter2@127.0.0.1/shop', 'hunter2'],
    ['jdbc:mysql://h/shop?user=web&password=hunter2&x=1', 'hunter2'],
    ['Authorization: Bearer hunter2hunter2', 'hunter2'],
    ['mysql -u web -phunter2 -h 127.0.0.1', 'hunter2'],
    [`create user a identified by 'hunter2'`, 'hunter2'],
    [`set password for a = 'hunter2'`, 'hunter2'],
    [`alter user a identified with caching_sha2_password by 'hunter2'`, 'hunter2'],
    ['token: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.c2lnbmF0dXJl', 'eyJzdWIi'],
    [key, 'MIIEvQ'],
    [key.slice(0, 60), 'MIIEvQ'],
    [`PASSWORD = "hunter2`, 'hunter2'],
    ['sign-in failed, the password is hunter2', 'hunter2'],
    ['the password for web was hunter2,', 'hunter2'],
    ['the password of the user web: hunter2', 'hunter2'],
    ['refused web with password hunter2', 'hunter2'],
    [`refused web with password 'hunter2 x'`, 'hunter2'],
    ['passwd hunter2', 'hunter2'],
    ['pwd=hunter2', 'hunter2'],
    ['our secret hunter2', 'hunter2'],
    ['the secret is now: hunter2', 'hunter2'],
    ['password -> hunter2', 'hunter2'],
    ['changed the password to hunter2', 'hunter2'],
    ['hunter2 is the password', 'hunter2'],
    ['password\u001b[0m is \u001b[31mhunter2', 'hunter2'],
    ['pass\u200bword=hunter2', 'hunter2'],
  ])('takes it out of %s', (text, secret) => {
    expect(text).toContain(secret);
    const explained = explainError(`${text} Access denied for user 'a'`);
    expect(JSON.stringify(explained)).not.toContain(secret);
    expect(explained.secretsMasked).toBeGreaterThan(0);
  });

  it.each([
    `Access denied for user 'x'@'h' (using password: YES)`,
    'Error authenticating user u using: mysql_native_password',
    'username and password must be provided',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    'mysql -P 3306 -port 1',
    'the password is wrong',
    'password authentication failed',
    'a password must be provided',
  ])('leaves %s', (text) => expect(maskSecrets(text)).toEqual({ text, count: 0 }));

  it('leaves no end of a password behind, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60 }), (text) => {
        const secret = `${text.replaceAll(/[\s&'"]/g, '')}S3cr3tV4lue`;
        for (const written of [`x password=${secret} y`, `PWD: "${secret}"`, `{"Password":'${secret}'}`])
          expect(maskSecrets(written).text).not.toContain('S3cr3tV4lue');
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('hostile texts', () => {
  const pieces = errorCatalogue.flatMap(({ texts }) => texts.flatMap((text) => text.split(/\{[a-zA-Z]+\}/)));
  const words = fc.constantFrom(
    ...pieces,
    'target: a.0.primary: ',
    'vttablet: ',
    'rpc error: code = Unknown desc = ',
    ' (CallerID: ',
    '(errno 1) (sqlstate HY000)',
    ': Sql: "',
    ', BindVars: ',
    'password=',
    '-----BEGIN ',
    'PRIVATE KEY-----',
    '://a:',
    "'",
    '\n',
    'ERROR 1 (HY000): ',
  );

  it('are read without a throw, and what is shown is in the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 12 }),
        (parts) => {
          const explained = explainError(parts.join(''));
          for (const { text } of explained.layers) expect(explained.text).toContain(text.slice(0, 20).trim());
          for (const { quote } of explained.known) expect(explained.text).toContain(quote.replace(/…$/, ''));
        },
      ),
      { numRuns: runs },
    );
  });

  it('take time with their length only', () => {
    const repeated = [
      ...pieces.filter((piece) => piece.length > 3),
      'target: a.0.primary: ',
      'connection error: desc = "',
      'tablet ',
      '(errno ',
      ' (CallerID: ',
      'password=',
      'identified with ',
      'set password ',
      'mysql -',
      '//a:',
      'a:',
      '-----BEGIN ',
      '-----BEGIN PRIVATE KEY-----',
      'eyJaaaaaaaa.',
      '"',
      "'",
      ' ',
      'a',
      '*AAAA',
    ];
    let slowest = { piece: '', milliseconds: 0 };
    for (const piece of repeated) {
      const text = piece.repeat(Math.ceil(65_536 / piece.length));
      const begun = performance.now();
      explainError(text);
      const milliseconds = performance.now() - begun;
      if (milliseconds > slowest.milliseconds) slowest = { piece, milliseconds };
    }
    expect(slowest.milliseconds, JSON.stringify(slowest.piece)).toBeLessThan(1_500);
  }, 120_000);

  it.each([
    'remote error: \u001b[0mtls: certificate required',
    '\u001b[31mremote error: tls: \u001b[1;4mcertificate required\u001b[0m',
    'remote error: \\u001b[0mtls: certificate required',
    'remote error:\u0000 tls: certificate\u200b required',
    '\u001b]0;title\u0007remote error: tls: certificate required',
    'E1122 10:00:00.000000   1 file.go:12] remote error: tls: certificate required',
  ])('are known through colours and prefixes of logs: %j', (text) => {
    const { known, text: shown } = explainError(text);
    expect(known[0]?.id).toBe('go.alert-required');
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f]|\[0m/);
  });

  it.each<[string, string]>([
    ['read tcp 10.0.0.1:3306->10.0.0.2:5000: i/o timeout', 'go.read-timeout'],
    ['write tcp 10.0.0.1:3306->10.0.0.2:5000: i/o timeout', 'go.read-timeout'],
    ['dial tcp 10.0.0.1:3306: i/o timeout', 'go.io-timeout'],
    ['read tcp 10.0.0.1:3306->10.0.0.2:5000: read: connection reset by peer', 'go.reset'],
    ['write tcp 10.0.0.1:3306->10.0.0.2:5000: write: connection reset by peer', 'go.reset'],
    ['connection reset by peer', 'go.reset'],
    ['write tcp 10.0.0.1:3306->10.0.0.2:5000: write: broken pipe', 'go.broken-pipe'],
    ['broken pipe', 'go.broken-pipe'],
    ['read tcp 10.0.0.1:3306->10.0.0.2:5000: use of closed network connection', 'go.closed'],
    ['unexpected EOF', 'go.end'],
    ['io.ReadFull(header size) failed: EOF', 'go.end'],
    ['EOF', 'go.end'],
    ['context deadline exceeded', 'grpc.deadline'],
    ['dial tcp 10.0.0.1:3306: connect: connection refused', 'go.refused'],
    ['dial tcp 10.0.0.1:3306: connect: no route to host', 'go.unreachable'],
    ['dial tcp: lookup db on 127.0.0.53:53: no such host', 'go.no-host'],
    ['lookup db: no such host', 'go.no-host'],
  ])('of Go’s network are known: %s', (text, id) => expect(explainError(text).known[0]?.id).toBe(id));

  it('are not taken for the end of a connection for three letters in a word', () => {
    expect(explainError('the geoffrey table').known).toEqual([]);
  });

  it('are read at both ends, and no half of a secret stays at the cut', () => {
    const end = 'x'.repeat(5_000_000) + ' remote error: tls: certificate required';
    expect(explainError(end)).toMatchObject({ shortened: true, known: [{ id: 'go.alert-required' }] });
    expect(explainError('remote error: tls: certificate required ' + 'x'.repeat(5_000_000)).known[0]?.id).toBe(
      'go.alert-required',
    );
    const key = `-----BEGIN ${'PRIVATE'} KEY-----\n${'S3cr3t\n'.repeat(400)}-----END ${'PRIVATE'} KEY-----`;
    for (const secret of [`password=${'S3cr3t'.repeat(300)}`, `"password": "${'S3cr3t '.repeat(280)}"`, key])
      for (const at of [32_768, 40_960])
        for (let back = 0; back < secret.length + 10; back += 97) {
          const head = explainError(`${'y '.repeat(at / 2).slice(back)}${secret}${' z'.repeat(100_000)}`);
          const tail = explainError(`${'y '.repeat(100_000)}${secret}${' z'.repeat(at / 2).slice(back)}`);
          expect(head.text.includes('S3cr3t') || tail.text.includes('S3cr3t'), `${at} ${back}`).toBe(false);
        }
  }, 60_000);

  it('are cut where they are longer than an error', () => {
    expect(explainError('x'.repeat(1_000_000))).toMatchObject({ shortened: true, known: [] });
  });
});
