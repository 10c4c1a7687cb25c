import type { Finding } from '../domain/kernel';
import type { Terminal } from './terminal';

/** Prints findings as compilers do, so that editors can jump to them, with the remedy below each. */
export function printFindings(
  findings: readonly Finding[],
  terminal: Terminal,
  where: 'stdout' | 'stderr' = 'stdout',
): void {
  const { colors } = terminal;
  const print = (text: string): void => (where === 'stdout' ? terminal.line(text) : terminal.note(text));
  const paint = { error: colors.red, warning: colors.yellow, info: colors.cyan };
  for (const finding of findings) {
    const place = finding.line > 0 ? `${finding.file}:${finding.line}:${finding.column}` : finding.file;
    print(`${place}: ${paint[finding.level](finding.level)}: ${finding.message} ${colors.dim(`[${finding.code}]`)}`);
    print(colors.dim(`    ${finding.remedy}`));
  }
}

/** `2 errors, 1 warning`, or `nothing found`. */
export function countFindings(findings: readonly Finding[]): string {
  const parts = (['error', 'warning', 'info'] as const).flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    if (count === 0) return [];
    const word = level === 'info' ? 'remark' : level;
    return [`${count} ${word}${count === 1 ? '' : 's'}`];
  });
  return parts.length === 0 ? 'nothing found' : parts.join(', ');
}
