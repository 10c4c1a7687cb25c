import { describe, expect, it } from 'vitest';
import { redactText } from '../../../../src-main/servers/recorder';

describe('a line for the log', () => {
  it.each([
    ['password=hunter2 failed', 'hunter2'],
    ['{"Password": "hun\\"ter2", "UserData": "a"}', 'ter2'],
    ['token: abcdef', 'abcdef'],
    ['--mysql-native-password=hunter2', 'hunter2'],
    ['-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----', 'MIGHAgEA'],
    ['-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGHAgEA', 'MIGHAgEA'],
    ['hash *2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19 stored', '2470C0C0'],
  ])('%s', (text, secret) => {
    expect(redactText(text)).not.toContain(secret);
  });
  it('leaves prose and names alone', () => {
    const text = 'acl.json: line 4: table orders; the password was wrong for user=alice';
    expect(redactText(text)).toBe(text);
  });
});
