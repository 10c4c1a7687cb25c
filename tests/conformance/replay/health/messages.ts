import { join } from 'node:path';
import protobuf from 'protobufjs';
import { queryMethods } from '../../../../src-main/servers/rpc';

/**
 * Messages of `queryservice.Query` in the form of the recordings: proto3 JSON with the names of the .proto files, bytes in
 * base64, 64-bit integers as strings, fields with default values absent. Made by reflection of the .proto files, so that
 * nothing of the generated codec is in it but the bytes.
 */
const folder = join(process.cwd(), 'resources', 'rpc');
const root = new protobuf.Root();
root.resolvePath = (_origin, target) => join(folder, target);
root.loadSync('queryservice.proto', { keepCase: true }).resolveAll();

export type Json = { readonly [key: string]: unknown };
export type Rpc = keyof typeof queryMethods;

const conversion = { longs: String, enums: String, bytes: String, defaults: false };

function typesOf(rpc: Rpc): { readonly request: protobuf.Type; readonly response: protobuf.Type } {
  const method = root.lookupService('queryservice.Query').methods[rpc];
  if (method === undefined) throw new Error(`no such method: ${rpc}`);
  const { resolvedRequestType, resolvedResponseType } = method.resolve() as protobuf.Method;
  return { request: resolvedRequestType as protobuf.Type, response: resolvedResponseType as protobuf.Type };
}

/** What our own side sent or got, as JSON. */
export function toJson(rpc: Rpc, which: 'request' | 'response', message: unknown): Json {
  const type = typesOf(rpc)[which];
  const codec = queryMethods[rpc][which] as { encode(value: unknown): Uint8Array };
  return tidy(type.toObject(type.decode(codec.encode(message)), conversion)) as Json;
}

/** A recorded message as our own side takes it. */
export function fromJson(rpc: Rpc, which: 'request' | 'response', json: Json): unknown {
  const type = typesOf(rpc)[which];
  const codec = queryMethods[rpc][which] as { decode(bytes: Uint8Array): unknown };
  return codec.decode(type.encode(type.fromObject({ ...json })).finish());
}

/** Without empty lists, maps and texts, which proto3 JSON leaves out; empty messages stay. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as Json)
      .filter(([, one]) => !(Array.isArray(one) && one.length === 0) && one !== '' && one !== false && one !== 0)
      .map(([key, one]) => [key, tidy(one)]),
  );
}

/** Names of rpcs as the recordings write them. */
export const rpcName = (rpc: string): Rpc => rpc.slice(rpc.lastIndexOf('/') + 1) as Rpc;
export const fullName = (rpc: Rpc): string => `queryservice.Query/${rpc}`;
export const kindOf = (rpc: Rpc): string => (queryMethods[rpc].kind === 'unary' ? 'unary' : 'server stream');

/** Replaces every value for which `change` gives another one, at any depth. */
export function mapValues(value: unknown, change: (key: string, value: unknown) => unknown, key = ''): unknown {
  const changed = change(key, value);
  if (changed !== value) return changed;
  if (Array.isArray(value)) return value.map((one) => mapValues(one, change, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value as Json).map(([name, one]) => [name, mapValues(one, change, name)]));
}
