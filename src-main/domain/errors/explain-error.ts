import type { HopId } from '../trace';
import { templates } from './catalogue';
import type { EntryStage, ErrorEntry, Printer } from './entry';
import { takeApart, type ErrorLayer, type LayerFacts } from './layers';
import { maskSecrets } from './mask';
import { plainText } from './plain-text';
import { folded, matchTemplate, type TemplateMatch } from './template';

/** Where an error arose: a hop; `planning` in the gateway, the caller known; `client` before anything was sent; `start` when files are read; `unknown`: the text does not say. */
export type ErrorStage = HopId | 'planning' | 'client' | 'start' | 'unknown';

/** One known text that was found. */
export interface KnownError {
  readonly id: string;
  readonly by: Printer;
  readonly source: string;
  readonly stage: ErrorStage;
  readonly title: string;
  /** Pieces of a sentence; `value` is what the text itself held. */
  readonly cause: readonly { readonly text: string; readonly value: boolean }[];
  readonly remedies: readonly string[];
  /** The piece of the text that was recognised. */
  readonly quote: string;
}

export interface ExplainedError {
  /** The text with its secrets taken out. */
  readonly text: string;
  readonly secretsMasked: number;
  /** Only the beginning and the end were read. */
  readonly shortened: boolean;
  readonly layers: readonly ErrorLayer[];
  /** What is left without the layers. */
  readonly core: string;
  /** Best first; empty: the text is not known. */
  readonly known: readonly KnownError[];
  /** What can be said all the same when nothing is known, or besides. */
  readonly facts: readonly string[];
}

/** Of longer texts half of this is read at the beginning and half at the end: an error is short, and a log is not one error. */
export const MOST_ERROR_CHARACTERS = 65_536;
/** More than any secret takes of a text: what is masked beyond a cut and left out then, so that no half of a secret stays. */
const CUT_MARGIN = 8_192;
const MOST_SHOWN = 4;

const stageWords: Readonly<Record<ErrorStage, string>> = {
  A: 'Client to gateway',
  B: 'Gateway: who is this?',
  planning: 'Gateway: what does the statement ask, and of whom?',
  C: 'Gateway to tablet',
  D: 'Tablet: may they?',
  E: 'Tablet to MySQL',
  client: 'In the client, by its own settings',
  start: 'When a program reads its files and flags',
  unknown: 'The text does not say on which link',
};

/** A stage as it is shown. */
export const errorStageWord = (stage: ErrorStage): string => stageWords[stage];

/**
 * What an error text means: secrets are taken out first, then the text is taken apart into what each program put around it,
 * then known texts are looked for, the most telling first. A text that is not known gets no guess, only what its layers say.
 * Takes any text, hostile ones too; time grows with its length only.
 */
export function explainError(input: string): ExplainedError {
  const shortened = input.length > MOST_ERROR_CHARACTERS;
  const masked = shortened ? maskedEnds(input) : maskSecrets(plainText(input));
  const { text } = masked;
  const { layers, core, facts } = takeApart(text);
  const found = bestMatches(text);
  return {
    text,
    secretsMasked: masked.count,
    shortened,
    layers,
    core,
    known: found.map(({ entry, match }) => known(entry, match, text, facts)),
    facts: factLines(facts, found.length > 0),
  };
}

/** Beginning and end of a long text without secrets, also without the halves of those that the cut goes through. */
function maskedEnds(input: string): ReturnType<typeof maskSecrets> {
  const half = MOST_ERROR_CHARACTERS / 2;
  const head = maskSecrets(plainText(input.slice(0, half + CUT_MARGIN)));
  const tail = maskSecrets(withoutKeyEnd(plainText(input.slice(-half - CUT_MARGIN))));
  return {
    text: `${head.text.slice(0, -CUT_MARGIN)}\n${tail.text.slice(CUT_MARGIN)}`,
    count: head.count + tail.count,
  };
}

/** Without the end of a private key whose beginning was cut off. */
function withoutKeyEnd(text: string): string {
  const end = /-----END [A-Z ]{0,40}PRIVATE KEY-----/.exec(text);
  const begin = text.search(/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/);
  if (end === null || (begin >= 0 && begin < end.index)) return text;
  return ' '.repeat(end.index) + text.slice(end.index);
}

interface Found {
  readonly entry: ErrorEntry;
  readonly match: TemplateMatch;
}

function bestMatches(text: string): Found[] {
  const low = folded(text);
  const found: Found[] = [];
  for (const { entry, template } of templates) {
    const match = matchTemplate(template, text, low);
    if (match !== null) found.push({ entry, match });
  }
  found.sort((one, other) => other.match.weight - one.match.weight);
  const kept: Found[] = [];
  for (const one of found) {
    const covered = kept.some(
      ({ entry, match }) =>
        entry.id === one.entry.id ||
        (one.match.from < match.to && match.from < one.match.to && !wraps(one.match, match)),
    );
    if (!covered) kept.push(one);
    if (kept.length === MOST_SHOWN) break;
  }
  // A text inside another one's varying part is the nearer cause.
  return kept.sort((one, other) => Number(wraps(one.match, other.match)) - Number(wraps(other.match, one.match)));
}

/** Whether one match holds the other within what varies in it: `SSL connection error: {reason}`. */
const wraps = (outer: TemplateMatch, inner: TemplateMatch): boolean =>
  outer.from <= inner.from &&
  inner.to <= outer.to &&
  outer.to - outer.from > inner.to - inner.from &&
  outer.weight <= inner.from - outer.from + 1;

function known(entry: ErrorEntry, match: TemplateMatch, text: string, facts: LayerFacts): KnownError {
  const quote = text.slice(match.from, match.to);
  return {
    id: entry.id,
    by: entry.by,
    source: entry.source,
    stage: stageOf(entry.stage, entry.by, facts),
    title: entry.title,
    cause: filled(entry.cause, match.values),
    remedies: entry.remedies.map((remedy) =>
      filled(remedy, match.values)
        .map((piece) => piece.text)
        .join(''),
    ),
    quote: quote.length > 400 ? `${quote.slice(0, 399)}…` : quote,
  };
}

/** A sentence with its `{names}` replaced; a name without a value stays a plain “it”. */
function filled(sentence: string, values: Readonly<Record<string, string>>): KnownError['cause'] {
  return sentence.split(/\{([a-zA-Z]+)\}/).flatMap((part, index): KnownError['cause'] => {
    if (index % 2 === 0) return part === '' ? [] : [{ text: part, value: false }];
    const value = values[part];
    if (value === undefined) return [{ text: 'it', value: false }];
    const shown = value.length > 200 ? `${value.slice(0, 199)}…` : value;
    return [{ text: shown === '' ? '(empty)' : shown, value: true }];
  });
}

const clientPrinters: ReadonlySet<Printer> = new Set([
  'MySQL client',
  'MariaDB client',
  'Connector/J',
  'mysql2',
  'PyMySQL',
  'Go-MySQL-Driver',
  'mysqlnd (PHP)',
]);

function stageOf(stage: EntryStage, by: Printer, facts: LayerFacts): ErrorStage {
  if ((stage === 'B' || stage === 'planning') && facts.fromTablet) return 'D';
  if (stage === 'A' && (facts.fromTablet || facts.linkLog)) return 'C';
  if (stage !== 'tls' && stage !== 'network') return stage;
  if (facts.fromMysql) return 'E';
  if (facts.linkLog || facts.fromTablet || facts.target !== null) return 'C';
  if (facts.gatewayLog || clientPrinters.has(by) || facts.errno !== null) return 'A';
  return 'unknown';
}

function factLines(facts: LayerFacts, isKnown: boolean): string[] {
  const lines: string[] = [];
  if (facts.fromMysql)
    lines.push(`MySQL itself answered, with error ${facts.errno}: gateway and tablet had let the statement pass.`);
  else if (facts.fromTablet)
    lines.push(
      facts.caller === null
        ? 'It came back from the call to the tablet; whether the tablet or the link to it failed, its words say.'
        : 'The tablet had the statement and refused it or failed with it.',
    );
  else if (facts.target !== null) lines.push(`The gateway was about to ask ${facts.target}.`);
  else if (facts.errno !== null && !isKnown)
    lines.push(
      facts.errno >= 2000 && facts.errno < 3000
        ? `Numbers from 2000 to 2999 are of the client's own library: no server said this.`
        : `A server answered with error ${facts.errno}; no layer of Vitess is around it.`,
    );
  if (facts.caller !== null)
    lines.push(`The tablet knew the caller as ${facts.caller === '' ? 'an empty name' : `“${facts.caller}”`}.`);
  return lines;
}
