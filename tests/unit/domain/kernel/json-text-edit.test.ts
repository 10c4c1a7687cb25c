import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyChanges,
  formatJsonText,
  JsonTextEditor,
  readJson,
  type JsonArray,
  type JsonNode,
  type JsonObject,
  type TextChange,
} from '../../../../src-main/domain/kernel';

const tree = (text: string): JsonNode => {
  const reading = readJson(text);
  if (!reading.ok) throw new Error(`not JSON: ${text}`);
  return reading.root;
};
const list = (text: string): JsonArray => {
  const root = tree(text);
  if (root.kind !== 'array') throw new Error('no list');
  return root;
};
const object = (text: string): JsonObject => {
  const root = tree(text);
  if (root.kind !== 'object') throw new Error('no object');
  return root;
};
const edited = (text: string, edit: (editor: JsonTextEditor) => TextChange | TextChange[]): string =>
  applyChanges(text, [edit(new JsonTextEditor(text))].flat());

describe('items', () => {
  it.each([
    ['[]', 0, '["n"]'],
    ['["a"]', 1, '["a", "n"]'],
    ['["a"]', 0, '["n", "a"]'],
    ['["a","b"]', 2, '["a","b","n"]'],
    ['["a", "b"]', 1, '["a", "n", "b"]'],
    ['[\n  "a"\n]', 1, '[\n  "a",\n  "n"\n]'],
    ['[\n  "a",\n  "b"\n]', 0, '[\n  "n",\n  "a",\n  "b"\n]'],
    ['[\r\n\t"a"\r\n]', 1, '[\r\n\t"a",\r\n\t"n"\r\n]'],
  ])('puts an item into %j at %i', (text, index, expected) => {
    expect(edited(text, (editor) => editor.insertItem(list(text), index, 'n'))).toBe(expected);
  });

  it.each([
    ['["a"]', 0, '[]'],
    ['["a", "b", "c"]', 0, '["b", "c"]'],
    ['["a", "b", "c"]', 1, '["a", "c"]'],
    ['["a", "b", "c"]', 2, '["a", "b"]'],
    ['[\n  "a",\n  "b"\n]', 1, '[\n  "a"\n]'],
  ])('takes an item out of %j at %i', (text, index, expected) => {
    expect(edited(text, (editor) => editor.removeItem(list(text), index))).toBe(expected);
  });

  it('moves an item and leaves the spaces where they are', () => {
    const text = '[ "a",\n  {"b":  1}, "c"]';
    expect(edited(text, (editor) => editor.moveItem(list(text), 2, 0))).toBe('[ "c",\n  "a", {"b":  1}]');
  });

  it('puts an object in as its neighbours stand', () => {
    const text = '{\n\t"groups": [\n\t\t{ "name": "a", "readers": ["x"] }\n\t]\n}\n';
    const groups = object(text).members[0]?.value as JsonArray;
    const put = edited(text, (editor) =>
      editor.insertItem(groups, 1, { name: 'b', readers: ['y', 'z'], none: undefined }),
    );
    expect(put).toBe(
      '{\n\t"groups": [\n\t\t{ "name": "a", "readers": ["x"] },\n\t\t{\n\t\t\t"name": "b",\n\t\t\t"readers": ["y", "z"]\n\t\t}\n\t]\n}\n',
    );
  });

  it('writes one name a line where there is no list yet', () => {
    expect(edited('{}', (editor) => editor.setMember(object('{}'), 'groups', [{ readers: ['a', 'b'] }]))).toBe(
      '{\n  "groups": [\n    {\n      "readers": [\n        "a",\n        "b"\n      ]\n    }\n  ]\n}',
    );
  });
});

describe('members', () => {
  it('replaces the value of a key that is there', () => {
    const text = '{ "a" : {"x": 1},  "b":2 }';
    expect(edited(text, (editor) => editor.setMember(object(text), 'a', true))).toBe('{ "a" : true,  "b":2 }');
  });

  it('puts a new key behind the last of those it follows, else first', () => {
    const text = '{ "a": 1, "z": 2 }';
    expect(edited(text, (editor) => editor.setMember(object(text), 'b', 3, ['a']))).toBe('{ "a": 1, "b": 3, "z": 2 }');
    expect(edited(text, (editor) => editor.setMember(object(text), 'b', 3))).toBe('{ "b": 3, "a": 1, "z": 2 }');
  });

  it('removes a key with its comma, and nothing when it is not there', () => {
    const text = '{ "a": 1,\n  "b": 2 }';
    const editor = new JsonTextEditor(text);
    expect(applyChanges(text, [editor.removeMember(object(text), 'a') as TextChange])).toBe('{ "b": 2 }');
    expect(editor.removeMember(object(text), 'c')).toBeNull();
  });
});

it('changes the value as told and keeps the rest, whatever the text looks like', () => {
  // JSON knows no -0.
  const json = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));
  const spaces = fc.constantFrom('', ' ', '\n', '\n  ', '\t');
  fc.assert(
    fc.property(
      fc.array(json, { maxLength: 6 }),
      fc.array(spaces, { minLength: 14, maxLength: 14 }),
      fc.nat(),
      json,
      (items, gaps, at, value) => {
        const parts = items.map(
          (item, index) => `${gaps[2 * index] ?? ''}${JSON.stringify(item)}${gaps[2 * index + 1] ?? ''}`,
        );
        const text = `[${parts.join(',')}]`;
        const index = at % (items.length + 1);
        const inserted = edited(text, (editor) => editor.insertItem(list(text), index, value as string));
        expect(JSON.parse(inserted)).toEqual(items.toSpliced(index, 0, value));
        if (index === items.length) return;
        const removed = edited(text, (editor) => editor.removeItem(list(text), index));
        expect(JSON.parse(removed)).toEqual(items.toSpliced(index, 1));
        const moved = edited(text, (editor) => editor.moveItem(list(text), index, 0));
        const [taken] = items.slice(index, index + 1);
        expect(JSON.parse(moved)).toEqual([taken, ...items.toSpliced(index, 1)]);
      },
    ),
  );
});

describe('formatJsonText', () => {
  it('keeps values, order and repeated keys', () => {
    const text = '{"a":["x","\\u0041"],"a":1e3,"list":[{"b":[]},{}]}';
    expect(formatJsonText(text, tree(text))).toBe(
      '{\n  "a": ["x", "\\u0041"],\n  "a": 1e3,\n  "list": [\n    {\n      "b": []\n    },\n    {}\n  ]\n}\n',
    );
  });

  it('breaks lists that are too long for a line', () => {
    const text = JSON.stringify({ readers: Array.from({ length: 30 }, (_, index) => `caller${index}`) });
    const printed = formatJsonText(text, tree(text));
    expect(printed.split('\n')).toHaveLength(35);
    expect(JSON.parse(printed)).toEqual(JSON.parse(text));
  });
});
