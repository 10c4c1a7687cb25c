import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkFlags, knownFlags, LONGEST_PASTE, spellingIn } from '../../src-main/domain/flags';
import { cpuTime } from '../support/cpu-time';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 1_000);
const SECRET = 'S3cr3tQz7';

const flag = fc.constantFrom(...knownFlags.values());
const name = fc
  .tuple(flag, fc.constantFrom('22' as const, '24' as const))
  .map(([known, version]) => spellingIn(known, version));
const secretValue = fc.constantFrom(
  SECRET,
  `"${SECRET}"`,
  `'{"p": "${SECRET}"}'`,
  `x\\ ${SECRET}`,
  `\${X:-${SECRET}}`,
  `-${SECRET}`,
  `--${SECRET}=`,
);
const withSecret = fc
  .tuple(
    fc.constantFrom('--', '-'),
    fc.oneof(name, fc.stringMatching(/^[a-z_-]{1,20}$/)),
    fc.constantFrom('=', ' ', ' \\\n '),
    secretValue,
  )
  .map((parts) => parts.join(''));
const piece = fc.oneof(
  { weight: 4, arbitrary: withSecret },
  { weight: 2, arbitrary: name.map((known) => `--${known}`) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'vtgate',
      '/x/vttablet',
      'vtctld',
      'vtorc',
      '\n',
      '\\\n',
      '- ',
      'args:',
      'args: [',
      ']',
      '"',
      "'",
      '\0',
      '#',
      '|',
      ';',
      'ExecStart=',
      'extraFlags:\n  a: ',
      '{',
      ',',
      '$(',
      '--',
      '-',
      '\u202e',
      '\ud800',
    ),
  },
  { weight: 2, arbitrary: fc.string({ maxLength: 12 }) },
);
const paste = fc
  .array(fc.tuple(piece, fc.constantFrom(' ', '\n', '', '  ')), { maxLength: 40 })
  .map((parts) => parts.flat().join(''));

it('no text, however odd, makes the check fail', () => {
  fc.assert(
    fc.property(
      fc.oneof(paste, fc.string({ maxLength: 400 }), fc.string({ unit: 'binary', maxLength: 200 })),
      (text) => {
        const report = checkFlags(text);
        if (!report.ok) expect(report.failure.code).toMatch(/^flags\./);
        else
          for (const command of report.value.commands)
            for (const { line, verdicts } of command.flags) {
              expect(line).toBeGreaterThan(0);
              expect(Object.keys(verdicts)).toEqual(['22', '23', '24']);
            }
      },
    ),
    { numRuns },
  );
});

it('the value of a flag is never repeated', () => {
  const values = fc.array(fc.tuple(name, fc.constantFrom('=', ' ')), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(values, fc.constantFrom('vtgate', 'vttablet', 'vtctld', ''), (flags, program) => {
      const text = `${program} ${flags.map(([known, between]) => `--${known}${between}${SECRET}`).join(' ')}`;
      expect(JSON.stringify(checkFlags(text))).not.toContain(SECRET);
    }),
    { numRuns },
  );
});

it('what stands behind an unknown flag is never repeated either, unless it looks like another flag', () => {
  fc.assert(
    fc.property(fc.array(withSecret, { minLength: 1, maxLength: 8 }), (flags) => {
      const text = flags.filter((part) => !/[= ]--?S3/.test(part)).join(' ');
      expect(JSON.stringify(checkFlags(`vtgate ${text}`))).not.toContain(SECRET);
    }),
    { numRuns },
  );
});

it('the longest hostile texts are read in a moment', () => {
  const fill = (part: string): string => part.repeat(Math.floor(LONGEST_PASTE / part.length));
  const begun = cpuTime();
  for (const part of [
    '"',
    "'",
    '\\',
    '[',
    '- ',
    '"\\',
    'a:\n',
    ' --',
    '-',
    '\n',
    '`\n',
    '--x ',
    '#',
    '["',
    '"a",',
    ' - - ',
    'vtgate ',
    '${',
    '\t:',
  ])
    checkFlags(fill(part));
  checkFlags(
    `vtgate ${Array.from({ length: 1_990 }, (_, index) => `--tablet-grpc-x${'y'.repeat(index % 60)}-${'z'.repeat(index % 7)}`).join(' ')}`,
  );
  expect(cpuTime() - begun).toBeLessThan(10_000);
});
