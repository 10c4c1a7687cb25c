import { seen } from './html-text';
import type { MatrixReport, ReportCell } from './matrix-report';

const headings = [
  'number',
  'id',
  'suite',
  'caller',
  'gateway',
  'transport',
  'password',
  'certificate',
  'table',
  'role',
  'sql',
  'expected',
  'expected_stopped_at',
  'predicted',
  'predicted_stopped_at',
  'actual',
  'actual_stopped_at',
  'code',
  'sql_state',
  'message',
  'rows',
  'shown',
  'differs_from',
  'failure',
  'reason',
  'trace_id',
  'milliseconds',
] as const;

/** What a spreadsheet takes for a formula, also behind blanks and in its wide form. */
const FORMULA = /^[\s\u0000-\u001f]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/**
 * One field by RFC 4180, quoted where it has to be. A text that a spreadsheet would compute gets an apostrophe before it
 * (OWASP, CSV injection); what would be invisible or turn the writing round is named (`[U+202E]`), line ends and tabs stay.
 */
export function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const clean = value
    .split(/([\t\r\n]+)/)
    .map((part, index) => (index % 2 === 0 ? seen(part) : part))
    .join('');
  const guarded = FORMULA.test(clean) ? `'${clean}` : clean;
  return /[",\r\n]/.test(guarded) || guarded !== guarded.trim() ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

const fieldsOf = (cell: ReportCell): (string | number | null)[] => [
  cell.number,
  cell.id,
  cell.suite,
  cell.caller,
  cell.gateway,
  cell.transport,
  cell.password,
  cell.certificate,
  cell.table,
  cell.role,
  cell.sql,
  cell.expected.verdict,
  cell.expected.stoppedAt,
  cell.predicted.verdict,
  cell.predicted.stoppedAt,
  cell.actual?.verdict ?? null,
  cell.actual?.stoppedAt ?? null,
  cell.actual?.code ?? null,
  cell.actual?.sqlState ?? null,
  cell.actual?.message ?? null,
  cell.actual?.rows ?? null,
  cell.shown,
  cell.differences.join(' and ') || null,
  cell.failure,
  cell.reason,
  cell.traceId,
  cell.milliseconds,
];

/** A report as CSV (RFC 4180): a line of headings, then one record a cell; UTF-8, lines end in CR LF. */
export const csvReport = ({ cells }: MatrixReport): string =>
  [headings.join(','), ...cells.map((cell) => fieldsOf(cell).map(csvField).join(','))]
    .map((line) => `${line}\r\n`)
    .join('');
