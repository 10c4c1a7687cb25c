import { expect, test } from 'vitest';
import { decodeBinary } from '../../../../src-main/domain/acl/decode-binary';
import { decodeJson } from '../../../../src-main/domain/acl/decode-json';
import { load } from './acl-builder';

// The messages are those of vtprotobuf's protohelpers v0.6.0 and google.golang.org/protobuf v1.36.11 for the same bytes.

test.each([
  ['0a050a', 'unexpected EOF'],
  ['0a0c0a0a', 'unexpected EOF'],
  ['0a01', 'unexpected EOF'],
  ['0a020c', 'unexpected EOF'],
  ['12036161', 'unexpected EOF'],
  ['79', 'unexpected EOF'],
  ['7d0000', 'unexpected EOF'],
  ['7b7b7c', 'unexpected EOF'],
  ['8080808010', 'unexpected EOF'],
  ['ffffffffffffffffffff01', 'proto: integer overflow'],
  ['8080808080808080808001', 'proto: integer overflow'],
  ['00', 'proto: Config: illegal tag 0 (wire type 0)'],
  ['8200', 'proto: Config: illegal tag 0 (wire type 2)'],
  ['08', 'proto: wrong wireType = 0 for field TableGroups'],
  ['0a0308017c', 'proto: wrong wireType = 0 for field Name'],
  ['0affffffffffffffffff01', 'proto: negative length found during unmarshaling'],
  ['0affffffffffffffff7f', 'proto: negative length found during unmarshaling'],
  ['7affffffffffffffffff01', 'proto: negative length found during unmarshaling'],
  ['7c', 'proto: Config: wiretype end group for non-group'],
  ['7b0e', 'proto: illegal wireType 6'],
])('binary %s: %s', (hex, message) => {
  expect(decodeBinary(Buffer.from(hex, 'hex'))).toEqual({ ok: false, message });
});

test.each([
  ['7b7c', 0],
  ['f8ffffff0f00', 0],
  ['0a030a0161', 1],
  ['0a000a00', 2],
])('binary %s is accepted', (hex, groups) => {
  const decoded = decodeBinary(Buffer.from(hex, 'hex'));
  expect(decoded.ok && decoded.model.groups.length).toBe(groups);
});

test.each([
  [String.raw`{"a":"\udc00\udc00"}`, String.raw`syntax error (line 1:6): invalid escape code "\\udc00" in string`],
  [String.raw`{"a":"\ud83d\ud83d"}`, String.raw`syntax error (line 1:6): invalid escape code "\\ud83d" in string`],
  [String.raw`{"a":"\ud83dx"}`, 'unexpected EOF'],
  [String.raw`{"a":"\ud83d\n12345"}`, String.raw`syntax error (line 1:6): invalid escape code "\\n1234" in string`],
  [String.raw`{"a":"\u12g4"}`, String.raw`syntax error (line 1:6): invalid escape code "\\u12g4" in string`],
  [String.raw`{"a":"\x"}`, String.raw`syntax error (line 1:6): invalid escape code "\\x" in string`],
  [String.raw`{"a":"\u12"}`, String.raw`syntax error (line 1:6): invalid escape code "\\u12\"}" in string`],
  ['{"a":"\\', 'unexpected EOF'],
  ['{"a" 1}', 'syntax error (line 1:6): unexpected character 1, missing ":" after field name'],
  ['{"a":01}', 'syntax error (line 1:6): invalid value 01'],
  ['{"a":-}', 'syntax error (line 1:6): invalid value -'],
  ['{"a":1.}', 'syntax error (line 1:6): invalid value 1.'],
  ['{"a":nulls}', 'syntax error (line 1:6): invalid value nulls'],
  ['{a:1}', 'syntax error (line 1:2): invalid value a'],
  ['{"table_groups":[{"name":true}]}', '(line 1:26): invalid value for string field name: true'],
  ['{"table_groups":[{"readers":[{}]}]}', '(line 1:30): invalid value for string field readers: {'],
  ['{"a":1}}', 'syntax error (line 1:8): unexpected token }'],
  ['{,}', 'syntax error (line 1:2): unexpected token ,'],
  ['{"a":[1,]}', 'syntax error (line 1:9): unexpected token ]'],
  ['{"a":[,1]}', 'syntax error (line 1:7): unexpected token ,'],
  ['{"a":1,,"b":2}', 'syntax error (line 1:8): unexpected token ,'],
  ['\n\n  {"é": é}', 'syntax error (line 3:9): invalid value é'],
])('JSON %j: %s', (text, message) => {
  expect(decodeJson(Buffer.from(text))).toEqual({ ok: false, message: `proto: ${message}` });
});

test('a number without digits behind its e is one', () => {
  expect(decodeJson(Buffer.from('{"a":1e}')).ok).toBe(true);
});

test('a name that stands twice has the place of the first', () => {
  const acl = load('{"table_groups":[{"table_names_or_prefixes":["t"],"readers":["a",\n"a"]}]}');
  expect(acl.groups[0]?.readers.members.get('a')?.line).toBe(1);
});
