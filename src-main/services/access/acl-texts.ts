import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  aclToJson,
  decodeBinary,
  parseAclFile,
  readAclForm,
  type AclFileReading,
  type FormGroup,
  type TableAcl,
} from '../../domain/acl';
import type { KnownNames } from '../../domain/acl';
import type { Fidelity } from '../../domain/fidelity/fidelity';

/** An ACL file of the draft as it is on disk. */
export interface AclText {
  readonly path: string;
  readonly state: 'text' | 'binary' | 'missing' | 'unreadable';
  /** '' when there is none; bytes that are not UTF-8 are U+FFFD. */
  readonly text: string;
  readonly bytes: Uint8Array;
  /** The same for the same bytes. */
  readonly version: string;
}

/** A text that could be read as groups, with the ACL that Vitess makes of it (null: Vitess refuses it). */
export interface GoodForm {
  readonly text: string;
  readonly groups: readonly FormGroup[];
  readonly acl: TableAcl | null;
}

export const versionOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** Reads a file below `dir`; never rejects. */
export async function readAclText(dir: string, path: string): Promise<AclText> {
  try {
    const bytes = await readFile(join(dir, path));
    const binary = decodeBinary(bytes);
    // Some texts are a protobuf by chance, one without groups.
    const isBinary = binary.ok && binary.model.groups.length > 0;
    const text = isBinary ? aclToJson(binary.model) : bytes.toString('utf8');
    return { path, state: isBinary ? 'binary' : 'text', text, bytes, version: versionOf(bytes) };
  } catch (error) {
    const state = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'unreadable';
    return { path, state, text: '', bytes: Buffer.alloc(0), version: state };
  }
}

/** Everything about a text: what Vitess makes of it, its faults, and its groups for the form (null: it has none to read). */
export function readAcl(
  text: string | Uint8Array,
  options: { readonly file: string; readonly fidelity: Fidelity } & KnownNames,
): { readonly reading: AclFileReading; readonly groups: readonly FormGroup[] | null } {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
  return {
    reading: parseAclFile(bytes, options),
    groups: readAclForm(typeof text === 'string' ? text : Buffer.from(text).toString('utf8')),
  };
}

/**
 * Remembers for each file the last text whose groups could be read, and the last ACL that Vitess would load, so that a
 * broken text takes neither the form nor the prediction away.
 */
export class LastGood {
  readonly #forms = new Map<string, GoodForm>();
  readonly #acls = new Map<string, TableAcl>();

  note(path: string, text: string, groups: readonly FormGroup[] | null, acl: TableAcl | null): void {
    if (groups !== null) this.#forms.set(path, { text, groups, acl });
    if (acl !== null) this.#acls.set(path, acl);
  }

  form(path: string): GoodForm | undefined {
    return this.#forms.get(path);
  }

  acl(path: string): TableAcl | undefined {
    return this.#acls.get(path);
  }
}
