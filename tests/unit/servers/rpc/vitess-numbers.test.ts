import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { queryMethods, vitessMethods } from '../../../../src-main/servers/rpc';
import { enumValues, messageFields, methodNames, streaming } from './vitess-numbers';

const folder = fileURLToPath(new URL('../../../../resources/rpc', import.meta.url));
const root = new protobuf.Root();
root.resolvePath = (_origin, target) => join(folder, target.replace(`${folder}/`, ''));
root.loadSync(['vtgateservice.proto', 'queryservice.proto', 'tableacl.proto'], { keepCase: true }).resolveAll();

const inOrder = (text: string): string[] =>
  text
    .split(', ')
    .filter((item) => item !== '')
    .sort();

describe('messages', () => {
  it.each(Object.entries(messageFields))('%s', (name, fields) => {
    const written = root.lookupType(name).fieldsArray.map((field) => {
      return `${field.id} ${field.repeated && !field.map ? '*' : ''}${field.name}`;
    });
    expect(written.sort()).toEqual(inOrder(fields));
  });

  it.each([
    ['vtgate.ExecuteRequest', [4, 5, 6, 7]],
    ['vtgate.ExecuteBatchRequest', [4, 5, 6, 7]],
    ['vtgate.StreamExecuteRequest', [3, 4, 5]],
    ['vtgate.Session', [3]],
    ['vtrpc.RPCError', [1]],
    ['query.ExecuteOptions', [1, 2, 3]],
    ['query.QueryResult', [5]],
    ['query.StreamHealthResponse', [6]],
  ])('%s reserves %j', (name, numbers) => {
    for (const number of numbers) expect(root.lookupType(name).isReservedId(number), String(number)).toBe(true);
  });

  it('packs row lengths as zigzag numbers', () => {
    expect(root.lookupType('query.Row').fields['lengths']).toMatchObject({
      type: 'sint64',
      repeated: true,
      packed: true,
    });
  });
});

describe('enums', () => {
  it.each(Object.entries(enumValues))('%s', (name, values) => {
    const written = Object.entries(root.lookupEnum(name).values).map(([key, value]) => `${key} ${value}`);
    expect(written.sort()).toEqual(inOrder(values));
  });
});

describe('services', () => {
  it.each([
    ['vtgateservice.Vitess', vitessMethods],
    ['queryservice.Query', queryMethods],
  ])('%s has the methods of Vitess, as definitions and in the .proto', (service, definitions) => {
    expect(Object.keys(definitions).sort()).toEqual([...(methodNames[service] ?? [])].sort());
    for (const [name, definition] of Object.entries(definitions)) {
      const described = root.lookupService(service).methods[name];
      expect(definition.path).toBe(`/${service}/${name}`);
      expect(definition.kind, name).toBe(streaming[service]?.includes(name) === true ? 'server-stream' : 'unary');
      expect(described?.responseStream ?? false, name).toBe(definition.kind === 'server-stream');
    }
  });

  it('give each method the messages that the .proto names', () => {
    for (const [service, definitions] of [
      ['vtgateservice.Vitess', vitessMethods],
      ['queryservice.Query', queryMethods],
    ] as const)
      for (const [name, definition] of Object.entries(definitions)) {
        const described = root.lookupService(service).methods[name];
        // A message with every field set is read completely by the right class only.
        for (const [type, codec] of [
          [described?.resolvedRequestType, definition.request],
          [described?.resolvedResponseType, definition.response],
        ] as const) {
          const bytes = Buffer.from(type?.encode(type.fromObject(sampleOf(type))).finish() ?? []);
          const again = Buffer.from(codec.encode(codec.decode(bytes) as never));
          expect(again.equals(bytes), `${name} ${type?.name}`).toBe(true);
        }
      }
  });
});

/** An object with a value in every field of `type`, two levels deep; one branch of a oneof. */
function sampleOf(type: protobuf.Type | null | undefined, depth = 0): Record<string, unknown> {
  const sample: Record<string, unknown> = {};
  for (const field of type?.fieldsArray ?? []) {
    const value =
      field.resolvedType instanceof protobuf.Type
        ? depth < 2
          ? sampleOf(field.resolvedType, depth + 1)
          : undefined
        : field.resolvedType instanceof protobuf.Enum
          ? Math.max(...Object.values(field.resolvedType.values))
          : field.type === 'string'
            ? `${field.name} é`
            : field.type === 'bytes'
              ? Buffer.from(field.name)
              : field.type === 'bool'
                ? true
                : field.type === 'double'
                  ? 1.5
                  : field.type === 'sint64'
                    ? -70
                    : field.id + 1000;
    if (value === undefined) continue;
    sample[field.name] = field.map ? { key: value } : field.repeated ? [value, value] : value;
  }
  return sample;
}
