import type {
  CellDetails,
  ComparisonData,
  MatrixModel,
  MatrixRow,
  RunSummary,
  Span,
  TestPart,
  TraceData,
} from '../../../src-main/contract/areas/test';

const plain = (text: string): Span[] => [{ style: 'plain', text }];
const none = { said: null, bothSides: null, why: [], remediesTitle: null, remedies: [], milliseconds: null } as const;
const outcome = (verdict: 'allow' | 'deny') =>
  ({ verdict, stoppedAt: verdict === 'deny' ? 'tablet' : null, code: null, sqlState: null, message: null }) as const;

/** A denial with everything that a trace may hold. */
export const denied = (more: Partial<TraceData> = {}): TraceData => ({
  runId: '20260503120001000-abcdef',
  startedAt: '2026-05-03T12:00:01.000Z',
  milliseconds: 22.4,
  caller: 'reporting',
  proof: 'user myuser2',
  gateway: 'main',
  transport: 'mysql-tls-verified',
  sql: 'select id from orders',
  verdict: 'denied',
  title: 'Denied at the tablet',
  sentence: plain('reporting reads orders and is not among its readers. Nothing was read from MySQL.'),
  asExpected: true,
  asPredicted: true,
  actual: outcome('deny'),
  expected: outcome('deny'),
  predicted: outcome('deny'),
  stoppedAt: 'D',
  protection: { A: 'tls', C: 'mutual-tls', E: 'unknown' },
  heard: { text: 'ERROR 1045 (28000): target: shop.0.primary: vttablet: …', note: null },
  rows: null,
  hops: [
    {
      ...none,
      id: 'A',
      title: 'Client to gateway',
      summary: plain('TLS 1.3, gateway checked'),
      mark: 'passed',
      milliseconds: 12,
      steps: [
        { mark: 'passed', text: plain('TCP to 127.0.0.1:15306'), details: [], side: 'client', milliseconds: 1 },
        {
          mark: 'warning',
          text: plain('TLS 1.3'),
          details: [plain('Gateway asked for no certificate')],
          side: 'client',
          milliseconds: 1,
        },
      ],
    },
    { ...none, id: 'B', title: 'Gateway: who is this?', summary: [], mark: 'passed', steps: [] },
    { ...none, id: 'C', title: 'Gateway to tablet', summary: [], mark: 'not-recorded', steps: [] },
    {
      ...none,
      id: 'D',
      title: 'Tablet: may they?',
      summary: plain('strict'),
      mark: 'denied',
      steps: [
        {
          mark: 'denied',
          text: [
            { style: 'code', text: 'orders' },
            { style: 'plain', text: ' · Reader: not in readers of group ' },
            { style: 'name', text: 'sales' },
            { style: 'place', text: 'acl.json, line 6', file: 'acl.json', line: 6 },
          ],
          details: [],
          side: 'tablet',
          milliseconds: null,
        },
      ],
      said: "Select command denied to user 'reporting' for table 'orders' (ACL check error)",
      why: [plain('Neither reporting nor a group of it is listed.')],
      remediesTitle: 'Ways to allow',
      remedies: [
        {
          kind: 'edit',
          label: 'Add reporting to Readers of sales',
          edit: { kind: 'acl.member', file: 'acl.json', group: 'sales', list: 'readers', name: 'reporting', add: true },
          note: null,
        },
        { kind: 'open', label: 'Change UserData of myuser2…', screen: 'callers', focus: 'myuser2', note: null },
      ],
    },
    { ...none, id: 'E', title: 'Tablet to MySQL', summary: [], mark: 'not-reached', steps: [] },
  ],
  ...more,
});

/** A handshake that failed, with another try as its remedy. */
export const refused = (): TraceData => {
  const base = denied({
    verdict: 'refused',
    title: 'Refused at the gateway',
    stoppedAt: 'A',
    asExpected: null,
    heard: null,
  });
  return {
    ...base,
    actual: { ...outcome('deny'), verdict: 'refused', stoppedAt: 'tls' },
    hops: base.hops.map((hop) =>
      hop.id !== 'A'
        ? { ...hop, ...none, mark: 'not-reached', steps: [], summary: [] }
        : {
            ...hop,
            mark: 'failed',
            bothSides: {
              ends: ['client', 'gateway'],
              near: plain('Alert from the gateway: certificate required (116)'),
              far: plain('The client sent no certificate'),
              reason: plain('The gateway demands a certificate.'),
              notes: [plain('The client finished first and read the refusal afterwards.')],
            },
            remediesTitle: 'Ways to fix',
            remedies: [
              {
                kind: 'retry',
                label: 'Choose a certificate',
                change: { transport: 'mysql-mutual-tls', chooseCertificate: true },
                note: null,
              },
              { kind: 'retry', label: 'Connect as olga', change: { user: 'olga' }, note: null },
            ],
          },
    ),
  };
};

export const runOf = (id: string, more: Partial<RunSummary> = {}): RunSummary => ({
  id,
  kind: 'single',
  at: '2026-05-03T12:00:01.000Z',
  title: 'reporting',
  detail: 'select id from orders',
  verdict: 'denied',
  asExpected: true,
  milliseconds: 22,
  cancelled: false,
  ...more,
});

export const part = (more: Partial<TestPart> = {}): TestPart => ({
  callers: [
    {
      id: 'suite:shop/reporting',
      name: 'reporting',
      kind: 'user',
      proof: 'user myuser2',
      gateway: 'main',
      user: 'myuser2',
      password: 'saved',
      certificate: null,
      claimed: null,
      transports: ['mysql-tls-verified', 'mysql-plain'],
    },
    {
      id: 'user:main/guest',
      name: 'guest',
      kind: 'user',
      proof: 'user guest',
      gateway: 'main',
      user: 'guest',
      password: 'typed',
      certificate: null,
      claimed: null,
      transports: ['mysql-tls-verified'],
    },
    {
      id: 'nobody:main',
      name: 'nobody',
      kind: 'nobody',
      proof: 'shows nothing, gateway main',
      gateway: 'main',
      user: null,
      password: 'none',
      certificate: null,
      claimed: null,
      transports: ['mysql-plain'],
    },
  ],
  gateways: [
    {
      name: 'main',
      transports: ['mysql-plain', 'mysql-tls', 'mysql-tls-verified', 'mysql-mutual-tls', 'mysql-unix'],
      names: ['localhost'],
      auth: 'static',
    },
  ],
  certificates: [
    { file: 'pki/callers/olga-cert.pem', name: 'olga', issuer: 'Shop CA', status: 'valid' },
    { file: 'pki/callers/old-cert.pem', name: 'olga', issuer: 'Shop CA', status: 'expired' },
  ],
  authorities: ['pki/root/ca-cert.pem'],
  defaultTrust: 'pki/root/ca-cert.pem',
  defaultName: 'localhost',
  statements: [{ table: 'orders', role: 'read', sql: 'select id from orders' }],
  suites: [{ name: 'shop', file: 'tests/shop.json', callers: 2, tables: 2 }],
  adminByDefault: true,
  outdated: false,
  runs: [],
  ...more,
});

const row = (caller: string, more: Partial<MatrixRow> = {}): MatrixRow => ({
  id: `shop/${caller}/mysql-tls-verified`,
  suite: 'shop',
  caller,
  proof: `user ${caller}`,
  gateway: 'main',
  transport: 'mysql-tls-verified',
  expected: 'addddd',
  predicted: 'addddd',
  actual: '......',
  marks: '......',
  ...more,
});

export const model = (more: Partial<MatrixModel> = {}): MatrixModel => ({
  rows: [row('billing'), row('reporting', { expected: 'dddddd', predicted: 'dddddd' })],
  columns: [
    { table: 'orders', group: 'sales' },
    { table: 'payments', group: 'money' },
  ],
  admissions: [
    {
      id: 'shop/admission/wrong password/billing/mysql-tls/wrong',
      suite: 'shop',
      test: 'wrong password',
      caller: 'billing',
      transport: 'mysql-tls',
      variant: 'wrong password',
      expected: 'r',
      predicted: 'r',
      actual: '.',
      mark: '.',
    },
  ],
  totals: { cells: 13, run: 0, asExpected: 0, differs: 0, fromPrediction: 0 },
  run: { state: 'idle', done: 0, total: 0, at: null, milliseconds: 0, left: null, failure: null },
  outdated: false,
  ...more,
});

export const details = (id: string, more: Partial<CellDetails> = {}): CellDetails => ({
  id,
  title: 'reporting reads orders',
  proof: 'user reporting',
  transport: 'mysql-tls-verified',
  sql: 'select id from orders',
  expected: { verdict: 'denied', text: 'Denied' },
  predicted: { verdict: 'denied', text: 'Denied' },
  actual: null,
  failure: null,
  differs: [],
  why: [plain('The statement needs orders · Reader.'), plain('Denied (strict).')],
  place: { file: 'acl.json', line: 6 },
  remediesTitle: null,
  remedies: [],
  ...more,
});

export const comparison = (): ComparisonData => {
  const side = (transport: 'mysql-plain' | 'mysql-tls-verified', readable: boolean): ComparisonData['sides'][0] => ({
    trace: denied({ transport, protection: { A: readable ? 'plain' : 'tls', C: 'mutual-tls', E: 'tls' } }),
    wire: {
      bytes: { client: 153, server: 246 },
      reads: { statement: readable, answer: readable, user: readable, password: readable ? 'hash' : 'sealed' },
      excerpts: [
        {
          what: 'statement',
          from: 'client',
          lines: [{ hex: ['03', '73', '65', '6c'], text: readable ? '.sel' : '....' }],
          readable,
        },
      ],
    },
  });
  return {
    runId: '20260503120001000-abcdef',
    title: 'Both are denied. Without TLS anyone on the way reads the statement.',
    sides: [side('mysql-plain', true), side('mysql-tls-verified', false)],
    rows: [
      {
        id: 'connection',
        title: 'Connection',
        differs: true,
        cells: [
          [{ mark: 'warning', key: 'No TLS', text: plain('No TLS. Neither side was checked') }],
          [{ mark: 'passed', key: 'TLS 1.3', text: plain('TLS 1.3, TLS_AES_128_GCM_SHA256') }],
        ],
      },
      { id: 'wire', title: 'On the wire', differs: false, cells: [[], []] },
      {
        id: 'ways',
        title: 'Ways to close it',
        differs: false,
        cells: [[], [{ mark: 'passed', key: null, text: plain('Nothing to do.') }]],
      },
    ],
    remedies: [
      [
        {
          kind: 'edit',
          label: 'Require TLS at the gateway',
          edit: { kind: 'topology.set', path: ['gateways', 0, 'mysql', 'requireSecureTransport'], value: true },
          note: null,
        },
      ],
      [],
    ],
  };
};
