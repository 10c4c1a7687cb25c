import { describe, expect, it } from 'vitest';
import { screenForFile } from '../../../src-renderer/app/dropped-file';

/** jsdom's File has no arrayBuffer on slices; this one is what a browser's is. */
const file = (name: string, content: string | Uint8Array): File =>
  ({
    name,
    slice: () => ({
      arrayBuffer: () =>
        Promise.resolve((typeof content === 'string' ? new TextEncoder().encode(content) : content).buffer),
    }),
  }) as unknown as File;

describe('a dropped file', () => {
  it.each([
    ['a.pem', '', 'certificates'],
    ['client.P12', '', 'certificates'],
    ['renamed.txt', '-----BEGIN CERTIFICATE-----', 'certificates'],
    ['der', new Uint8Array([0x30, 0x82, 1, 0]), 'certificates'],
    ['x.json', '{"table_groups": []}', 'access'],
    ['users.json', '{"a": [{"UserData": "b"}]}', 'callers'],
    ['dump.txt', 'SELECT user, authentication_string', 'callers'],
    ['notes.txt', 'nothing of ours', null],
    ['empty', '', null],
  ] as const)('%s goes to its screen', async (name, content, screen) => {
    expect(await screenForFile(file(name, content))).toBe(screen);
  });
});
