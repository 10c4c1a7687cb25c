import { acceptedText, readAccepted, type AcceptedAttacks } from '../../attacks';
import { code, say, type Change, type FileContents } from './change';

/**
 * What differs in tests/attacks.json, a sentence for each attack that may get through, or may no longer. Null where a side
 * cannot be read, or both say the same: then the file is told of as a whole.
 */
export function acceptedChanges(path: string, old: Buffer | undefined, fresh: Buffer | undefined): Change[] | null {
  const [before, after] = [acceptedIn(path, old), acceptedIn(path, fresh)];
  if (before === null || after === null) return null;
  const ids = [...new Set([...before.keys(), ...after.keys()])].filter((id) => before.get(id) !== after.get(id)).sort();
  if (ids.length === 0) return null;
  return ids.map((id): Change => {
    const reason = after.get(id);
    const shared = { area: 'tests' as const, file: path };
    const revert = (): FileContents => new Map([[path, contents(before, takenBack(before, after, id), old)]]);
    return reason === undefined
      ? {
          ...shared,
          ...{ line: lineOf(old, id), side: 'applied', revert },
          sentence: say`The attack ${code(id)} may get through no longer.`,
        }
      : {
          ...shared,
          ...{ line: lineOf(fresh, id), side: 'draft', revert },
          sentence: before.has(id)
            ? say`The attack ${code(id)} may get through for another reason: ${code(reason)}`
            : say`The attack ${code(id)} may get through: ${code(reason)}`,
        };
  });
}

function acceptedIn(path: string, bytes: Buffer | undefined): AcceptedAttacks | null {
  if (bytes === undefined) return new Map();
  const { accepted, findings } = readAccepted(bytes, path);
  return findings.length === 0 ? accepted : null;
}

function takenBack(before: AcceptedAttacks, after: AcceptedAttacks, id: string): AcceptedAttacks {
  const left = new Map(after);
  const was = before.get(id);
  if (was === undefined) left.delete(id);
  else left.set(id, was);
  return left;
}

/** The file for these; where it says what is applied, it is the applied one to the byte, or none. */
function contents(before: AcceptedAttacks, left: AcceptedAttacks, old: Buffer | undefined): Buffer | null {
  const same = left.size === before.size && [...left].every(([id, reason]) => before.get(id) === reason);
  if (same) return old ?? null;
  return left.size === 0 ? null : Buffer.from(acceptedText(left));
}

/** The line on which an id stands; 0 when it is written otherwise. */
function lineOf(bytes: Buffer | undefined, id: string): number {
  return (bytes?.toString('utf8') ?? '').split('\n').findIndex((line) => line.includes(JSON.stringify(id))) + 1;
}
