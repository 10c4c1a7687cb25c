import { describe, expect, it } from 'vitest';
import { allowedLink } from '../../../../src-main/services/app/links';

describe('links that may be opened', () => {
  it.each(['https://vitess.io/docs/24.0/', 'https://dev.mysql.com/doc/'])('%s', (url) => {
    expect(allowedLink(url)).toBe(url);
  });
  it.each([
    'http://vitess.io/',
    'https://vitess.io.evil.example/',
    'https://user@vitess.io/',
    'https://vitess.io:8443/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'smb://vitess.io/share',
    'not a link',
  ])('refuses %s', (url) => {
    expect(() => allowedLink(url)).toThrow('not opened from here');
  });
});
