import type { Finding, FindingLevel, JsonPlace } from '../kernel';

/** Collects what is found in one file, and Vitess's first words against it. */
export class RuleNotes {
  readonly findings: Finding[] = [];
  /** Vitess's words for the first thing that it refuses. */
  refusal: string | null = null;
  /** Something is valid for Vitess and not certain here. */
  uncertain = false;

  constructor(readonly file: string) {}

  note(
    level: FindingLevel,
    code: string,
    place: Pick<JsonPlace, 'line' | 'column'>,
    message: string,
    remedy: string,
  ): void {
    const { line, column } = place;
    // Sentences, but for the program's name.
    const sentence = message.replace(/^(?!vttablet)[a-z]/, (first) => first.toUpperCase());
    this.findings.push({
      code: `query-rules.${code}`,
      level,
      file: this.file,
      line,
      column,
      message: sentence,
      remedy,
    });
  }

  /** What Vitess refuses, with its words. */
  refuse(code: string, place: Pick<JsonPlace, 'line' | 'column'>, words: string, remedy: string): void {
    this.refusal ??= words;
    this.note('error', code, place, `vttablet refuses the file, and starts without any of its rules: ${words}`, remedy);
  }
}
