import fc from 'fast-check';
import { JSDOM } from 'jsdom';
import { describe, expect, it } from 'vitest';
import type { Expectation, Outcome } from '../../../../src-main/domain/probes';
import { csvReport, htmlReport, junitReport, reportDocument } from '../../../../src-main/services/verify/report';
import { csvField } from '../../../../src-main/services/verify/report/csv';
import { style } from '../../../../src-main/services/verify/report/html-style';
import { html } from '../../../../src-main/services/verify/report/html-text';
import type { MatrixReport, ReportCell } from '../../../../src-main/services/verify/report/matrix-report';

const allow: Outcome = { verdict: 'allow', stoppedAt: null, code: null, sqlState: null, message: null };
const deny: Expectation = { verdict: 'deny', stoppedAt: 'tablet', code: null, sqlState: null, message: null };

const hostile = [
  `O'Brien "the" \`quote\``,
  '<script>alert(1)</script>',
  `"><img src=x onerror=alert(1)>`,
  `' onmouseover='alert(1)`,
  '</style><script>alert(1)</script>',
  ']]><!-- -->',
  "=cmd|'/c calc'!A1",
  '+1+1',
  '-2+3',
  '@SUM(1)',
  '\t=1+1',
  '  =1+1',
  '\uff1d1+1',
  'line\r\nbreak,comma;semicolon',
  '\u202eevil\u2066',
  'مرحبا بالعالم',
  '\u0000nul\u0007bell\u001b[31m',
  '\ud800 half',
  'x'.repeat(10_000),
  '&amp;&#x3c;',
  '',
];

const cellOf = (name: string, number: number, more: Partial<ReportCell> = {}): ReportCell => ({
  number,
  id: `${name}/access/${name}/mysql-tls/${name}/read`,
  suite: name,
  caller: name,
  gateway: name,
  transport: 'mysql-tls',
  password: 'right',
  certificate: name,
  sql: `select '${name}'`,
  table: name,
  role: 'read',
  expected: deny,
  predicted: { ...deny, message: name },
  actual: { ...allow, rows: 1, message: name },
  shown: 'allowed',
  predictedShown: 'denied',
  differences: ['expected', 'predicted'],
  failure: null,
  reason: name,
  traceId: null,
  milliseconds: 1.5,
  ...more,
});

const reportOf = (cells: readonly ReportCell[], name = 'shop'): MatrixReport => ({
  name,
  at: '2026-11-22T21:00:00.123Z',
  milliseconds: 1_234,
  vitess: '24.0.4',
  fidelity: 'hardened',
  tables: [...new Set(cells.flatMap(({ table }) => (table === null ? [] : [table])))].map((table) => ({
    table,
    group: table,
  })),
  cells,
  totals: {
    cells: cells.length,
    run: cells.length,
    asExpected: 0,
    differsFromExpectation: cells.length,
    differsFromPrediction: cells.length,
    allowed: cells.length,
    stopped: 0,
    failed: 0,
  },
  files: [{ path: name, sha256: null }],
  warnings: [name],
  coverage: {
    files: [
      {
        file: name,
        kind: 'acl',
        lines: [
          {
            id: '0/entry/0',
            line: 3,
            column: 1,
            kind: 'entry',
            group: name,
            list: null,
            text: name,
            tests: 0,
            proven: 0,
            unreachable: null,
          },
        ],
      },
    ],
    totals: { lines: 1, touched: 0, proven: 0 },
  },
});

/** Reads CSV by RFC 4180; throws on what the RFC has no form for. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let at = 0;
  while (at < text.length) {
    let field = '';
    if (text[at] === '"') {
      for (at += 1; ; at += 1) {
        if (at >= text.length) throw new Error('a quote is open at the end');
        if (text[at] !== '"') field += text[at];
        else if (text[at + 1] === '"') {
          field += '"';
          at += 1;
        } else break;
      }
      at += 1;
    } else
      while (at < text.length && text[at] !== ',' && text[at] !== '\r') {
        if (text[at] === '"' || text[at] === '\n') throw new Error(`${JSON.stringify(text[at])} in a bare field`);
        field += text[at++];
      }
    rows.at(-1)!.push(field);
    if (text[at] === ',') at += 1;
    else if (text.startsWith('\r\n', at)) {
      at += 2;
      if (at < text.length) rows.push([]);
    } else if (at < text.length) throw new Error('something behind a field');
  }
  return rows;
}

/** What a reader of the file sees of a text: line ends and tabs as they are, other invisible characters named. */
const visible = (text: string): string =>
  [...text]
    .map((one) =>
      /[\t\r\n]/.test(one) || !/[\p{Cc}\p{Cs}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u.test(one)
        ? one
        : `[U+${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .join('');

describe('CSV', () => {
  it('names what would be invisible or turn the writing round, as the HTML form does', () => {
    expect(csvField('a\u202ebc\u0000\u001b[31m\u200b')).toBe('a[U+202E]bc[U+0000][U+001B][31m[U+200B]');
    expect(csvField('\u202e=1+1')).toBe('[U+202E]=1+1');
    expect(csvReport(reportOf([cellOf('we\u202eb', 1)]))).not.toMatch(
      /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u202a-\u202e]/,
    );
  });

  it('is a record a cell, whatever is in it, and reads back', () => {
    const rows = readCsv(csvReport(reportOf(hostile.map((name, index) => cellOf(name, index + 1)))));
    expect(rows).toHaveLength(hostile.length + 1);
    expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([27]));
    rows.slice(1).forEach((row, index) => {
      const name = visible(hostile[index]!);
      expect([name, `'${name}`]).toContain(row[3]);
    });
  });

  it('hands no spreadsheet a formula', () => {
    for (const row of readCsv(csvReport(reportOf(hostile.map((name, index) => cellOf(name, index + 1))))).slice(1))
      for (const field of row) expect(field).not.toMatch(/^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/);
  });

  it('quotes what has to be quoted and nothing else', () => {
    expect([null, 12, 'a', 'a,b', 'a"b', 'a\nb', ' a', '=a', "=a,'b"].map(csvField)).toEqual([
      '',
      '12',
      'a',
      '"a,b"',
      '"a""b"',
      '"a\nb"',
      '" a"',
      "'=a",
      `"'=a,'b"`,
    ]);
  });

  it('reads back for any text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 6 }), (texts) => {
        const [row] = readCsv(`${texts.map(csvField).join(',')}\r\n`);
        expect(
          row!.map((field) => field.replace(/^'(?=[\s\u0000-\u001f]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/, '')),
        ).toEqual(
          texts.map((text) =>
            visible(text).replace(/^'(?=[\s\u0000-\u001f]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/, ''),
          ),
        );
      }),
      { numRuns: 400, seed: 7 },
    );
  });
});

describe('HTML', () => {
  const text = htmlReport(
    reportOf(
      hostile.map((name, index) => cellOf(name, index + 1)),
      hostile[1],
    ),
  );
  const { document } = new JSDOM(text).window;

  it('has no script, no request, no handler, no style but its own', () => {
    const allowed = new Set(
      'html head meta title style body svg symbol path rect circle use main h1 h2 h3 p time dl dt dd bdi code section span ul li div table thead tbody tr th td br'.split(
        ' ',
      ),
    );
    const attributes = new Set(
      'lang charset http-equiv content name class id viewBox d x y width height rx cx cy r href datetime scope aria-hidden aria-label role stroke-dasharray'.split(
        ' ',
      ),
    );
    for (const element of document.querySelectorAll('*')) {
      expect(allowed).toContain(element.localName);
      for (const { name, value } of element.attributes) {
        expect(attributes).toContain(name);
        if (name === 'href') expect(value).toMatch(/^#m-[a-z]$/);
      }
    }
    expect(document.querySelectorAll('style')).toHaveLength(1);
    expect(document.querySelector('style')!.textContent).toBe(style);
  });

  it('says in its policy that nothing else may apply', async () => {
    const policy = document.querySelector('meta[http-equiv=Content-Security-Policy]')!.getAttribute('content')!;
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(style))).toString('base64');
    expect(policy).toBe(`default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`);
  });

  it('shows names as they are, and names what would be unseen', () => {
    const names = [...document.querySelectorAll('.grid tbody th bdi')].map(({ textContent }) => textContent);
    expect(names).toContain('<script>alert(1)</script>');
    expect(names).toContain('مرحبا بالعالم');
    expect(names).toContain('[U+202E]evil[U+2066]');
    expect(names).toContain('[U+0000]nul[U+0007]bell[U+001B][31m');
    expect(names).toContain('[U+D800] half');
    expect(Math.max(...names.map((name) => name!.length))).toBeLessThan(200);
  });

  it('never lets a text become markup, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => {
        const made = html(any);
        expect(made).not.toMatch(/[<>"']/);
        const { body } = new JSDOM(`<body><p title="${made}">${made}</p>`).window.document;
        expect(body.querySelectorAll('*')).toHaveLength(1);
        expect(body.firstElementChild!.getAttribute('title')).toBe(body.firstElementChild!.textContent);
      }),
      { numRuns: 80, seed: 7 },
    );
  });

  it('puts what differs first, with its reason, and says so in its heading', () => {
    const one = new JSDOM(htmlReport(reportOf([cellOf('payments', 1, { reason: 'Because of acl.json, line 7.' })])))
      .window.document;
    expect(one.querySelector('h1')!.textContent).toBe('1 cell differs from its prediction.');
    expect([...one.querySelectorAll('h2')][0]!.textContent).toBe('What differs');
    expect(one.querySelector('.case')!.textContent).toContain('Because of acl.json, line 7.');
    expect(one.querySelector('.grid td')!.textContent).toBe('RAllowed, differs. ');
  });

  it('draws one picture where a table would be too large, every cell in it once', () => {
    const cells: ReportCell[] = [];
    for (let caller = 0; caller < 120; caller += 1)
      for (let table = 0; table < 100; table += 1)
        for (const role of ['read', 'write', 'admin'] as const)
          cells.push(
            cellOf(`c${caller}`, cells.length + 1, {
              suite: 's',
              table: `t${table}`,
              role,
              shown: caller % 2 === 0 ? 'allowed' : 'denied',
              differences: caller === 7 && table === 7 ? ['expected'] : [],
            }),
          );
    const large = htmlReport(reportOf(cells));
    const page = new JSDOM(large).window.document;
    expect(page.querySelector('.grid')).toBeNull();
    const paths = [...page.querySelectorAll('.picture path')].map(
      (path) => (path.getAttribute('d')!.match(/M/g) ?? []).length,
    );
    expect(paths).toEqual([3, 18_000, 18_000]);
    expect(large.length).toBeLessThan(2_000_000);
  });
});

describe('JUnit', () => {
  it('is well-formed XML with the names as they are', () => {
    const cells = hostile.map((name, index) =>
      cellOf(
        name,
        index + 1,
        index % 3 === 1 ? { failure: name, actual: null } : index % 3 === 2 ? { differences: [] } : {},
      ),
    );
    const { window } = new JSDOM('');
    const parsed = new window.DOMParser().parseFromString(
      Buffer.from(junitReport(reportOf(cells))).toString('utf8'),
      'text/xml',
    );
    expect(parsed.querySelector('parsererror')).toBeNull();
    expect(parsed.querySelectorAll('testcase')).toHaveLength(hostile.length);
    expect(parsed.querySelectorAll('failure')).toHaveLength(
      cells.filter(({ failure, differences }) => failure === null && differences.length > 0).length,
    );
    expect(parsed.querySelectorAll('error')).toHaveLength(cells.filter(({ failure }) => failure !== null).length);
    expect(parsed.querySelectorAll('script, img')).toHaveLength(0);
    expect(parsed.querySelectorAll('testsuite')[1]!.getAttribute('name')).toBe('<script>alert(1)</script>');
  });

  it('counts what was not run as skipped', () => {
    const text = junitReport(reportOf([cellOf('a', 1, { actual: null, shown: null, differences: [] })]));
    expect(text).toContain('skipped="1"');
    expect(text).toContain('<skipped message="not run"/>');
  });
});

describe('JSON', () => {
  it('is schema 1, with every text whole', () => {
    const document = JSON.parse(
      JSON.stringify(reportDocument(reportOf(hostile.map((name, index) => cellOf(name, index + 1))))),
    ) as {
      schema: number;
      cells: { caller: string }[];
    };
    expect(document.schema).toBe(1);
    expect(document.cells.map(({ caller }) => caller)).toEqual(hostile);
  });
});
