import { Secret } from '../../domain/kernel';

/** Stands for a value that crosses between threads and would lose its class on the way. */
interface Packed {
  readonly packed: 'secret' | 'buffer';
  readonly value: string | Uint8Array;
}

const isPacked = (value: object): value is Packed => 'packed' in value;

/**
 * Copies plain data, putting `change`'s answer in the place of what it answers for. What is one object stays one: an ACL's
 * index points into its groups.
 */
function copy(root: unknown, change: (value: object) => unknown): unknown {
  const seen = new Map<object, unknown>();
  const walk = (value: unknown): unknown => {
    if (typeof value === 'function' || typeof value === 'symbol')
      throw new TypeError(`a ${typeof value} cannot cross between threads`);
    if (typeof value !== 'object' || value === null) return value;
    const known = seen.get(value);
    if (known !== undefined) return known;
    const changed = change(value);
    if (changed !== undefined) {
      seen.set(value, changed);
      return changed;
    }
    if (value instanceof Date) return value;
    if (value instanceof Map) {
      const map = new Map<unknown, unknown>();
      seen.set(value, map);
      for (const [key, item] of value) map.set(walk(key), walk(item));
      return map;
    }
    if (value instanceof Set) {
      const set = new Set<unknown>();
      seen.set(value, set);
      for (const item of value) set.add(walk(item));
      return set;
    }
    if (Array.isArray(value)) {
      const list: unknown[] = [];
      seen.set(value, list);
      for (const item of value) list.push(walk(item));
      return list;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      throw new TypeError(`a ${value.constructor.name} cannot cross between threads`);
    const object: Record<string, unknown> = {};
    seen.set(value, object);
    for (const [key, item] of Object.entries(value)) object[key] = walk(item);
    return object;
  };
  return walk(root);
}

/**
 * Makes a configuration ready to be posted to another thread of this process: secrets go as text, in memory only. Throws
 * TypeError for what would not arrive as it is: functions, classes other than Secret, Buffer, Map, Set and Date,
 * and objects with a key `packed`.
 */
export const pack = (value: unknown): unknown =>
  copy(value, (found): Packed | undefined => {
    if (found instanceof Secret) return { packed: 'secret', value: found.reveal() };
    if (isPacked(found)) throw new TypeError('data with a key "packed" cannot cross between threads');
    return found instanceof Uint8Array ? { packed: 'buffer', value: found } : undefined;
  });

/** What `pack` was given, as it is on this side. */
export const unpack = <T>(value: unknown): T =>
  copy(value, (found) => {
    if (!isPacked(found)) return undefined;
    if (found.packed === 'secret') return new Secret(found.value as string);
    const { buffer, byteOffset, byteLength } = found.value as Uint8Array;
    return Buffer.from(buffer, byteOffset, byteLength);
  }) as T;
