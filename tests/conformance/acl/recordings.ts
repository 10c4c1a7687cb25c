import { readFileSync } from 'node:fs';

const recorded = new URL('../recorded/', import.meta.url);

/** One of the recordings of real Vitess, each of which explains its keys in `about` and `format`. */
export const readRecording = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`${name}.json`, recorded), 'utf8')) as unknown;
