import { describe, expect, it } from 'vitest';
import { hostPolicy, readOrigin } from '../../../../src-main/platform/browser/host-policy';

const policy = hostPolicy([]);

describe('hosts', () => {
  it.each([
    'localhost',
    'localhost:4100',
    'LOCALHOST:4100',
    '127.0.0.1',
    '127.0.0.1:65535',
    '[::1]:80',
    'gatehouse.localhost:4100',
  ])('%s is this machine', (host) => expect(policy.allowsHost(host)).toBe(true));

  it.each([
    undefined,
    '',
    'example.com',
    'example.com:4100',
    'localhost.example.com',
    'localhost.',
    '.localhost',
    'a..localhost',
    'notlocalhost',
    '127.0.0.1.nip.io',
    '127.0.0.2',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0.0.0.0',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[0:0:0:0:0:0:0:1]',
    'localhost:99999',
    'localhost:',
    'localhost:80:80',
    'user@localhost',
    'localhost/x',
    'localhost,example.com',
    'localhost example.com',
    'loc\u0430lhost',
    'localhost\u0000',
  ])('%s is not', (host) => expect(policy.allowsHost(host)).toBe(false));
});

describe('origins', () => {
  it.each(['http://localhost:9000', 'http://127.0.0.1:4100', 'https://[::1]', 'http://a.localhost:1'])(
    '%s is of this machine',
    (origin) => expect(policy.allowsOrigin(origin)).toBe(true),
  );
  it.each([
    undefined,
    '',
    'null',
    'http://example.com',
    'http://localhost.example.com',
    'http://localhost@example.com',
    'http://example.com#localhost',
    'http://localhost/',
    'file://',
    'chrome-extension://abcdefgh',
    'ftp://localhost',
    'HTTP://localhost http://example.com',
  ])('%s is not', (origin) => expect(policy.allowsOrigin(origin)).toBe(false));
});

describe('an origin that was allowed by name', () => {
  const withDemo = hostPolicy([readOrigin('https://demo.example')]);
  it('is allowed, as its host is, with and without the port of its scheme', () => {
    expect(withDemo.allowsOrigin('https://demo.example')).toBe(true);
    expect(withDemo.allowsHost('demo.example')).toBe(true);
    expect(withDemo.allowsHost('Demo.example:443')).toBe(true);
  });
  it('allows neither another scheme, nor another port, nor a name below', () => {
    for (const origin of ['http://demo.example', 'https://demo.example:8443', 'https://x.demo.example'])
      expect(withDemo.allowsOrigin(origin)).toBe(false);
    expect(withDemo.allowsHost('demo.example:8443')).toBe(false);
  });
  it.each([
    '*',
    'https://*',
    'https://*.example',
    'demo.example',
    'https://demo.example/page',
    'https://u@demo.example',
    'https://demo.example?x',
    'https://demo.example#x',
    'javascript:alert(1)',
    'file:///etc',
    '',
  ])('is refused as %s', (text) => expect(() => readOrigin(text)).toThrow(/is not an origin/));
});
