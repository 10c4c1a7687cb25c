/** One thing that a program put around a text, outermost first. */
export interface ErrorLayer {
  /** Who put it there: `vtgate`, `mysql command line`. */
  readonly by: string;
  /** As it stands in the text. */
  readonly text: string;
  /** What it tells, in words: `error 1105, SQLSTATE HY000`. */
  readonly tells: string;
}

/** What the layers told, for whoever decides by it. */
export interface LayerFacts {
  readonly errno: number | null;
  readonly sqlState: string | null;
  readonly target: string | null;
  readonly grpcCode: string | null;
  readonly caller: string | null;
  readonly sql: string | null;
  /** vtgate put the tablet's prefix before it. */
  readonly fromTablet: boolean;
  /** MySQL's number and state as the tablet prints them. */
  readonly fromMysql: boolean;
  /** A log line of vtgate about one of its MySQL clients. */
  readonly gatewayLog: boolean;
  /** A log line of vtgate about its connection to a tablet. */
  readonly linkLog: boolean;
}

export interface TakenApart {
  readonly layers: readonly ErrorLayer[];
  /** The text without its layers. */
  readonly core: string;
  readonly facts: LayerFacts;
}

type Facts = { -readonly [Key in keyof LayerFacts]: LayerFacts[Key] };

interface Wrapping {
  readonly by: string;
  /** Words that stand at its beginning; the pattern is tried only where one of them is. */
  readonly marks: readonly string[];
  /** Sticky, bounded in length. */
  readonly pattern: RegExp;
  tells(groups: Readonly<Record<string, string | undefined>>, facts: Facts): string;
}

const errorNumber = (facts: Facts, errno: string | undefined, state: string | undefined): string => {
  facts.errno ??= errno === undefined ? null : Number(errno);
  facts.sqlState ??= state ?? null;
  return [
    ...(errno === undefined ? [] : [`error ${errno}`]),
    ...(state === undefined ? [] : [`SQLSTATE ${state}`]),
  ].join(', ');
};

/** What programs put before a text. */
const prefixes: readonly Wrapping[] = [
  {
    by: 'MySQL or MariaDB command line',
    marks: ['ERROR '],
    pattern: /ERROR (?<errno>\d{1,6})(?: \((?<state>\w{5})\))?(?: at line \d{1,9})?(?: in file: '[^'\n]{0,300}')?: /y,
    tells: ({ errno, state }, facts) => errorNumber(facts, errno, state),
  },
  {
    by: 'Go-MySQL-Driver',
    marks: ['Error '],
    pattern: /Error (?<errno>\d{1,6})(?: \((?<state>\w{5})\))?: /y,
    tells: ({ errno, state }, facts) => errorNumber(facts, errno, state),
  },
  {
    by: 'PyMySQL',
    marks: ['pymysql.err.', 'OperationalError', 'ProgrammingError', 'InternalError', 'IntegrityError', '('],
    pattern: /(?:(?:pymysql\.err\.)?(?<kind>[A-Z]\w{3,40}Error):? ?)?\((?<errno>\d{1,6}), ["']/y,
    tells: ({ errno, kind }, facts) =>
      `${kind === undefined ? '' : `${kind}, `}${errorNumber(facts, errno, undefined)}`,
  },
  {
    by: 'mysql2',
    marks: ['ER_', 'HANDSHAKE_', 'PROTOCOL_'],
    pattern:
      /(?<code>(?:ER|HANDSHAKE|PROTOCOL)_[A-Z_]{2,60}) (?<errno>\d{1,6}|undefined) (?<state>\w{5}|undefined|#) ?/y,
    tells: ({ code, errno, state }, facts) =>
      `${code}${errno === 'undefined' ? '' : `, ${errorNumber(facts, errno, state === 'undefined' ? undefined : state)}`}`,
  },
  {
    by: 'PDO (PHP)',
    marks: ['SQLSTATE['],
    pattern: /SQLSTATE\[(?<state>\w{5})\](?: ?\[(?<errno>\d{1,6})\]| ?: [A-Za-z ]{1,60}: (?<number>\d{1,6}))? ?/y,
    tells: ({ errno, number, state }, facts) => errorNumber(facts, errno ?? number, state),
  },
  {
    by: 'Java',
    marks: ['Exception in thread ', 'java.', 'javax.', 'com.mysql.cj.', 'Caused by: '],
    pattern:
      /(?:Exception in thread "[^"\n]{0,100}" |Caused by: )?(?<kind>(?:java|javax|com\.mysql\.cj|sun)\.[\w.$]{3,120}(?:Exception|Error))(?:: |\n|$)/y,
    tells: ({ kind }) => kind ?? '',
  },
  {
    by: 'vtgate or vttablet, log',
    marks: ['20', 'E', 'W', 'I'],
    pattern:
      /(?:20\d\d-\d\d-\d\d[ T][\d:.,]{5,20}(?:Z| UTC)? (?<level>[A-Z]{3,5}) |[EWIF]\d{4} [\d:.]{8,20} +\d{1,9} )(?<place>[\w./-]{3,120}:\d{1,6})\]? /y,
    tells: ({ place }) => place ?? '',
  },
  {
    by: 'vtgate',
    marks: ['target: '],
    pattern: /target: (?<target>[^\s:]{1,200}(?::\S{1,100})?\.[a-z]{2,20}): /y,
    tells({ target = '' }, facts) {
      facts.target ??= target;
      const [keyspace = '', shard = '', type = ''] = target.split('.');
      return `meant for keyspace ${keyspace}, shard ${shard}, ${type}`;
    },
  },
  {
    by: 'vtgate',
    marks: ['vttablet: '],
    pattern: /vttablet: /y,
    tells(_, facts) {
      facts.fromTablet = true;
      return 'came back from its call to the tablet';
    },
  },
  {
    by: 'gRPC',
    marks: ['rpc error: '],
    pattern: /rpc error: code = (?<code>[A-Za-z]{1,40}(?:\(\d{1,5}\))?) desc = /y,
    tells({ code = '' }, facts) {
      facts.grpcCode ??= code;
      return `status ${code}`;
    },
  },
  {
    by: 'gRPC',
    marks: ['connection error: ', 'latest balancer error: '],
    pattern: /(?:latest balancer error: )?connection error: desc = "|latest balancer error: /y,
    tells: () => 'no connection could be made',
  },
  {
    by: 'gRPC',
    marks: ['transport: '],
    pattern: /transport: (?=authentication handshake failed: |Error while dialing: )/y,
    tells: () => 'the link itself',
  },
  {
    by: 'gRPC',
    marks: ['authentication handshake failed: '],
    pattern: /authentication handshake failed: /y,
    tells: () => 'in the TLS handshake',
  },
  {
    by: 'vtgate',
    marks: ['unknown error: '],
    pattern: /unknown error: /y,
    tells: () => 'an error without a MySQL number of its own',
  },
  {
    by: 'Vitess',
    marks: ['Code: '],
    pattern: /Code: (?<code>[A-Z_]{2,40})(?:\n| \| )/y,
    tells: ({ code = '' }, facts) => {
      facts.grpcCode ??= code;
      return `code ${code}`;
    },
  },
  {
    by: 'vtgate, log',
    marks: [
      'Cannot read post-SSL client handshake',
      'Cannot parse client handshake',
      'Cannot read client handshake',
      'Cannot parse post-SSL',
    ],
    pattern: /Cannot (?:read|parse) (?:post-SSL )?client handshake response from client [^\n]{1,80}?: (?=\D)/y,
    tells(_, facts) {
      facts.gatewayLog = true;
      return 'about a client of its MySQL port';
    },
  },
  {
    by: 'vtgate, log',
    marks: ['tablet '],
    pattern: /tablet [^\n]{1,300}? healthcheck stream error: /y,
    tells(_, facts) {
      facts.linkLog = true;
      return 'about its link to a tablet';
    },
  },
  {
    by: 'vtgate',
    marks: ['VT15001: '],
    pattern: /VT15001: transaction error, issue ROLLBACK and retry the transaction: /y,
    tells: () => 'inside a transaction, which has to be rolled back',
  },
  {
    by: 'vtgate or vttablet, log',
    marks: ['error: ', 'warn: ', 'info: '],
    pattern: /(?:error|warn|info): (?=\S)/y,
    tells: () => 'a line of the log',
  },
];

const MOST_LAYERS = 24;
/** A text between two layers that nothing here knows. */
const MOST_BETWEEN = 4_000;

/**
 * Takes a text apart: what clients, gRPC, vtgate and vttablet put around it, outermost first, and what is left. Text that is
 * in no known form stays in the core. Linear in the text's length.
 */
export function takeApart(text: string): TakenApart {
  const facts: Facts = {
    errno: null,
    sqlState: null,
    target: null,
    grpcCode: null,
    caller: null,
    sql: null,
    fromTablet: false,
    fromMysql: false,
    gatewayLog: false,
    linkLog: false,
  };
  const layers: ErrorLayer[] = [];
  let at = /^\s*/.exec(text)?.[0].length ?? 0;
  let coreFrom = at;
  while (layers.length < MOST_LAYERS) {
    const next = nextLayer(text, at, facts);
    if (next === null) break;
    const between = text.slice(at, next.from).trim();
    if (between !== '' && !/^[:,\s"'([]*$/.test(between)) layers.push({ by: 'before it', text: between, tells: '' });
    layers.push(next.layer);
    at = next.to;
    coreFrom = at;
  }
  const inner: ErrorLayer[] = [];
  const core = withoutEndings(text.slice(coreFrom), inner, facts);
  return {
    layers: [...layers, ...inner],
    core: layers.length > 0 ? withoutClosing(core.trim()) : core.trim(),
    facts,
  };
}

/** Without the quotation marks and brackets at its end that a layer before it had opened; those of its own stay. */
function withoutClosing(text: string): string {
  let core = text;
  for (let most = 4; most > 0; most -= 1) {
    const end = core.at(-1) ?? '';
    // The apostrophe of a word, as in doesn't, opens nothing.
    const plain = core.replace(/(?<=\w)'(?=\w)/g, '');
    const open =
      end === ')'
        ? plain.split('(').length < plain.split(')').length
        : (end === '"' || end === "'") && plain.split(end).length % 2 === 0;
    if (!open) break;
    core = core.slice(0, -1).trimEnd();
  }
  return core;
}

function nextLayer(text: string, at: number, facts: Facts): { layer: ErrorLayer; from: number; to: number } | null {
  const window = text.slice(at, at + MOST_BETWEEN);
  // Where a layer is expected every form is tried; further on only forms that nothing else looks like.
  let best: { wrapping: Wrapping; from: number; found: RegExpExecArray } | null = null;
  for (const wrapping of prefixes)
    for (const mark of wrapping.marks) {
      const offset = mark.length < 5 ? (window.startsWith(mark) ? 0 : -1) : window.indexOf(mark);
      if (offset < 0 || (best !== null && at + offset >= best.from)) continue;
      wrapping.pattern.lastIndex = at + offset;
      const found = wrapping.pattern.exec(text);
      if (found !== null) best = { wrapping, from: at + offset, found };
    }
  if (best === null) return null;
  const { wrapping, from, found } = best;
  const shown = found[0].trim();
  return {
    from,
    to: from + Math.max(1, found[0].length),
    layer: { by: wrapping.by, text: shown, tells: wrapping.tells(found.groups ?? {}, facts) },
  };
}

/** What vttablet puts behind a text: MySQL's number, the caller, the statement. */
function withoutEndings(text: string, layers: ErrorLayer[], facts: Facts): string {
  let core = text;
  const sqlAt = core.lastIndexOf(': Sql: "');
  if (sqlAt >= 0) {
    const statement = core.slice(sqlAt + 2);
    const bound = statement.lastIndexOf(', BindVars: ');
    facts.sql = statement.slice(6, bound < 0 ? undefined : bound).replace(/"$/, '');
    layers.unshift({ by: 'vttablet', text: statement.trim(), tells: 'the statement that it ran' });
    core = core.slice(0, sqlAt);
  }
  const callerAt = core.lastIndexOf(' (CallerID: ');
  if (callerAt >= 0) {
    const ending = core.slice(callerAt + 1);
    facts.caller = /^\(CallerID: ([^\n]{0,500}?)\)/.exec(ending)?.[1] ?? null;
    if (facts.caller !== null) {
      layers.unshift({
        by: 'vttablet',
        text: `(CallerID: ${facts.caller})`,
        tells: `asked by ${facts.caller === '' ? 'an empty name' : facts.caller}`,
      });
      core = core.slice(0, callerAt);
    }
  }
  const numberAt = core.lastIndexOf('(errno ');
  const number = numberAt < 0 ? null : /^\(errno (\d{1,6})\) \(sqlstate (\w{5})\)/.exec(core.slice(numberAt));
  if (number !== null) {
    facts.errno = Number(number[1]);
    facts.sqlState = number[2] ?? null;
    facts.fromMysql = true;
    layers.unshift({
      by: 'vttablet',
      text: number[0],
      tells: `MySQL answered with error ${number[1]}, SQLSTATE ${number[2]}`,
    });
    const before = core.slice(0, numberAt).trim();
    core = before === '' ? core.slice(numberAt + number[0].length).replace(/^: /, '') : before;
  }
  return core;
}
