import { textOf } from './go-text';
import type { AclModel } from './table-acl';

/** A file read without places, or Vitess's words why not. */
export type Decoded =
  { readonly ok: true; readonly model: AclModel } | { readonly ok: false; readonly message: string };

class DecodeError extends Error {}

const EOF = 'unexpected EOF';
const OVERFLOW = 'proto: integer overflow';
const BAD_LENGTH = 'proto: negative length found during unmarshaling';
const MAX_INT = 0x7fff_ffff_ffff_ffffn;

const groupFields = ['Name', 'TableNamesOrPrefixes', 'Readers', 'Writers', 'Admins'] as const;

/**
 * Reads binary protobuf of tableacl.Config as vttablet does (vitess-behaviour §5.1; the messages are those of its
 * generated decoder): unknown fields are skipped, a name may hold bytes that are not UTF-8. vttablet tries this before
 * JSON, so that text which happens to be a protobuf is an empty ACL.
 */
export function decodeBinary(bytes: Uint8Array): Decoded {
  const groups: { name: string; entries: string[]; readers: string[]; writers: string[]; admins: string[] }[] = [];
  const readGroup = (body: Uint8Array): void => {
    const group = {
      name: '',
      entries: [] as string[],
      readers: [] as string[],
      writers: [] as string[],
      admins: [] as string[],
    };
    groups.push(group);
    new MessageReader(body, 'TableGroupSpec', groupFields).read((field, value) => {
      const text = textOf(value);
      if (field === 1) group.name = text;
      else
        (field === 2 ? group.entries : field === 3 ? group.readers : field === 4 ? group.writers : group.admins).push(
          text,
        );
    });
  };
  try {
    new MessageReader(bytes, 'Config', ['TableGroups']).read((_field, value) => readGroup(value));
    return { ok: true, model: { groups } };
  } catch (error) {
    if (error instanceof DecodeError) return { ok: false, message: error.message };
    throw error;
  }
}

/** Reads one message whose known fields, numbered from 1, are all length-delimited. */
class MessageReader {
  #at = 0;
  #low = 0;
  #high = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly message: string,
    readonly fields: readonly string[],
  ) {}

  read(take: (field: number, value: Uint8Array) => void): void {
    while (this.#at < this.bytes.length) {
      const start = this.#at;
      this.#varint();
      const wireType = this.#low & 7;
      const field = (this.#low >>> 3) | (this.#high << 29);
      if (wireType === 4) throw new DecodeError(`proto: ${this.message}: wiretype end group for non-group`);
      if (field <= 0)
        throw new DecodeError(`proto: ${this.message}: illegal tag ${field} (wire type ${this.#unsigned()})`);
      const name = this.fields[field - 1];
      if (name === undefined) {
        this.#at = start;
        this.#skip();
        continue;
      }
      if (wireType !== 2) throw new DecodeError(`proto: wrong wireType = ${wireType} for field ${name}`);
      const end = this.#endOfLength();
      if (end > this.bytes.length) throw new DecodeError(EOF);
      take(field, this.bytes.subarray(this.#at, end));
      this.#at = end;
    }
  }

  #unsigned(): bigint {
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
  }

  /** Reads up to ten bytes into two halves of 32 bits; what does not fit into 64 bits is lost, as in Go. */
  #varint(): void {
    this.#low = 0;
    this.#high = 0;
    for (let shift = 0; ; shift += 7) {
      if (shift >= 64) throw new DecodeError(OVERFLOW);
      const byte = this.bytes[this.#at];
      if (byte === undefined) throw new DecodeError(EOF);
      this.#at += 1;
      const bits = byte & 0x7f;
      if (shift <= 28) this.#low |= bits << shift;
      if (shift === 28) this.#high |= bits >>> 4;
      if (shift > 28) this.#high |= bits << (shift - 32);
      if (byte < 0x80) return;
    }
  }

  /** Reads a length and says where it ends, which may be behind the end of the bytes. */
  #endOfLength(): number {
    this.#varint();
    if (this.#high < 0) throw new DecodeError(BAD_LENGTH);
    if (this.#high !== 0 && BigInt(this.#at) + this.#unsigned() > MAX_INT) throw new DecodeError(BAD_LENGTH);
    return this.#at + Number(this.#unsigned());
  }

  /** Steps over one unknown field, groups with all they hold. */
  #skip(): void {
    let depth = 0;
    while (this.#at < this.bytes.length) {
      this.#varint();
      const wireType = this.#low & 7;
      if (wireType === 0) this.#varint();
      else if (wireType === 1) this.#at += 8;
      else if (wireType === 2) this.#at = this.#endOfLength();
      else if (wireType === 3) depth += 1;
      else if (wireType === 4) depth -= 1;
      else if (wireType === 5) this.#at += 4;
      else throw new DecodeError(`proto: illegal wireType ${wireType}`);
      if (depth < 0) throw new DecodeError('proto: unexpected end of group');
      if (depth === 0) {
        if (this.#at > this.bytes.length) throw new DecodeError(EOF);
        return;
      }
    }
    throw new DecodeError(EOF);
  }
}
