import { render, screen } from '@testing-library/svelte';
import { describe, expect, test } from 'vitest';
import { markOf, type VerdictKind } from '../../../src-renderer/components/verdict';
import Verdict from '../../../src-renderer/components/Verdict.svelte';

const mark = (): string | undefined => document.querySelector<SVGElement>('[data-mark]')?.dataset['mark'];

describe('verdict', () => {
  const words: [VerdictKind, string][] = [
    ['allowed', 'Allowed'],
    ['denied', 'Denied'],
    ['refused', 'Refused before'],
    ['would-be-denied', 'Would be denied'],
    ['not-enforced', 'Allowed, not enforced'],
    ['insecure', 'Allowed, insecure'],
    ['not-run', 'Not run'],
    ['error', 'Error'],
    ['cannot-decide', 'Cannot decide'],
  ];
  test.each(words)('%s has its word and a mark', (kind, word) => {
    render(Verdict, { kind });
    expect(screen.getByText(word)).toBeTruthy();
    expect(mark()).toBeDefined();
  });

  test('no two verdicts share a mark', () => {
    const marks = words.map(([kind]) => markOf(kind));
    expect(new Set(marks).size).toBe(marks.length);
  });

  test('a denial that was expected is drawn in outline, others are not changed by it', () => {
    expect(markOf('denied', true)).not.toBe(markOf('denied'));
    expect(markOf('allowed', true)).toBe(markOf('allowed'));
  });

  test('what differs keeps its word, has the mark of a difference and says so', () => {
    render(Verdict, { kind: 'allowed', differs: true });
    expect(mark()).toBe('differs');
    expect(document.body.textContent).toMatch(/Allowed\s*, differs/);
  });

  test('a prediction never reads like a result', () => {
    render(Verdict, { kind: 'denied', predicted: true });
    expect(screen.queryByText('Denied')).toBeNull();
    expect(screen.getByText('probably denied')).toBeTruthy();
  });
});
