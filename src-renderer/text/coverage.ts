import type { CoverageItem } from '../../src-main/contract/areas/test';
import { count } from './plural';

type Totals = { readonly lines: number; readonly touched: number; readonly proven: number };

const groupWords = (group: string): string => (group === '' ? 'a nameless table group' : `table group ${group}`);
const reachable = (items: readonly CoverageItem[]): CoverageItem[] =>
  items.filter(({ unreachable }) => unreachable === null);

/** Words of what the tests touch. */
export const coverage = {
  label: 'What the tests touch',
  untouched: 'What no test touches',
  totals: ({ lines, touched, proven }: Totals): string =>
    touched === lines
      ? `The tests touch all ${lines.toLocaleString('en')} entries that decide; ${proven.toLocaleString('en')} are proven by a run.`
      : `The tests touch ${touched.toLocaleString('en')} of ${lines.toLocaleString('en')} entries that decide; ${proven.toLocaleString('en')} are proven by a run.`,
  hint: 'A green matrix says nothing about the others.',
  nothing: 'Nothing: every entry that decides has a test.',
  noMatch: 'Nothing here matches the filter.',
  file: (file: string): string => `Tests by line of ${file}`,
  item: ({ kind, group, list, text, unreachable }: CoverageItem): string => {
    const why =
      unreachable === 'repeated'
        ? ', stands in the list before'
        : unreachable === 'null-entry'
          ? ', lets nobody in'
          : '';
    switch (kind) {
      case 'group':
        return groupWords(group);
      case 'entry':
        return `entry ${text} of ${groupWords(group)}`;
      case 'list':
        return `list of ${list ?? ''} of ${groupWords(group)}`;
      case 'member':
        return `${(list ?? '').replace(/s$/, '')} ${text} of ${groupWords(group)}${why}`;
      case 'user':
        return `entry ${text} of user ${group}${why}`;
    }
  },
  tests: ({ tests, proven, unreachable }: Pick<CoverageItem, 'tests' | 'proven' | 'unreachable'>): string =>
    unreachable !== null
      ? 'never reached'
      : tests === 0
        ? 'no test'
        : `${count(tests, 'test', 'tests')}, ${proven === tests ? 'all' : proven === 0 ? 'none' : proven.toLocaleString('en')} proven`,
  /** What stands beside a line of a file that may hold several names. */
  line: (all: readonly CoverageItem[]): string => {
    const items = reachable(all);
    if (items.length === 0) return '';
    const cold = items.filter(({ tests }) => tests === 0);
    if (cold.length === items.length) return 'no test';
    const most = Math.max(...items.map(({ tests }) => tests));
    return cold.length > 0 ? `${cold.length} of ${items.length} without a test` : count(most, 'test', 'tests');
  },
  /** A line is as cold as its coldest name. */
  heat: (all: readonly CoverageItem[]): 0 | 1 | 2 | 3 =>
    reachable(all).reduce<0 | 1 | 2 | 3>((least, { heat }) => (heat < least ? heat : least), all.length === 0 ? 0 : 3),
  add: (test: string): string => `Add a test: ${test}`,
  added: (test: string): string => `Added to the draft: ${test}.`,
};
