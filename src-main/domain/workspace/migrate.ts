import { TOPOLOGY_SCHEMA } from '../topology';

/** The members of a gatehouse.json of any schema. */
export type WorkspaceDocument = { readonly [key: string]: unknown };

/** One step from a schema to the next one. */
export interface Migration {
  /** The schema it reads; it writes `from + 1`. */
  readonly from: number;
  /** What changes, for people. */
  readonly about: string;
  /** Pure; `schema` itself is set by `migrate`. */
  readonly upgrade: (document: WorkspaceDocument) => WorkspaceDocument;
}

/** From every schema that was ever published to the next one. */
export const migrations: readonly Migration[] = [];

/** What is to be done with a gatehouse.json. */
export type MigrationOutcome =
  /** It is of this program's schema, or so broken that reading it says more. */
  | { readonly kind: 'as-it-is' }
  | { readonly kind: 'upgraded'; readonly from: number; readonly text: string; readonly steps: readonly string[] }
  /** Written by a newer program: nothing of it may be understood or changed. */
  | { readonly kind: 'newer'; readonly schema: number }
  /** A number that no published program wrote, or none at all. */
  | { readonly kind: 'unknown'; readonly schema: number | null };

/**
 * Says which schema `source` (the text of a gatehouse.json) has and brings an older one up to `current`, step by step.
 * Nothing is written here.
 */
export function migrate(
  source: string,
  steps: readonly Migration[] = migrations,
  current: number = TOPOLOGY_SCHEMA,
): MigrationOutcome {
  let document: unknown;
  try {
    document = JSON.parse(source);
  } catch {
    return { kind: 'as-it-is' };
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return { kind: 'as-it-is' };
  const { schema } = document as WorkspaceDocument;
  if (typeof schema !== 'number' || !Number.isSafeInteger(schema) || schema < 0)
    return { kind: 'unknown', schema: null };
  if (schema === current) return { kind: 'as-it-is' };
  if (schema > current) return { kind: 'newer', schema };
  let upgraded = document as WorkspaceDocument;
  const done: string[] = [];
  for (let at = schema; at < current; at += 1) {
    const step = steps.find((candidate) => candidate.from === at);
    if (step === undefined) return { kind: 'unknown', schema };
    upgraded = { ...step.upgrade(upgraded), schema: at + 1 };
    done.push(step.about);
  }
  // The version stands first, as people look for it there.
  const { schema: reached, ...rest } = upgraded;
  return {
    kind: 'upgraded',
    from: schema,
    text: `${JSON.stringify({ schema: reached, ...rest }, null, 2)}\n`,
    steps: done,
  };
}
