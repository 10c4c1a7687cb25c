/** A stretch of text outside strings, quoted names and comments that the gateway itself gives a meaning. */
export interface SqlMark {
  readonly kind: 'parameter' | 'argument' | 'user-variable' | 'system-variable';
  readonly start: number;
  readonly end: number;
  /** `@@session.autocommit` → scope `session`, name `autocommit`; '' for parameters. */
  readonly name: string;
  readonly scope: '' | 'session' | 'global';
  /** Only for parameters: the value counts rows (`LIMIT ?`, `LIMIT ?, ?`, `OFFSET ?`), where NULL is no value. */
  readonly counts: boolean;
}

const quote = (code: number): boolean => code === 39 || code === 34 || code === 96;
const wordCode = (code: number): boolean =>
  (code >= 48 && code <= 57) ||
  (code >= 65 && code <= 90) ||
  (code >= 97 && code <= 122) ||
  code === 95 ||
  code === 36 ||
  code > 127;

/** Offset behind a quoted stretch that begins at `at`; the end of the text if it never closes. */
function behindQuoted(sql: string, at: number): number {
  const mark = sql.charCodeAt(at);
  for (let i = at + 1; i < sql.length; i++) {
    const code = sql.charCodeAt(i);
    if (code === 92 && mark !== 96) i++;
    else if (code === mark) {
      if (sql.charCodeAt(i + 1) !== mark) return i + 1;
      i++;
    }
  }
  return sql.length;
}

function behindComment(sql: string, at: number): number {
  const code = sql.charCodeAt(at);
  if (code === 47) {
    const end = sql.indexOf('*/', at + 2);
    return end < 0 ? sql.length : end + 2;
  }
  const end = sql.indexOf('\n', at);
  return end < 0 ? sql.length : end + 1;
}

function isComment(sql: string, at: number): boolean {
  const code = sql.charCodeAt(at);
  // What stands in a versioned comment is run, so it is looked at.
  if (code === 47)
    return sql.charCodeAt(at + 1) === 42 && sql.charCodeAt(at + 2) !== 33 && sql.slice(at + 2, at + 4) !== 'M!';
  if (code === 35) return true;
  return code === 45 && sql.charCodeAt(at + 1) === 45 && (at + 2 >= sql.length || sql.charCodeAt(at + 2) <= 32);
}

/**
 * Finds parameters (`?`), user variables (`@x`) and system variables (`@@x`) of a statement. It knows quotes and comments
 * and nothing else of SQL; in doubt it reports a mark, which makes a session keep its own connection.
 */
export function scanSql(sql: string): SqlMark[] {
  const marks: SqlMark[] = [];
  let word = '';
  let inLimit = false;
  for (let at = 0; at < sql.length;) {
    const code = sql.charCodeAt(at);
    if (quote(code)) {
      at = behindQuoted(sql, at);
      word = '';
    } else if (isComment(sql, at)) at = behindComment(sql, at);
    else if (code === 64) {
      const mark = variableAt(sql, at);
      marks.push(mark);
      at = mark.end;
      word = '';
    } else if (code === 63) {
      marks.push({
        kind: 'parameter',
        start: at,
        end: at + 1,
        name: '',
        scope: '',
        counts: inLimit || word === 'offset',
      });
      at += 1;
    } else if (code === 58 && wordCode(sql.charCodeAt(at + 1)) && sql.charCodeAt(at - 1) !== 58) {
      const start = at;
      at += 1;
      while (at < sql.length && wordCode(sql.charCodeAt(at))) at++;
      marks.push({ kind: 'argument', start, end: at, name: sql.slice(start + 1, at), scope: '', counts: inLimit });
    } else if (wordCode(code)) {
      const start = at;
      while (at < sql.length && wordCode(sql.charCodeAt(at))) at++;
      word = sql.slice(start, at).toLowerCase();
      if (word === 'limit' || word === 'offset') inLimit = true;
      else if (!/^\d+$/.test(word)) inLimit = false;
    } else {
      if (code === 41 || code === 40) inLimit = false;
      at += 1;
    }
  }
  return marks;
}

function variableAt(sql: string, at: number): SqlMark {
  const system = sql.charCodeAt(at + 1) === 64;
  let end = at + (system ? 2 : 1);
  const first = sql.charCodeAt(end);
  if (quote(first)) end = behindQuoted(sql, end);
  else while (end < sql.length && (wordCode(sql.charCodeAt(end)) || sql.charCodeAt(end) === 46)) end++;
  const text = sql.slice(at + (system ? 2 : 1), end).replace(/^([`'"])([\s\S]*)\1$/, '$2');
  if (!system) return { kind: 'user-variable', start: at, end, name: text, scope: '', counts: false };
  const found = /^(session|local|global)\.(.*)$/is.exec(text);
  const scope = found === null ? '' : found[1]?.toLowerCase() === 'global' ? 'global' : 'session';
  const name = (found === null ? text : (found[2] as string)).replaceAll('`', '').toLowerCase();
  return { kind: 'system-variable', start: at, end, name, scope, counts: false };
}
