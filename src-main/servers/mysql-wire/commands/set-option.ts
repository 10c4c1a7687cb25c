import type { CommandContext } from '../command-context';
import { writeEof } from '../packets/eof';
import { writeErr } from '../packets/err';
import { writeOk } from '../packets/ok';
import { multiStatementsOff, multiStatementsOn, readSetOption } from '../packets/set-option';

/**
 * COM_SET_OPTION. Another option than the two is answered with 1047; stock vtgate sends an EOF packet behind it, which
 * puts the client out of step, and so does vitess mode.
 */
export async function answerSetOption(context: CommandContext, payload: Buffer): Promise<void> {
  const { outlet, session, fidelity } = context;
  const known = payload.length >= 3;
  const option = known ? readSetOption(payload) : -1;
  if (option === multiStatementsOn || option === multiStatementsOff) {
    await session.setMultiStatements(option === multiStatementsOn);
    writeEnd(context);
  } else {
    const message = `error handling packet: [${[...payload].join(' ')}]`;
    writeErr(outlet.writer, { errno: 1047, sqlState: '08S01', message });
    if (known && fidelity.mode === 'vitess') writeEnd(context);
  }
  await outlet.flush();
}

function writeEnd({ outlet, deprecateEof, status }: CommandContext): void {
  if (deprecateEof) writeOk(outlet.writer, { status }, true);
  else writeEof(outlet.writer, { warnings: 0, status });
}
