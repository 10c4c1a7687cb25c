import type { LoggedInClient } from './login';
import { sendPayload } from './play';
import { expectedAnswer } from './shown';
import { readAnswers, type SeenAnswer } from './wire-reader';

/** What a client of vtgate sees of one statement, in the words of errors.json: result sets as counts. */
export function shownOutcome(answer: SeenAnswer, withStatus: boolean): unknown {
  if (answer.err !== undefined) return expectedAnswer({ err: answer.err });
  if (answer.connectionClosed === true) return { connectionClosed: true };
  if (answer.ok !== undefined) return { ok: answer.ok };
  if (answer.errInRows !== undefined) return expectedAnswer({ err: answer.errInRows });
  const { columns = [], rows = [], end } = answer;
  return {
    resultSet: { columns: columns.length, rows: rows.length },
    ...(withStatus ? { status: end?.status ?? [] } : {}),
  };
}

/** Sends COM_QUERY and shows the last of its results. */
export async function askOutcome(client: LoggedInClient, sql: string, withStatus: boolean): Promise<unknown> {
  sendPayload(client.raw, Buffer.concat([Buffer.of(3), Buffer.from(sql)]));
  const answers = await readAnswers(client.raw, client.deprecateEof);
  return shownOutcome(answers.at(-1) as SeenAnswer, withStatus);
}
