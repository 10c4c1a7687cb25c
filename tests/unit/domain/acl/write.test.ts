import { expect, test } from 'vitest';
import { aclModel, aclToJson, debugAcl, parseAclFile } from '../../../../src-main/domain/acl';
import { readRecording } from '../../../conformance/acl/recordings';
import { current, load } from './acl-builder';

const model = {
  groups: [
    { name: 'g', entries: ['t', 'u%'], readers: ['a'], writers: [], admins: ['a"<&>\u2028'] },
    { name: '', entries: ['v'], readers: [], writers: ['ö'], admins: [] },
  ],
};

test('acl.json is written with snake_case, two spaces, one name a line', () => {
  const text = aclToJson(model);
  expect(text).toBe(`{
  "table_groups": [
    {
      "name": "g",
      "table_names_or_prefixes": [
        "t",
        "u%"
      ],
      "readers": [
        "a"
      ],
      "admins": [
        "a\\"<&>\u2028"
      ]
    },
    {
      "table_names_or_prefixes": [
        "v"
      ],
      "writers": [
        "ö"
      ]
    }
  ]
}
`);
  expect(aclModel(load(text))).toEqual(model);
  expect(aclToJson({ groups: [] })).toBe('{}\n');
});

test('/debug/acl is indented by one space and escaped for HTML', () => {
  expect(debugAcl(load(aclToJson({ groups: [model.groups[0]!] })))).toBe(
    '{\n "table_groups": [\n  {\n   "name": "g",\n   "table_names_or_prefixes": [\n    "t",\n    "u%"\n   ],\n' +
      '   "readers": [\n    "a"\n   ],\n   "admins": [\n    "a\\"\\u003c\\u0026\\u003e\\u2028"\n   ]\n  }\n ]\n}',
  );
  expect(debugAcl(load('{}'))).toBe('{}');
});

test('bytes that are not UTF-8 are shown as Go shows them', () => {
  const name = Buffer.concat([Buffer.from('a'), Buffer.of(0xff, 0xe2, 0x82), Buffer.from('\\udc80\ufffd')]);
  const group = Buffer.concat([Buffer.of(0x0a, name.length), name]);
  const file = Buffer.concat([Buffer.of(0x0a, group.length), group]);
  const { acl } = parseAclFile(file, { file: 'f', fidelity: current });
  if (acl === null) throw new Error('the binary file must load');
  expect(debugAcl(acl)).toContain(String.raw`"name": "a\ufffd\ufffd\ufffd\\udc80` + '\ufffd"');
});

test('the page that a real vttablet served', () => {
  const { cases } = readRecording('admin') as { cases: { id: string; body?: string }[] };
  const body = cases.find(({ id }) => id === 'page-vttablet-debug-acl')?.body ?? '';
  expect(body).toContain('alice_data');
  expect(debugAcl(load(body))).toBe(body);
});
