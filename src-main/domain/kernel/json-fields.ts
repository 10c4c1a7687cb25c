import type { Finding } from './finding';
import { readJson, type JsonNode, type JsonPlace } from './json-tree';

/** What one field must look like. Every reader returns `undefined` after it has noted a finding. */
export type FieldReader<T> = (node: JsonNode, notes: JsonNotes) => T | undefined;

/** Collects the findings of one file; nothing is thrown, so that all faults are found and not only the first. */
export class JsonNotes {
  readonly findings: Finding[] = [];

  constructor(
    readonly file: string,
    readonly area: string,
  ) {}

  /** Notes a fault of level error at `place`. */
  error(code: string, place: JsonPlace, message: string, remedy: string): undefined {
    this.findings.push({
      code: `${this.area}.${code}`,
      level: 'error',
      file: this.file,
      line: place.line,
      column: place.column,
      message,
      remedy,
    });
    return undefined;
  }
}

const kindWords: Record<JsonNode['kind'], string> = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
};

const wrongKind = (node: JsonNode, notes: JsonNotes, wanted: string): undefined =>
  notes.error('type', node, `${kindWords[node.kind]} stands where ${wanted} is needed`, `Write ${wanted} here.`);

/** A text. */
export const text: FieldReader<string> = (node, notes) =>
  node.kind === 'string' ? node.value : wrongKind(node, notes, 'a text');

/** True or false. */
export const flag: FieldReader<boolean> = (node, notes) =>
  node.kind === 'boolean' ? node.value : wrongKind(node, notes, 'true or false');

/** A whole number between `least` and `most`. */
export const integer =
  (least: number, most: number): FieldReader<number> =>
  (node, notes) => {
    const value = node.kind === 'number' ? Number(node.raw) : Number.NaN;
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    return wrongKind(node, notes, `a whole number from ${least} to ${most}`);
  };

/** One of the texts given. */
export const oneOf =
  <const T extends string>(...choices: readonly T[]): FieldReader<T> =>
  (node, notes) => {
    if (node.kind === 'string' && (choices as readonly string[]).includes(node.value)) return node.value as T;
    return wrongKind(node, notes, `one of ${choices.map((choice) => `"${choice}"`).join(', ')}`);
  };

/** A list of what `item` reads; items at fault are left out after their finding. */
export const listOf =
  <T>(item: FieldReader<T>): FieldReader<T[]> =>
  (node, notes) => {
    if (node.kind !== 'array') return wrongKind(node, notes, 'a list');
    return node.items
      .map((entry) => item(entry, notes))
      .filter((value): value is Awaited<T> & T => value !== undefined);
  };

/** `null` or what `inner` reads. */
export const nullable =
  <T>(inner: FieldReader<T>): FieldReader<T | null> =>
  (node, notes) =>
    node.kind === 'null' ? null : inner(node, notes);

/** An object whose keys are free and whose values `value` reads, in file order. */
export const mapOf =
  <T>(value: FieldReader<T>): FieldReader<Map<string, T>> =>
  (node, notes) => {
    if (node.kind !== 'object') return wrongKind(node, notes, 'an object');
    const result = new Map<string, T>();
    for (const member of node.members) {
      if (result.has(member.key))
        notes.error('duplicate-key', member.keyPlace, `the key "${member.key}" appears twice`, 'Keep one of them.');
      const read = value(member.value, notes);
      if (read !== undefined) result.set(member.key, read);
    }
    return result;
  };

/** A field of an object: its reader, and what stands for it when it is absent (none: it must be there). */
export interface FieldSpec<T> {
  readonly read: FieldReader<T>;
  readonly fallback?: () => T;
}

/** A field that must be there. */
export const required = <T>(read: FieldReader<T>): FieldSpec<T> => ({ read });

/** A field that may be left out. */
export const optional = <T>(read: FieldReader<T>, fallback: T): FieldSpec<T> => ({ read, fallback: () => fallback });

type Fields = { readonly [key: string]: FieldSpec<unknown> };
type ReadFields<F extends Fields> = { -readonly [K in keyof F]: F[K] extends FieldSpec<infer T> ? T : never };

/** An object with exactly these fields: unknown, duplicate and missing keys are findings. */
export const objectOf =
  <F extends Fields>(fields: F): FieldReader<ReadFields<F> & { readonly place: JsonPlace }> =>
  (node, notes) => {
    if (node.kind !== 'object') return wrongKind(node, notes, 'an object');
    const values = new Map<string, unknown>();
    let sound = true;
    for (const member of node.members) {
      const field = Object.hasOwn(fields, member.key) ? fields[member.key] : undefined;
      if (field === undefined) {
        notes.error(
          'unknown-key',
          member.keyPlace,
          `"${member.key}" means nothing here`,
          `Known keys: ${Object.keys(fields).join(', ')}.`,
        );
        sound = false;
        continue;
      }
      if (values.has(member.key)) {
        notes.error('duplicate-key', member.keyPlace, `the key "${member.key}" appears twice`, 'Keep one of them.');
        sound = false;
      }
      const value = field.read(member.value, notes);
      if (value === undefined) sound = false;
      values.set(member.key, value);
    }
    for (const [key, field] of Object.entries(fields)) {
      if (values.has(key)) continue;
      if (field.fallback !== undefined) values.set(key, field.fallback());
      else {
        notes.error('missing-key', node, `"${key}" is missing`, `Add "${key}".`);
        sound = false;
      }
    }
    if (!sound) return undefined;
    return {
      ...(Object.fromEntries(values) as ReadFields<F>),
      place: { offset: node.offset, line: node.line, column: node.column },
    };
  };

function placeAt(source: string, offset: number): JsonPlace {
  const before = source.slice(0, offset).split('\n');
  return { offset, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/**
 * Reads a whole file of our own (not one of Vitess's formats): UTF-8 JSON, one value, nothing behind it. Returns the value
 * only when there was no fault at all.
 */
export function readJsonFile<T>(
  bytes: Uint8Array,
  file: string,
  area: string,
  read: FieldReader<T>,
): { value: T | null; findings: Finding[] } {
  const notes = new JsonNotes(file, area);
  const start: JsonPlace = { offset: 0, line: 1, column: 1 };
  let source: string;
  try {
    source = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    notes.error('encoding', start, 'the file is not UTF-8', 'Save it as UTF-8.');
    return { value: null, findings: notes.findings };
  }
  const reading = readJson(source);
  if (!reading.ok) {
    const found = reading.error.found === '' ? 'the end of the file' : `"${reading.error.found}"`;
    notes.error(
      'syntax',
      reading.error,
      `${found} stands where JSON wants ${reading.error.wanted}`,
      'Mend the JSON here.',
    );
    return { value: null, findings: notes.findings };
  }
  const rest = source.slice(reading.end);
  if (rest.trim() !== '')
    notes.error(
      'trailing',
      placeAt(source, source.length - rest.trimStart().length),
      'more text follows the JSON value',
      'Remove what follows it.',
    );
  const value = read(reading.root, notes);
  return { value: notes.findings.length === 0 && value !== undefined ? value : null, findings: notes.findings };
}
