import { expect, test } from 'vitest';
import { reloadLines } from '../../../src-main/cli/reload-lines';

const nothing = { reloaded: [], restart: [], kept: [] };

test('a reload says what it did, and that there was nothing to do only when there was nothing', () => {
  expect(reloadLines(nothing)).toEqual({ done: ['Nothing to reload.'], kept: [] });
  expect(reloadLines({ ...nothing, restart: ['gatehouse.json'] })).toEqual({
    done: ['Not reloaded, a restart takes it over: gatehouse.json'],
    kept: [],
  });
  const fault = { file: 'gatehouse.json', line: 1, column: 2, message: 'This is wrong.', remedy: 'Mend it.' };
  expect(
    reloadLines({ reloaded: ['acl.json'], restart: [], kept: [fault, { file: 'b.pem', message: 'No.' }] }),
  ).toEqual({
    done: ['Reloaded: acl.json'],
    kept: [
      'Not reloaded, the old one stays: gatehouse.json:1:2: This is wrong. Mend it.',
      'Not reloaded, the old one stays: b.pem: No.',
    ],
  });
});
