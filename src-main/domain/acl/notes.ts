import type { Finding, FindingLevel } from '../kernel';
import { shownText } from './go-text';
import type { AclPlace } from './table-acl';

/** Collects the findings of one file. */
export class AclNotes {
  readonly findings: Finding[] = [];

  constructor(readonly file: string) {}

  /** Notes one thing; `code` without its area. */
  add(code: string, level: FindingLevel, place: AclPlace, message: string, remedy: string): void {
    const { line, column } = place;
    this.findings.push({ code: `acl.${code}`, level, file: this.file, line, column, message, remedy });
  }
}

/** `line 7`, or nothing for a file without lines. */
export const lineWords = (place: AclPlace): string => (place.line > 0 ? `line ${place.line}` : 'an earlier place');

/** A name as messages show it. */
export const quoted = (text: string): string => JSON.stringify(shownText(text));
