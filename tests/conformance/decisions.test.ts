import { expect, test } from 'vitest';
import { expectReplayed } from './expect-replayed';
import { isDenial } from './replay/decisions';
import { answersOf } from './replay/decisions/effect';
import type { RecordedCase } from './replay/decisions/recorded';

test(
  'every statement as every caller is decided as the recorded program decided it',
  { timeout: 900_000 },
  async () => {
    const outcomes = await expectReplayed('decisions');
    const denials = outcomes.flatMap(({ recorded }) =>
      answersOf(recorded as RecordedCase)
        .filter(isDenial)
        .flatMap(({ callers }) => callers),
    );
    const letIn = outcomes.flatMap(({ id, differences }) =>
      differences.filter(({ at }) => at.endsWith('.letIn')).map(({ at }) => `${id} ${at}`),
    );
    console.log(`decisions: ${denials.length} recorded denials, ${letIn.length} let in here`);
    expect(denials.length).toBeGreaterThan(5000);
    expect(letIn).toEqual([]);
  },
);
