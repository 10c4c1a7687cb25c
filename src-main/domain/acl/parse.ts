import type { Fidelity } from '../fidelity/fidelity';
import type { Finding } from '../kernel';
import { decodeBinary } from './decode-binary';
import { decodeJson } from './decode-json';
import { findEntryFaults, type EntryFault } from './entry-check';
import { noteBinary, readAclText } from './file-text';
import { shownText, textOf } from './go-text';
import { indexEntries } from './lookup';
import { noteNames } from './name-findings';
import { AclNotes, lineWords, quoted } from './notes';
import type { PlacedGroup, PlacedList } from './read-tree';
import type { AclList, AclListName, AclModel, AclName, AclPlace, KnownNames, TableAcl, TableGroup } from './table-acl';

/** How an ACL file is to be read. */
export interface AclFileOptions extends KnownNames {
  /** The file as findings and decisions name it. */
  readonly file: string;
  readonly fidelity: Fidelity;
}

/** What vttablet (and vtaclcheck) would do with the file. */
export interface VitessVerdict {
  readonly accepted: boolean;
  /** The error proper, without the words of the program that reports it; null when accepted. */
  readonly message: string | null;
  /** The line that is logged at level ERROR before it, or null. */
  readonly log: string | null;
}

/** A file with all that can be said about it. */
export interface AclFileReading {
  /** Null exactly when Vitess refuses the file. */
  readonly acl: TableAcl | null;
  readonly vitess: VitessVerdict;
  /** In the order of the file, those about the whole file first. */
  readonly findings: readonly Finding[];
}

type Outcome =
  | { readonly ok: true; readonly format: 'binary' | 'json'; readonly model: AclModel }
  | { readonly ok: false; readonly message: string; readonly log: string | null };

/**
 * Reads a table ACL file exactly as vttablet does (vitess-behaviour §5.1), and beside that looks for everything that is
 * wrong with it or probably not meant. Never throws, whatever the bytes are.
 */
export function parseAclFile(bytes: Uint8Array, options: AclFileOptions): AclFileReading {
  const notes = new AclNotes(options.file);
  const outcome = decode(bytes);
  const isBinary = outcome.ok && outcome.format === 'binary';
  if (isBinary) noteBinary(bytes, options.fidelity, notes);
  const tree = isBinary || bytes.length === 0 ? null : readAclText(bytes, options.fidelity, notes);
  const groups = outcome.ok ? placeModel(outcome.model, tree) : tree;
  const entries = (groups ?? []).flatMap((group) => group.lists.entries.names);
  const faults = findEntryFaults(entries.map(({ text }) => text));
  noteEntryFaults(entries, faults, notes);

  const refusal = outcome.ok ? (faults[0]?.message ?? null) : outcome.message;
  const log = outcome.ok ? null : outcome.log;
  const acl = outcome.ok && refusal === null ? buildAcl(options.file, outcome.format, groups ?? []) : null;
  if (bytes.length === 0)
    notes.add('empty-file', 'error', wholeFile, 'The file is empty.', 'Write {} for an ACL without groups.');
  if (groups !== null) noteNames(groups, acl, options, notes);
  if (refusal !== null && !notes.findings.some(({ level }) => level === 'error'))
    notes.add(
      'refused',
      'error',
      wholeFile,
      `Vitess refuses this file: ${shortened(log ?? refusal)}`,
      'Mend what it names.',
    );
  return {
    acl,
    vitess: {
      accepted: refusal === null,
      message: refusal === null ? null : shownText(refusal),
      log: log === null ? null : shownText(log),
    },
    findings: inFileOrder(notes.findings),
  };
}

const wholeFile: AclPlace = { line: 0, column: 0 };

function decode(bytes: Uint8Array): Outcome {
  if (bytes.length === 0) return { ok: false, message: 'tableACL config file is empty', log: null };
  const binary = decodeBinary(bytes);
  if (binary.ok) return { ok: true, format: 'binary', model: binary.model };
  const json = decodeJson(bytes);
  if (json.ok) return { ok: true, format: 'json', model: json.model };
  const log = `unable to parse tableACL config file as a protobuf or json file.  protobuf err: ${binary.message}  json err: ${json.message}`;
  return { ok: false, message: `unable to unmarshal Table ACL data: ${textOf(bytes)}`, log };
}

/** The groups that were read with the places that the tree knows; without them where it knows none. */
function placeModel(model: AclModel, tree: readonly PlacedGroup[] | null): readonly PlacedGroup[] {
  const place = (names: readonly string[]): PlacedList => ({
    ...wholeFile,
    names: names.map((text) => ({ text, ...wholeFile })),
  });
  const bare = model.groups.map(({ name, entries, readers, writers, admins }) => ({
    ...wholeFile,
    name,
    lists: { entries: place(entries), readers: place(readers), writers: place(writers), admins: place(admins) },
  }));
  return tree !== null && namesOf(tree) === namesOf(bare) ? tree : bare;
}

/** The names alone, in a form that can be compared. */
const namesOf = (groups: readonly PlacedGroup[]): string =>
  JSON.stringify(
    groups.map(({ name, lists: { entries, readers, writers, admins } }) => [
      name,
      ...[entries, readers, writers, admins].map(({ names }) => names.map(({ text }) => text)),
    ]),
  );

function buildAcl(file: string, format: 'binary' | 'json', placed: readonly PlacedGroup[]): TableAcl {
  const groups = placed.map(({ line, column, name, lists }): TableGroup => {
    const list = (listName: AclListName): AclList => {
      const { names, line: listLine, column: listColumn } = lists[listName];
      const members = new Map<string, AclName>();
      for (const principal of names) if (!members.has(principal.text)) members.set(principal.text, principal);
      return { name: listName, line: listLine, column: listColumn, principals: names, members };
    };
    return {
      line,
      column,
      name,
      entries: lists.entries.names,
      readers: list('readers'),
      writers: list('writers'),
      admins: list('admins'),
    };
  });
  return { file, format, groups, index: indexEntries(groups) };
}

function noteEntryFaults(entries: readonly AclName[], faults: readonly EntryFault[], notes: AclNotes): void {
  for (const fault of faults) {
    const entry = entries[fault.index];
    if (entry === undefined) continue;
    if (fault.kind === 'percent') {
      const message = `${quoted(entry.text)} has a % that is not its last character, or more than one.`;
      notes.add('percent-in-name', 'error', entry, message, 'Write a whole name, or a prefix with one % at its end.');
      continue;
    }
    const other = entries[fault.other];
    if (other === undefined) continue;
    const message = `${quoted(entry.text)} overlaps with ${quoted(other.text)} (${lineWords(other)}): a table must have one entry only.`;
    const remedy =
      entry.text === other.text ? 'Remove one of the two.' : 'Remove one of the two, or make the prefix longer.';
    notes.add('overlap', 'error', entry, message, remedy);
  }
}

const shortened = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);

const inFileOrder = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => a.line - b.line || a.column - b.column);
