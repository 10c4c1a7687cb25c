import { fields, readJsonFile, type FieldReader, type Finding, type JsonPlace } from '../kernel';
import type { AcceptedAttacks } from './score';

const { integer, listOf, objectOf, required, text } = fields;

/** Schema version of tests/attacks.json. */
export const ACCEPTED_SCHEMA = 1;

const nonEmpty: FieldReader<string> = (node, notes) => {
  const value = text(node, notes);
  if (value === undefined || value.trim() !== '') return value;
  return notes.error('accepted-empty', node, 'nothing is written here', 'Say why this attack may get through.');
};

const document = objectOf({
  schema: required(integer(ACCEPTED_SCHEMA, ACCEPTED_SCHEMA)),
  accepted: required(listOf(objectOf({ id: required(text), reason: required(nonEmpty) }))),
});

/** Where tests/attacks.json names an attack. */
export interface AcceptedPlace {
  readonly id: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Reads tests/attacks.json: which attacks may get through, each with its reason. A file at fault accepts nothing and says
 * why: an attack is never accepted by mistake.
 */
export function readAccepted(
  bytes: Uint8Array,
  file: string,
): {
  readonly accepted: AcceptedAttacks;
  readonly places: readonly AcceptedPlace[];
  readonly findings: readonly Finding[];
} {
  const { value, findings } = readJsonFile(bytes, file, 'attacks', document);
  const sound = value !== null && findings.length === 0 ? value.accepted : [];
  return {
    accepted: new Map(sound.map(({ id, reason }) => [id, reason])),
    places: sound.map(({ id, place }: { readonly id: string; readonly place: JsonPlace }) => ({
      id,
      line: place.line,
      column: place.column,
    })),
    findings,
  };
}

/**
 * A warning for each accepted attack that there is not: a slip in its id, or an attack of a part that the workspace no
 * longer has. It accepts nothing, and whoever wrote it believes that it does.
 */
export function unmatchedAccepted(
  places: readonly AcceptedPlace[],
  attacks: ReadonlySet<string>,
  file: string,
): readonly Finding[] {
  return places
    .filter(({ id }) => !attacks.has(id))
    .map(({ id, line, column }) => ({
      code: 'attacks.accepted-unmatched',
      level: 'warning',
      file,
      line,
      column,
      message: `no attack on this workspace has the id "${id}": nothing is accepted by it`,
      remedy: 'Compare it with “gatehouse attack --list”, or take it out.',
    }));
}

/** The file's text for these attacks, in id order. */
export const acceptedText = (accepted: AcceptedAttacks): string =>
  `${JSON.stringify(
    {
      schema: ACCEPTED_SCHEMA,
      accepted: [...accepted].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, reason]) => ({ id, reason })),
    },
    null,
    2,
  )}\n`;
