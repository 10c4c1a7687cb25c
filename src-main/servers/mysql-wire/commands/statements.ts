import { ClosingError } from '../closing-error';
import type { CommandContext } from '../command-context';
import type { CommandResult } from '../command-result';
import { parameterDefinition, writeColumnDefinition } from '../packets/column-definition';
import { readCommandText } from '../packets/command-text';
import { writeEof } from '../packets/eof';
import { writeOk } from '../packets/ok';
import { readExecutedStatementId, readStmtExecute } from '../packets/stmt-execute';
import { readStatementId } from '../packets/stmt-id';
import { writeStmtPrepareOk } from '../packets/stmt-prepare-ok';
import { readLongData } from '../packets/stmt-send-long-data';
import { MysqlError, type ColumnDefinition } from '../types';

const mostParameters = 0xffff;

/** COM_STMT_PREPARE: the statement's number, then what its parameters and columns look like. */
export async function prepareStatement(context: CommandContext, payload: Buffer): Promise<void> {
  const { outlet, statements, session } = context;
  const sql = readCommandText(payload);
  const { parameterCount, columns } = await session.prepare(sql);
  if (parameterCount > mostParameters || columns.length > mostParameters) {
    throw new MysqlError(1390, 'HY000', 'Prepared statement contains too many placeholders');
  }
  const statement = statements.add(sql, parameterCount);
  const { writer } = outlet;
  writeStmtPrepareOk(writer, {
    statementId: statement.id,
    columns: columns.length,
    parameters: parameterCount,
    warnings: 0,
  });
  await writeDefinitions(context, new Array<ColumnDefinition>(parameterCount).fill(parameterDefinition));
  await writeDefinitions(context, columns);
  await outlet.flush();
}

async function writeDefinitions(context: CommandContext, columns: readonly ColumnDefinition[]): Promise<void> {
  const { outlet, deprecateEof, status } = context;
  for (const column of columns) {
    writeColumnDefinition(outlet.writer, column);
    await outlet.flushIfFull();
  }
  if (columns.length > 0 && !deprecateEof) writeEof(outlet.writer, { warnings: 0, status });
}

/** COM_STMT_EXECUTE. Values sent ahead count for this execution, whether it succeeds or not. */
export function executeStatement(
  context: CommandContext,
  payload: Buffer,
  newResult: () => CommandResult,
): Promise<void> {
  const { statements, session, signal } = context;
  const statement = statements.find(readExecutedStatementId(payload));
  if (statement === undefined) throw new MysqlError(2014, 'HY000', 'statement ID is not found from record');
  const { parameterCount, types, failed } = statement;
  const longData = statements.takeLongData(statement);
  statement.failed = null;
  if (failed !== null) throw failed;
  const execution = readStmtExecute(payload, { parameterCount, types, longData });
  statement.types = execution.types;
  return session.execute(statement.sql, execution.parameters, newResult(), signal);
}

/**
 * COM_STMT_SEND_LONG_DATA, which has no answer. What is wrong with it is told by the next execution, as with MySQL; stock
 * vtgate, and vitess mode, answer with an error that the client does not expect.
 */
export async function appendLongData(context: CommandContext, payload: Buffer): Promise<void> {
  const { statements, connectionId, fidelity } = context;
  const piece = readLongData(payload);
  const statement = statements.find(piece.statementId);
  const loud = fidelity.mode === 'vitess';
  if (statement === undefined) {
    if (!loud) return;
    throw new Error(
      `got wrong statement id from client ${connectionId}, statement ID(${piece.statementId}) is not found from record`,
    );
  }
  if (piece.parameter >= statement.parameterCount) {
    if (loud) throw new Error(`invalid parameter Number from client ${connectionId}, statement: ${statement.sql}`);
    statement.failed = new MysqlError(1210, 'HY000', 'Incorrect arguments to mysqld_stmt_send_long_data');
    return;
  }
  try {
    statements.append(statement, piece);
  } catch (error) {
    if (!(error instanceof MysqlError)) throw error;
    statements.dropLongData(statement);
    statement.failed = error;
  }
}

/** COM_STMT_CLOSE, which has no answer, and COM_STMT_RESET, which forgets the values sent ahead. */
export async function resetStatement(context: CommandContext, payload: Buffer, close: boolean): Promise<void> {
  const { statements, outlet, status, fidelity } = context;
  const id = readStatementId(payload);
  if (close) return statements.close(id);
  const statement = statements.find(id);
  if (statement === undefined) {
    if (fidelity.mode === 'vitess') {
      const message = `commands were executed in an improper order: [${[...payload].join(' ')}]`;
      throw new ClosingError({ errno: 2014, sqlState: '08S01', message });
    }
    throw new MysqlError(1243, 'HY000', `Unknown prepared statement handler (${id}) given to mysqld_stmt_reset`);
  }
  statements.dropLongData(statement);
  writeOk(outlet.writer, { status });
  await outlet.flush();
}
