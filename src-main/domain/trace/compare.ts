import type { Topology } from '../topology';
import type { Remedy } from './remedy';
import { plainText, rich, type Rich } from './rich';
import type { Hop, Mark, Trace } from './trace';
import type { WireView } from './wire';
import { transportPhrase } from './words';

/** One line of a cell: a mark, the words that set it apart from the other side, and the rest. */
export interface ComparedLine {
  readonly mark: Mark;
  /** Put on the marker where the two sides differ in it. */
  readonly key: string | null;
  readonly text: Rich;
}

export interface ComparedRow {
  readonly id: 'connection' | 'sign-in' | 'wire' | 'who' | 'may' | 'answer' | 'ways';
  readonly title: string;
  readonly differs: boolean;
  /** The two sides, in the order asked for. */
  readonly cells: readonly [readonly ComparedLine[], readonly ComparedLine[]];
}

export interface ComparedSide {
  readonly trace: Trace;
  readonly wire: WireView | null;
}

/** Two runs of one caller and one statement, side by side. */
export interface Comparison {
  readonly title: string;
  readonly rows: readonly ComparedRow[];
  readonly sides: readonly [ComparedSide, ComparedSide];
  readonly remedies: readonly [readonly Remedy[], readonly Remedy[]];
}

const hop = (trace: Trace, id: Hop['id']): Hop => trace.hops.find((one) => one.id === id) as Hop;

const line = (mark: Mark, text: Rich, key: string | null = null): ComparedLine => ({ mark, key, text });

/** The steps of hop A that are about the connection, and those about the sign-in. */
function clientLines(trace: Trace): { readonly connection: ComparedLine[]; readonly signIn: ComparedLine[] } {
  const connection: ComparedLine[] = [];
  const signIn: ComparedLine[] = [];
  const { steps, bothSides, said, why } = hop(trace, 'A');
  for (const { mark, text, details } of steps) {
    const words = plainText(text);
    if (words.startsWith('Greeting')) continue;
    if (
      words.startsWith('Signed in') ||
      words.startsWith('Sign-in') ||
      words.startsWith('Admitted') ||
      words.includes('asks nobody')
    ) {
      const method = text.find(({ style }) => style === 'code')?.text ?? null;
      signIn.push(line(mark, text, method), ...details.map((detail) => line('skipped', detail)));
      continue;
    }
    const version = /^(TLS \d\.\d|No TLS)/.exec(words)?.[1] ?? null;
    connection.push(line(mark, text, version), ...details.map((detail) => line('skipped', detail)));
  }
  if (bothSides !== null) connection.push(line('failed', bothSides.reason));
  if (said !== null) signIn.push(line('failed', rich`${said.trim()}`));
  signIn.push(...why.slice(0, 1).map((sentence) => line('skipped', sentence)));
  return { connection, signIn };
}

function whoLines(trace: Trace): ComparedLine[] {
  const { mark, summary } = hop(trace, 'B');
  return [mark === 'not-reached' ? line('not-reached', rich`Not reached`) : line(mark, summary, plainText(summary))];
}

function mayLines(trace: Trace): ComparedLine[] {
  const { mark, steps, summary } = hop(trace, 'D');
  if (mark === 'not-reached') return [line(mark, rich`Not reached`)];
  if (steps.length === 0) return [line(mark, summary)];
  return steps.map((step) => line(step.mark, step.text, plainText(step.text)));
}

function answerLines(trace: Trace): ComparedLine[] {
  const time = `${trace.milliseconds.toFixed(1)} ms`;
  if (trace.rows === null)
    return [line(trace.verdict === 'denied' ? 'denied' : 'failed', rich`${trace.title} after ${time}`, trace.title)];
  const { count, affected } = trace.rows;
  const rows =
    affected === null
      ? count === 1
        ? '1 row'
        : `${count} rows`
      : affected === 1
        ? '1 row changed'
        : `${affected} rows changed`;
  const answer = `${rows}`;
  return [line('passed', rich`${answer} · ${time}`, answer)];
}

function wireLines(side: ComparedSide): ComparedLine[] {
  const { wire } = side;
  if (wire === null) return [line('not-recorded', rich`No listener`)];
  const { statement, answer, password } = wire.reads;
  const seen = [
    ...(statement ? ['the statement'] : []),
    ...(answer === true ? [side.trace.rows?.count === 1 ? 'the row' : 'the rows'] : []),
    ...(wire.reads.user ? ['the user name'] : []),
    ...(password === 'readable' ? ['the password'] : []),
  ];
  const words = seen.length === 0 ? 'Nothing can be read' : `Can be read: ${seen.join(', ')}`;
  const secret =
    password === 'readable'
      ? [line('failed', rich`Password, readable`)]
      : password === 'hash'
        ? [line('warning', rich`A hash of the password crossed: passwords can be tried against it`)]
        : [];
  return [line(seen.length === 0 ? 'passed' : 'warning', rich`${words}`, words), ...secret];
}

const verdictWords = ({ verdict }: Trace): string =>
  ({
    allowed: 'allowed',
    denied: 'denied',
    refused: 'refused',
    'would-be-denied': 'let through by the dry run',
    'not-enforced': 'let through, not enforced',
  })[verdict];

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function titleOf(sides: readonly [ComparedSide, ComparedSide]): string {
  const [a, b] = sides.map(({ trace }) => trace) as [Trace, Trace];
  const first =
    a.verdict === b.verdict
      ? `Both are ${verdictWords(a)}.`
      : `${capital(transportPhrase[a.transport])} it is ${verdictWords(a)}, ${transportPhrase[b.transport]} ${verdictWords(b)}.`;
  const open = sides.filter(({ wire }) => wire !== null && (wire.reads.statement || wire.reads.answer === true));
  const [side] = open;
  if (side?.wire == null || side.trace.transport === 'mysql-unix') return first;
  const { reads } = side.wire;
  const what = [
    ...(reads.password === 'readable' ? ['the password'] : []),
    ...(reads.statement ? ['the statement'] : []),
    ...(reads.answer === true ? [side.trace.rows?.count === 1 ? 'the row' : 'the rows'] : []),
  ];
  const joined = what.length < 3 ? what.join(' and ') : `${what.slice(0, -1).join(', ')} and ${what.at(-1) ?? ''}`;
  const where = open.length === 2 ? 'Both ways' : capital(transportPhrase[side.trace.transport]);
  return `${first} ${where} anyone on the way reads ${joined}.`;
}

/** Ways to keep listeners out, as edits of the topology. */
function closing(side: ComparedSide, topology: Topology): Remedy[] {
  const { trace } = side;
  const index = topology.gateways.findIndex(({ name }) => name === trace.gateway);
  const gateway = topology.gateways[index];
  if (gateway === undefined || hop(trace, 'A').mark === 'failed') return [];
  const set = (label: string, path: readonly string[], value: boolean): Remedy => ({
    kind: 'edit',
    label,
    edit: { kind: 'topology.set', path: ['gateways', index, ...path], value },
    note: null,
  });
  const certificate: Remedy = {
    kind: 'open',
    label: 'Give the gateway a certificate…',
    screen: 'overview',
    focus: gateway.name,
    note: null,
  };
  if (trace.transport === 'mysql-plain')
    return gateway.mysql?.tls == null
      ? [certificate]
      : [set('Require TLS at the gateway', ['mysql', 'requireSecureTransport'], true)];
  if (trace.transport === 'grpc-plain')
    return gateway.grpc?.tls == null
      ? [certificate]
      : [set('Require TLS at the gateway', ['grpc', 'optionalTls'], false)];
  return [];
}

function waysLines(side: ComparedSide, remedies: readonly Remedy[]): ComparedLine[] {
  if (remedies.length > 0) return [];
  const { transport } = side.trace;
  if (transport === 'mysql-tls' && hop(side.trace, 'A').mark !== 'failed')
    return [line('warning', rich`The client decides this: it has to verify the gateway's certificate.`)];
  return [line('passed', rich`Nothing to do.`)];
}

/** Puts two runs side by side, row by row, with what differs marked. */
export function compareTraces(sides: readonly [ComparedSide, ComparedSide], topology: Topology): Comparison {
  const remedies = [closing(sides[0], topology), closing(sides[1], topology)] as const;
  const client = sides.map(({ trace }) => clientLines(trace)) as [
    ReturnType<typeof clientLines>,
    ReturnType<typeof clientLines>,
  ];
  const row = (id: ComparedRow['id'], title: string, cells: ComparedRow['cells']): ComparedRow => {
    const keys = cells.map((lines) => lines.flatMap(({ key }) => (key === null ? [] : [key])).join('\0'));
    return { id, title, cells, differs: keys[0] !== keys[1] };
  };
  const both = (make: (side: ComparedSide) => ComparedLine[]): ComparedRow['cells'] => [make(sides[0]), make(sides[1])];
  return {
    title: titleOf(sides),
    sides,
    remedies,
    rows: [
      row('connection', 'Connection', [client[0].connection, client[1].connection]),
      row('sign-in', 'Sign-in', [client[0].signIn, client[1].signIn]),
      row('wire', 'On the wire', both(wireLines)),
      row(
        'who',
        'Who is this?',
        both(({ trace }) => whoLines(trace)),
      ),
      row(
        'may',
        'May they?',
        both(({ trace }) => mayLines(trace)),
      ),
      row(
        'answer',
        'Answer',
        both(({ trace }) => answerLines(trace)),
      ),
      row('ways', 'Ways to close it', [waysLines(sides[0], remedies[0]), waysLines(sides[1], remedies[1])]),
    ],
  };
}
