import { describe, expect, it } from 'vitest';
import { exactPattern } from '../../../../src-main/domain/query-rules';

const matches = (pattern: string, text: string): boolean | string => {
  const reading = exactPattern(pattern);
  return reading.kind === 'read' ? reading.pattern.test(text) : reading.kind;
};

/** Answers of Go's package regexp to `^pattern$`. */
describe('an expression between ^ and $', () => {
  it.each([
    ['', '', true],
    ['', 'a', false],
    ['gRPC', 'gRPC', true],
    ['gRPC', 'grpc', false],
    ['(?i)GRPC', 'gRPC', true],
    // Each anchor belongs to one side of the choice.
    ['a|b', 'ax', true],
    ['a|b', 'xb', true],
    ['a|b', 'xa', false],
    ['(?:a|b)', 'ax', false],
    ['a|b|c', 'xbx', true],
    // A backslash at the end makes the anchor a character.
    ['a\\', 'a$', true],
    ['a\\', 'a', false],
    ['\\Qa.b', 'a.b$ and more', true],
    ['\\Qa.b\\E', 'a.b', true],
    ['select .*', 'select 1\nfrom t', false],
    ['(?s)select .*', 'select 1\nfrom t', true],
    ['(?m)a', 'a\nb', true],
    ['a', 'a\n', false],
    ['.', '😀', true],
    ['..', '😀', false],
    ['\\w+', 'é', false],
    ['[[:alpha:]]+', 'abC', true],
    ['[^a-c]', '\n', true],
    ['\\bab\\b', 'ab', true],
    ['(?i)k', '\u212a', true],
    ['(?i)\\w', 'ſ', true],
    ['[]a]+', ']a', true],
    ['a{,2}', 'a{,2}', true],
    ['a{2,3}', 'aaaa', false],
    ['(a*)*b', `${'a'.repeat(50_000)}c`, false],
    ['(a|aa)+', 'a'.repeat(50_000), true],
  ])('%j: %j', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it.each([
    ['(', 'error parsing regexp: missing closing ): `^($`'],
    [')', 'error parsing regexp: unexpected ): `^)$`'],
    ['[a', 'error parsing regexp: missing closing ]: `[a$`'],
    ['*', null],
    ['a**', 'error parsing regexp: invalid nested repetition operator: `**`'],
    ['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
    ['(?<!a)', 'error parsing regexp: invalid named capture: `(?<!a)$`'],
    ['\\1', 'error parsing regexp: invalid escape sequence: `\\1`'],
    ['a{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
    ['(a{100}){100}', 'error parsing regexp: invalid repeat count: `{100}`'],
    ['[z-a]', 'error parsing regexp: invalid character class range: `z-a`'],
    ['|*', 'error parsing regexp: missing argument to repetition operator: `*`'],
  ])('%j is refused in the words of Go', (pattern, message) => {
    const reading = exactPattern(pattern);
    expect(reading.kind === 'refused' ? reading.message : null).toBe(message);
  });

  it.each(['\\pL', '[\\p{Greek}]', '(?i)é', '(?:a{300}b{300}){3}'.repeat(20)])('%j is not decided', (pattern) => {
    expect(exactPattern(pattern).kind).toBe('unknown');
  });

  it('says whether it matches whole texts only', () => {
    const exact = (pattern: string): boolean => {
      const reading = exactPattern(pattern);
      return reading.kind === 'read' && reading.pattern.isExact;
    };
    expect(['a', '(?:a|b)', '.*', 'a|b', 'a|b|c', 'a\\', '(?m)a'].filter(exact)).toEqual(['a', '(?:a|b)', '.*']);
  });
});
