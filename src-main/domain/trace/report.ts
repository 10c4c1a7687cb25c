import { plainText } from './rich';
import type { Mark, Trace } from './trace';

const marks: Record<Mark, string> = {
  passed: '✓',
  failed: '✕',
  denied: '✕',
  warning: '⚠',
  skipped: '↷',
  'not-reached': '–',
  'not-recorded': '–',
};

const words: Record<Mark, string> = {
  passed: 'Passed',
  failed: 'Failed',
  denied: 'Denied',
  warning: 'Passed, warning',
  skipped: 'Skipped',
  'not-reached': 'Not reached',
  'not-recorded': 'Not recorded',
};

const verdictWord = (trace: Trace): string =>
  trace.verdict === 'allowed'
    ? 'ALLOWED'
    : trace.verdict === 'denied'
      ? 'DENIED at tablet'
      : trace.verdict === 'would-be-denied'
        ? 'WOULD BE DENIED (dry run)'
        : trace.verdict === 'not-enforced'
          ? 'ALLOWED, NOT ENFORCED'
          : `REFUSED at ${trace.actual.stoppedAt ?? 'gateway'}`;

const expectedWord: Record<string, string> = {
  allow: 'allowed',
  deny: 'denied',
  refused: 'refused',
  invalid: 'invalid',
  'cannot-decide': 'cannot decide',
};

/** The first line of a report: `Gatehouse trace TIME CALLER STATEMENT: DENIED at tablet (expected: denied)`. */
export function reportHead(trace: Trace): string {
  const sql = trace.sql.replaceAll(/\s+/g, ' ').trim();
  const short = sql.length > 80 ? `${sql.slice(0, 79)}…` : sql;
  const expected =
    trace.expected === null ? '' : ` (expected: ${expectedWord[trace.expected.verdict] ?? trace.expected.verdict})`;
  return `Gatehouse trace ${trace.startedAt.replace(/\.\d+Z$/, 'Z')} ${trace.caller} ${short}: ${verdictWord(trace)}${expected}`;
}

const time = (milliseconds: number | null): string =>
  milliseconds === null ? '' : ` · ${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;

/** Passwords that a statement itself may hold (`IDENTIFIED BY '…'`, `PASSWORD('…')`, `SET PASSWORD = '…'`), masked. */
const withoutSecrets = (text: string): string =>
  text.replaceAll(
    /((?:identified\s+(?:with\s+\S+\s+)?(?:by|as)|password)\s*(?:=\s*|\(\s*|for\s+[^=]+=\s*)?)('(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")/gi,
    "$1'•••'",
  );

/** The whole trace as plain text with the same words as on the screen. Holds no secret, since a trace holds none; rows are left out. */
export function traceReport(trace: Trace): string {
  const lines = [
    reportHead(trace),
    `${trace.title}. ${plainText(trace.sentence)}`,
    `${trace.proof}, gateway ${trace.gateway}, ${trace.transport}${time(trace.milliseconds)}`,
    trace.sql,
  ];
  for (const hop of trace.hops) {
    lines.push('', `${hop.id}  ${hop.title}: ${words[hop.mark]}${time(hop.milliseconds)}`);
    for (const step of hop.steps) {
      lines.push(`   ${marks[step.mark]} ${plainText(step.text)}`);
      for (const detail of step.details) lines.push(`       ${plainText(detail)}`);
    }
    if (hop.bothSides !== null) {
      const [near, far] = hop.bothSides.ends;
      lines.push(`   The ${near} saw: ${plainText(hop.bothSides.near)}`);
      lines.push(`   The ${far} saw: ${plainText(hop.bothSides.far)}`);
      lines.push(`   Reason: ${plainText(hop.bothSides.reason)}`);
      for (const note of hop.bothSides.notes) lines.push(`   ${plainText(note)}`);
    }
    if (hop.said !== null)
      lines.push(
        '   Server said:',
        ...hop.said
          .trim()
          .split('\n')
          .map((line) => `   | ${line}`),
      );
    for (const why of hop.why) lines.push(`   ${plainText(why)}`);
  }
  if (trace.heard !== null) lines.push('', 'The client read:', `   | ${trace.heard.text}`);
  return withoutSecrets(`${lines.join('\n')}\n`);
}

/** The whole trace as one JSON document, schema 1, for programs. As in the report secrets of statements are masked and rows are left out. */
export function traceJson(trace: Trace): string {
  const { rows, ...rest } = trace;
  const document = { schema: 1, ...rest, rows: rows === null ? null : { ...rows, values: [] } };
  return `${JSON.stringify(document, (_, value: unknown) => (typeof value === 'string' ? withoutSecrets(value) : value), 2)}\n`;
}
