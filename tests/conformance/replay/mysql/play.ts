import type { RawClient } from '../../../support/mysql-wire/raw-client';
import { textOf, type Text } from '../../../support/mysql-wire/recorded-protocol';
import type { LoggedInClient } from './login';
import { executePayload, type ExecuteOptions, type Param } from './parameters';
import { expectedAnswer, shownAnswer } from './shown';
import { readAnswer, readAnswers, readPreparation, type SeenAnswer, type SeenPrepared } from './wire-reader';

/** What one connection keeps from step to step. */
export interface PlayState {
  statementId: number;
}

export interface RecordedStep {
  readonly do: readonly [string, ...unknown[]];
  readonly got: Readonly<Record<string, unknown>>;
}

const command = (code: number, rest: Buffer = Buffer.alloc(0)): Buffer => Buffer.concat([Buffer.of(code), rest]);

function le(value: number, bytes: 2 | 4): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
}

const unanswered = new Set(['longdata', 'close-stmt', 'com-noreply']);

/** Payloads of 16 MiB - 1 and more go in several frames. */
export function sendPayload(raw: RawClient, payload: Buffer): void {
  const most = 0xffffff;
  for (let sequence = 0; ; sequence += 1) {
    const part = payload.subarray(sequence * most, (sequence + 1) * most);
    raw.send(sequence & 0xff, part);
    if (part.length < most) return;
  }
}

function payloadOf([operation, first, second]: RecordedStep['do'], state: PlayState): Buffer {
  const text = (value: unknown): Buffer => (value === undefined ? Buffer.alloc(0) : textOf(value as Text));
  switch (operation) {
    case 'query':
      return command(3, text(first));
    case 'init':
      return command(2, text(first));
    case 'ping':
      return command(0x0e);
    case 'com':
    case 'com-noreply':
      return command(first as number, text(second));
    case 'change-user':
      return command(0x11, Buffer.from(`${String(first)}\0\0\0`));
    case 'reset-connection':
      return command(0x1f);
    case 'set-option':
      return command(0x1b, le(first as number, 2));
    case 'prepare':
      return command(0x16, text(first));
    case 'execute':
      return executePayload(state.statementId, first as readonly Param[], (second ?? {}) as ExecuteOptions);
    case 'execute-id':
      return executePayload(first as number, []);
    case 'longdata':
      return command(0x18, Buffer.concat([le(state.statementId, 4), le(first as number, 2), text(second)]));
    case 'reset-stmt':
      return command(0x1a, le(state.statementId, 4));
    case 'close-stmt':
      return command(0x19, le(state.statementId, 4));
    case 'fetch':
      return command(0x1c, Buffer.concat([le(state.statementId, 4), le((first as number | undefined) ?? 1, 4)]));
    default:
      throw new Error(`a step that is not known: ${operation}`);
  }
}

const shownPing = (answer: SeenAnswer): unknown => {
  if (answer.ok !== undefined) return 'ok';
  return answer.connectionClosed === true ? 'closed' : answer;
};

/** Does one step. Returns what was recorded and what was seen, in the same form; null when nothing could be compared. */
export async function playStep(
  step: RecordedStep,
  { raw, deprecateEof }: LoggedInClient,
  state: PlayState,
): Promise<{ readonly expected: unknown; readonly seen: unknown } | null> {
  const [operation] = step.do;
  const { got } = step;
  if ('skipped' in got) return null;
  sendPayload(raw, payloadOf(step.do, state));
  const extra = (got['extraPackets'] ?? []) as readonly unknown[];
  const expected = expectedAnswer(got);
  const binary = operation.startsWith('execute');
  let seen: object = {};
  if (operation === 'ping') return { expected, seen: { ping: shownPing(await readAnswer(raw, deprecateEof)) } };
  if (operation === 'prepare') {
    const answer: SeenPrepared | SeenAnswer = await readPreparation(raw, deprecateEof);
    state.statementId = 'prepared' in answer ? answer.prepared.statementId : 0;
    seen = shownAnswer(answer, expected, false) as object;
  } else if (!unanswered.has(operation)) {
    const answers = await readAnswers(raw, deprecateEof);
    const wanted = (expected as { results?: readonly unknown[] }).results;
    const shown = answers.map((answer, index) =>
      shownAnswer(answer, wanted === undefined ? expected : wanted[index], binary),
    );
    seen = shown.length === 1 && wanted === undefined ? (shown[0] as object) : { results: shown };
  }
  if (extra.length === 0) return { expected, seen };
  const extraPackets: unknown[] = [];
  for (const one of extra)
    extraPackets.push(shownAnswer(await readAnswer(raw, deprecateEof), expectedAnswer(one), false));
  return { expected, seen: { ...seen, extraPackets } };
}

/** The answer to a COM_PING at the end of a case. */
export async function pingAfter({ raw, deprecateEof }: LoggedInClient): Promise<unknown> {
  sendPayload(raw, command(0x0e));
  return shownPing(await readAnswer(raw, deprecateEof));
}
