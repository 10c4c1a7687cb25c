import { splitStatements } from '../../domain/sql';
import { bindText } from './text-binds';
import type { Executor } from './executor';
import { rowTexts } from './result';
import type { GatewaySession } from './session';
import type { StatementCall, StatementOutcome } from './statement-call';
import { states, VitessError } from './vitess-error';

const name = '(?:`([^`]+)`|([A-Za-z0-9_$]+))';
const prepareForm = new RegExp(`^prepare\\s+${name}\\s+from\\s+(?:(['"])([\\s\\S]*)\\3|@([A-Za-z0-9_$.]+))$`, 'i');
const executeForm = new RegExp(`^execute\\s+${name}(?:\\s+using\\s+([\\s\\S]+))?$`, 'i');
const deallocateForm = new RegExp(`^(?:deallocate|drop)\\s+prepare\\s+${name}$`, 'i');

/** The statement without space and semicolons around it, so that the forms above need not look for their ends. */
const trimmed = (sql: string): string => {
  let end = sql.length;
  while (end > 0 && (sql.charCodeAt(end - 1) <= 32 || sql.charCodeAt(end - 1) === 59)) end -= 1;
  return sql.slice(0, end).trimStart();
};

const syntaxError = (sql: string): VitessError =>
  new VitessError('INVALID_ARGUMENT', `syntax error at position ${sql.length + 1}`);

const unknownHandler = (statement: string, verb: string): VitessError =>
  new VitessError(
    'NOT_FOUND',
    `VT09011: Unknown prepared statement handler (${statement}) given to ${verb}`,
    states.unknownStatementHandler,
  );

/** The text between quotes, with MySQL's backslash escapes and doubled quotes undone. */
function unquote(text: string, quote: string): string {
  const escapes: { readonly [letter: string]: string } = { n: '\n', r: '\r', t: '\t', '0': '\0', b: '\b', Z: '\x1a' };
  return text.replace(/\\([\s\S])/g, (_, letter: string) => escapes[letter] ?? letter).replaceAll(quote + quote, quote);
}

/** The user variable that a PREPARE takes its text from, lower case; null where a text is given. */
const preparedVariable = (sql: string): string | null => prepareForm.exec(trimmed(sql))?.[5]?.toLowerCase() ?? null;

/**
 * `PREPARE s FROM 'text'`: vtgate keeps the text in the session. `faultOf` gives the text's syntax error, or null;
 * `valueOf` is the value of the variable named in place of a text, null when it has none.
 */
export function prepareText(
  session: GatewaySession,
  sql: string,
  faultOf: (text: string) => string | null = () => null,
  valueOf: string | null = null,
): void {
  const found = prepareForm.exec(trimmed(sql));
  if (found === null) throw syntaxError(sql);
  const [, quoted, bare, quote, text, variable] = found;
  const prepared = text === undefined || quote === undefined ? valueOf : unquote(text, quote);
  if (prepared === null) {
    throw new VitessError('INVALID_ARGUMENT', `VT03024: '${variable ?? ''}' user defined variable does not exists`);
  }
  const [first = prepared, ...more] = splitStatements(prepared);
  const fault = faultOf(more.length === 0 ? prepared : first);
  if (fault !== null) throw new VitessError('INVALID_ARGUMENT', fault);
  if (more.length > 0) throw new VitessError('INVALID_ARGUMENT', 'Expected a single statement', states.singleStatement);
  session.prepared.set((quoted ?? bare ?? '').toLowerCase(), prepared);
}

/** The text in the user variable that a PREPARE names; null when none is named or it was never set. */
export async function preparedValue(executor: Executor, call: StatementCall): Promise<string | null> {
  const name = preparedVariable(call.sql);
  if (name === null || !call.session.userVariables.has(name)) return null;
  const kept = call.session.pendingVariables.get(name)?.value.value;
  if (kept != null) return Buffer.from(kept).toString('utf8');
  const sql = `select @\`${name.replaceAll('`', '``')}\``;
  const [row] = (await executor.run({ ...call, sql, binds: undefined, stream: undefined })).rows;
  return row === undefined ? null : (rowTexts(row)[0] ?? null);
}

/** `@a` and `@`a`` as sessions name the variable. */
const nameOf = (variable: string): string => variable.slice(1).replaceAll('`', '').toLowerCase();

/** The text that a PREPARE or EXECUTE of this session is about; '' when there is none. */
export function preparedText({ prepared }: GatewaySession, sql: string): string {
  const text = trimmed(sql);
  const found = prepareForm.exec(text) ?? executeForm.exec(text);
  return prepared.get((found?.[1] ?? found?.[2] ?? '').toLowerCase()) ?? '';
}

/** `EXECUTE s USING @a, @b`: the variables' values become the parameters. */
export async function executeText(executor: Executor, call: StatementCall): Promise<StatementOutcome> {
  const found = executeForm.exec(trimmed(call.sql));
  if (found === null) throw syntaxError(call.sql);
  const statement = found[1] ?? (found[2] as string);
  const text = call.session.prepared.get(statement.toLowerCase());
  if (text === undefined) throw unknownHandler(statement, 'EXECUTE');
  const variables = (found[3] ?? '')
    .split(',')
    .map((variable) => variable.trim())
    .filter((variable) => variable !== '');
  if (variables.some((variable) => !/^@(?:`[^`]+`|[A-Za-z0-9_$.]+)$/.test(variable))) throw syntaxError(call.sql);
  const parameters = executor.plan(text).marks.filter(({ kind }) => kind === 'parameter').length;
  if (parameters !== variables.length) {
    throw new VitessError('INVALID_ARGUMENT', 'VT03025: Incorrect arguments to EXECUTE', states.wrongArguments);
  }
  let binds: StatementCall['binds'];
  const kept = variables.map((variable) => call.session.pendingVariables.get(nameOf(variable))?.value);
  if (kept.every((value) => value !== undefined)) {
    binds = Object.fromEntries(kept.map((value, at) => [`v${at + 1}`, value]));
  } else {
    const values = await executor.run({
      ...call,
      sql: `select ${variables.join(', ')}`,
      binds: undefined,
      stream: undefined,
    });
    binds = bindText(values);
  }
  return executor.run({ ...call, sql: text, binds, prepared: true });
}

/** `DEALLOCATE PREPARE s`. */
export function deallocateText(session: GatewaySession, sql: string): void {
  const found = deallocateForm.exec(trimmed(sql));
  if (found === null) throw syntaxError(sql);
  const statement = found[1] ?? (found[2] as string);
  if (!session.prepared.delete(statement.toLowerCase())) throw unknownHandler(statement, 'DEALLOCATE PREPARE');
}
