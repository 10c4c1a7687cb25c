import { Secret } from '../kernel';

/** One account of a MySQL server as it was pasted. */
export interface PastedAccount {
  readonly line: number;
  readonly user: string;
  /** Host pattern; null when the text does not say. */
  readonly host: string | null;
  /** Authentication plugin; null when the text does not say. */
  readonly plugin: string | null;
  /** `authentication_string`; '' = none. */
  readonly authentication: Secret;
}

/** A line of the text that is no account. */
export interface UnreadLine {
  readonly line: number;
  readonly reason: string;
}

export interface AccountsReading {
  readonly accounts: readonly PastedAccount[];
  /** Lines that look like something but cannot be read; headings and rules are not among them. */
  readonly unread: readonly UnreadLine[];
}

type Column = 'user' | 'host' | 'plugin' | 'authentication';
type Fields = Partial<Record<Column, string>>;

const columns = new Map<string, Column>([
  ['user', 'user'],
  ['host', 'host'],
  ['plugin', 'plugin'],
  ['authentication_string', 'authentication'],
  ['password', 'authentication'],
]);
const RULE = /^[\s+|=*-]*$/;
const VERTICAL_HEAD = /^\*{5,}\s*\d+\.\s*row\s*\*{5,}$/;
const VERTICAL = /^\s*(user|host|plugin|authentication_string|password)\s*:\s?(.*)$/i;
const STATEMENT = /^\s*(?:create\s+(?:or\s+replace\s+)?user|alter\s+user|grant\s)/i;
/** Longer lines are no accounts: names have 80 characters, hosts 255, hashes 200. */
const LONGEST_LINE = 4_000;

/** A backslash escape of the mysql client's batch output. */
const unescapeBatch = (text: string): string =>
  text.replace(/\\([nt0\\])/g, (_, letter: string) => ({ n: '\n', t: '\t', '0': '\0' })[letter] ?? '\\');

const unquote = (text: string): string => {
  const quote = text[0] ?? '';
  if (text.length < 2 || !`'"\``.includes(quote) || !text.endsWith(quote)) return text;
  const inner = text.slice(1, -1).replaceAll(quote + quote, quote);
  return quote === '`' ? inner : inner.replace(/\\(.)/gs, '$1');
};

/** The cells of a row: a table with bars, tabs, commas, or blanks. */
function cellsOf(line: string): string[] {
  const trimmed = line.trim();
  if (trimmed.startsWith('|') && trimmed.endsWith('|') && trimmed.length > 1)
    return trimmed
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
  if (line.includes('\t')) return line.split('\t').map((cell) => unescapeBatch(cell.trim()));
  return (trimmed.includes(',') ? trimmed.split(',') : trimmed.split(/\s+/)).map((cell) => unquote(cell.trim()));
}

const isHost = (cell: string): boolean =>
  cell === '%' || cell.toLowerCase() === 'localhost' || (/^[\w%.:-]+$/.test(cell) && /[.%]|::/.test(cell));
const looksAuthenticating = (cell: string): boolean => /^(?:\*[0-9a-f]*|\$A\$.*|[0-9a-f]{16}|)$/is.test(cell);

/** What each column of a row without a heading is: the user first, the authentication string where one looks like it. */
function guess(cells: readonly string[]): Fields | string {
  if (cells.length < 2) return 'one value alone: an account needs a user and an authentication string';
  const [user = '', ...rest] = cells;
  const at = rest.findLastIndex((cell) => cell !== '' && looksAuthenticating(cell));
  const last = at >= 0 ? at : rest.findLastIndex(looksAuthenticating);
  if (last < 0) return 'no authentication string (an asterisk and 40 hexadecimal digits) stands in it';
  const host = rest.find((cell, index) => index !== last && isHost(cell));
  const plugin = rest.find((cell, index) => index !== last && /_password$|^auth_|^unix_socket$|^ed25519$/.test(cell));
  return {
    user,
    authentication: rest[last] ?? '',
    ...(host === undefined ? {} : { host }),
    ...(plugin === undefined ? {} : { plugin }),
  };
}

const NAME = String.raw`('(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|\`(?:[^\`]|\`\`)*\`|[\w$.-]+)`;
/** The name stands behind USER or TO; searching for it anywhere would take squared time on hostile lines. */
const ACCOUNT = new RegExp(
  String.raw`\b(?:user(?:\s+if\s+(?:not\s+)?exists)?|to)\s+${NAME}(?:\s*@\s*${NAME.replace('[\\w$.-]', '[\\w$.%-]')})?\s*(?=identified)`,
  'is',
);
const TEXT = String.raw`('(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|0x[0-9a-f]+)`;
const WITH = new RegExp(String.raw`identified\s+(?:with|via)\s+${NAME}(?:\s+(?:as|using)\s+${TEXT})?`, 'is');
const BY_HASH = new RegExp(String.raw`identified\s+by\s+password\s+${TEXT}`, 'is');
const BY = new RegExp(String.raw`identified\s+by\s+${TEXT}`, 'is');

const textOf = (written: string): string =>
  /^0x/i.test(written) ? Buffer.from(written.slice(2), 'hex').toString('latin1') : unquote(written);

/** The account of a CREATE USER, ALTER USER or GRANT statement, or what is wrong with it. */
function readStatement(text: string): Fields | string {
  const account = ACCOUNT.exec(text);
  const name = account?.[1];
  if (account === null || name === undefined)
    return /identified/i.test(text) ? 'the account’s name cannot be read' : 'no IDENTIFIED clause stands in it';
  const fields: Fields = { user: unquote(name), ...(account[2] === undefined ? {} : { host: unquote(account[2]) }) };
  const rest = text.slice(account.index);
  const byHash = BY_HASH.exec(rest);
  if (byHash !== null) return { ...fields, authentication: textOf(byHash[1] ?? '') };
  if (BY.test(rest)) return 'a password in clear: paste the line of SHOW CREATE USER, or set the password here';
  const using = WITH.exec(rest);
  if (using === null) return 'the IDENTIFIED clause cannot be read';
  return {
    ...fields,
    plugin: unquote(using[1] ?? ''),
    authentication: using[2] === undefined ? '' : textOf(using[2]),
  };
}

/** Statements may run over several lines: each ends at a semicolon or where the next one begins. */
function* logicalLines(text: string): Generator<{ readonly line: number; readonly text: string }> {
  let statement: { line: number; text: string } | null = null;
  let number = 0;
  for (const raw of text.split(/\r\n|\n|\r/)) {
    number += 1;
    const begins = STATEMENT.test(raw);
    if (statement !== null && !begins) {
      statement.text += `\n${raw}`;
      if (/;\s*$/.test(raw) || raw.trim() === '' || statement.text.length > LONGEST_LINE) {
        yield statement;
        statement = null;
      }
      continue;
    }
    if (statement !== null) yield statement;
    statement = begins ? { line: number, text: raw } : null;
    if (!begins) yield { line: number, text: raw };
    else if (/;\s*$/.test(raw)) {
      yield { line: number, text: raw };
      statement = null;
    }
  }
  if (statement !== null) yield statement;
}

/**
 * Reads accounts out of what people copy from a MySQL or MariaDB server: the output of
 * `SELECT user, host, plugin, authentication_string FROM mysql.user` (table, batch or vertical), the lines of
 * `SHOW CREATE USER` and of dumps, or plain rows of a name and a hash. Never throws; no reason holds a hash.
 */
export function readMysqlAccounts(text: string): AccountsReading {
  const accounts: PastedAccount[] = [];
  const unread: UnreadLine[] = [];
  let heading: (Column | null)[] | null = null;
  let vertical: { line: number; fields: Fields } | null = null;
  const add = (line: number, { user, host, plugin, authentication }: Fields): void => {
    if (user === undefined || authentication === undefined)
      unread.push({
        line,
        reason: user === undefined ? 'no user stands in it' : 'no authentication_string stands in it',
      });
    else
      accounts.push({
        line,
        user,
        host: host ?? null,
        plugin: plugin === undefined || plugin === '' ? null : plugin,
        authentication: new Secret(authentication === 'NULL' ? '' : authentication),
      });
  };
  const endVertical = (): void => {
    if (vertical !== null) add(vertical.line, vertical.fields);
    vertical = null;
  };

  for (const { line, text: raw } of logicalLines(text)) {
    if (VERTICAL_HEAD.test(raw.trim())) {
      endVertical();
      vertical = { line, fields: {} };
      continue;
    }
    const field = VERTICAL.exec(raw);
    if (field !== null && (vertical !== null || heading === null)) {
      const column = columns.get((field[1] ?? '').toLowerCase()) ?? 'user';
      const open: { line: number; fields: Fields } | null = vertical;
      if (open === null || column in (open as { fields: Fields }).fields) {
        endVertical();
        vertical = { line, fields: { [column]: field[2] ?? '' } };
      } else (open as { fields: Fields }).fields[column] = field[2] ?? '';
      continue;
    }
    if (RULE.test(raw) || /^\s*(?:--|#)/.test(raw) || /^\s*(?:mysql|MariaDB[^>]*)>/.test(raw)) continue;
    if (/^\s*\d+ rows? in set|^\s*Empty set|^\s*select\s/i.test(raw)) continue;
    endVertical();
    if (raw.length > LONGEST_LINE) unread.push({ line, reason: `longer than ${LONGEST_LINE} characters` });
    else if (STATEMENT.test(raw)) {
      const read = readStatement(raw);
      if (typeof read === 'string') unread.push({ line, reason: read });
      else add(line, read);
    } else {
      const cells = cellsOf(raw);
      const named = cells.map((cell) => columns.get(cell.toLowerCase()) ?? null);
      if (named.includes('user') && named.includes('authentication')) {
        heading = named;
        continue;
      }
      const read = heading?.length === cells.length ? byHeading(heading, cells) : guess(cells);
      if (typeof read === 'string') unread.push({ line, reason: read });
      else add(line, read);
    }
  }
  endVertical();
  return { accounts, unread };
}

const byHeading = (heading: readonly (Column | null)[], cells: readonly string[]): Fields =>
  Object.fromEntries(heading.flatMap((column, at) => (column === null ? [] : [[column, cells[at] ?? '']]))) as Fields;
