import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { fidelityRules } from '../../src-main/domain/fidelity';
import { measured } from '../../src-main/domain/fidelity/measured';
import { differencesOf, type FileDifferences } from './differences/collect';
import { fidelityDocument } from './differences/document';
import { namedRules } from './differences/names';

const folder = fileURLToPath(new URL('./recorded', import.meta.url));
const page = fileURLToPath(new URL('../../docs/fidelity.md', import.meta.url));
const kept = measured as readonly FileDifferences[];

describe('the list of differences', () => {
  // Others need databases and minutes: `npm run conformance:differences` plays them all.
  it.each(['permissions', 'acl-files'])('is up to date for %s, and every difference has its rule', async (file) => {
    const recording: unknown = JSON.parse(readFileSync(`${folder}/${file}.json`, 'utf8'));
    const now = await differencesOf(file, recording, folder);
    expect(now.unnamed).toEqual([]);
    expect(now).toEqual(kept.find((one) => one.file === file));
  });

  it('is what docs/fidelity.md says', async () => {
    const options = { ...(await resolveConfig(page)), plugins: [], parser: 'markdown' };
    expect(readFileSync(page, 'utf8')).toBe(await format(fidelityDocument(kept), options));
  });

  it('names differences by rules that there are', () => {
    const known = new Set(fidelityRules.map(({ id }) => id));
    expect(namedRules.filter((rule) => !known.has(rule))).toEqual([]);
    expect(kept.flatMap(({ unnamed }) => unnamed)).toEqual([]);
  });
});
