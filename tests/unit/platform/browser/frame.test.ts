import { describe, expect, it } from 'vitest';
import { isPageMessage } from '../../../../src-main/platform/browser/frame';

const text = (value: unknown): string => JSON.stringify(value);

describe('messages of a page', () => {
  it.each([
    { i: '1', p: { u: '/app/open', b: { json: { dir: '/x' } } } },
    { i: '2', p: { u: '/state/watch' } },
    { i: 'z9', p: { u: '/state/watch', h: { 'last-event-id': '7' } } },
    { i: '2', t: 4 },
  ])('%j is one', (frame) => expect(isPageMessage(text(frame))).toBe(true));

  it.each([
    null,
    1,
    'x',
    [],
    {},
    { i: 1, p: { u: '/a/b' } },
    { i: '', p: { u: '/a/b' } },
    { i: 'x'.repeat(33), p: { u: '/a/b' } },
    { i: '1' },
    { i: '1', p: null },
    { i: '1', p: [] },
    { i: '1', p: { u: 'http://example.com/a/b' } },
    { i: '1', p: { u: '//example.com/a' } },
    { i: '1', p: { u: '/a/../b' } },
    { i: '1', p: { u: '/a/%2e%2e/b' } },
    { i: '1', p: { u: '/__proto__/x' } },
    { i: '1', p: { u: '/a?data=1' } },
    { i: '1', p: { u: '/' } },
    { i: '1', p: { u: ['/a/b'] } },
    { i: '1', p: { u: '/a/b', m: 'GET' } },
    { i: '1', p: { u: '/a/b', h: { 'content-type': 'multipart/form-data; boundary=x' } } },
    { i: '1', p: { u: '/a/b', h: { 'content-type': 'text/event-stream' } } },
    { i: '1', p: { u: '/a/b', h: { 'content-disposition': 'attachment; filename=x' } } },
    { i: '1', p: { u: '/a/b', h: 'x' } },
    { i: '1', t: 1, p: { u: '/a/b' } },
    { i: '1', t: 3, p: { e: 'message', d: 1 } },
    { i: '1', t: 4, p: { u: '/a/b' } },
    { i: '1', p: { u: '/a/b' }, x: 1 },
  ])('%j is none', (frame) => expect(isPageMessage(text(frame))).toBe(false));

  it.each(['', 'x', '{', '{"i":"1","p":{"u":"/a/b"}', '\u0000', '{"i":"1","__proto__":{"t":4},"p":{"u":"/a/b"}}'])(
    'the text %j is none',
    (broken) => expect(isPageMessage(broken)).toBe(false),
  );
});
