import type { Name, NamedBy } from './names';

/** Recordings of what clients of the gateway are answered, and what it asks the tablet. */
const files = ['mysql-protocol', 'healthstream', 'errors', 'query-log'];

/** The part of a case on which a difference stands: `steps[2]`, `rpcs[0]`, else the first name. */
const partOf = (at: string): string => /^\w+(\[\d+\])?/.exec(at)?.[0] ?? '';

/** Whether these words stand in anything that was seen in the same part of the case. */
const saidBeside = ({ all, difference }: NamedBy, words: RegExp): boolean =>
  all.some(({ at, seen }) => partOf(at) === partOf(difference.at) && words.test(JSON.stringify(seen) ?? ''));

const statusOf = (flags: unknown): string =>
  Array.isArray(flags) ? flags.filter((flag) => flag !== 'IN_TRANS').join() : String(flags);

interface RecordedSteps {
  readonly steps?: readonly { readonly do?: readonly unknown[] }[];
}

/** A step of the case before or at the difference did this. */
const didBefore = ({ recorded, difference }: NamedBy, operation: string): boolean => {
  const steps = (recorded as RecordedSteps).steps ?? [];
  const at = /^steps\[(\d+)\]/.exec(difference.at)?.[1];
  return steps.slice(0, at === undefined ? steps.length : Number(at) + 1).some((step) => step.do?.[0] === operation);
};

const inHardened =
  (covers: Name['covers']): Name['covers'] =>
  (of) =>
    of.mode === 'hardened' && covers(of);

/** The more special first. */
export const sessionNames: readonly Name[] = [
  {
    rule: 'users-caching-sha2-offered',
    files,
    covers: inHardened(({ difference }) => difference.at === 'handshake.plugin'),
  },
  {
    // The replay waits in vain for the packet that Vitess sends, and its connection ends with the waiting.
    rule: 'mysql-wire-long-data-silent',
    files,
    covers: inHardened(
      (of) =>
        didBefore(of, 'longdata') &&
        of.all.some(({ at, expected, seen }) => /extraPackets\[0\]\.err$/.test(at) && expected !== seen),
    ),
  },
  {
    rule: 'sql-reading-settings-undetermined',
    files,
    covers: inHardened((of) => saidBeside(of, /changes how statements are read/)),
  },
  {
    rule: 'mysql-settings-not-as-hints',
    files,
    covers: inHardened(
      (of) =>
        saidBeside(of, /can't be set to the value of/) ||
        /SET_VAR\(/.test(String(of.difference.expected)) ||
        of.all.some(({ expected }) => /SET_VAR\(/.test(String(expected))),
    ),
  },
  {
    rule: 'mysql-flags-of-streams',
    files,
    covers: inHardened(
      ({ difference: { at, expected, seen } }) =>
        /(^|\.)ok\.status(\[\d+\])?$/.test(at) && statusOf(expected) === statusOf(seen),
    ),
  },
];
