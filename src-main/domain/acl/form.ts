import { readJson, type JsonArray, type JsonNode, type JsonObject } from '../kernel';
import { configKeys, groupKeys } from './decode-json';
import { AclNotes } from './notes';
import { readAclTree, type PlacedGroup } from './read-tree';
import type { AclListName } from './table-acl';

/** The four lists of a table group as a form shows them; `entries` are its tables and prefixes. */
export type GroupList = 'entries' | AclListName;

/** A table group as a form shows it: also of a file that Vitess refuses, as long as its text is a JSON object. */
export type FormGroup = PlacedGroup;

/**
 * The groups of an ACL text for a form, without what is at fault in it; null when the text is not exactly one JSON object.
 */
export function readAclForm(text: string): readonly FormGroup[] | null {
  const notes = new AclNotes('');
  // What is at fault is the business of parseAclFile; the mode only changes levels.
  const groups = readAclTree(text, notes, { mode: 'vitess', version: '24.0.4' });
  return notes.findings.some(({ code }) => code === 'acl.trailing-data') ? null : groups;
}

/** The nodes that a form's edits change. Groups are counted as `readAclForm` counts them. */
export interface AclNodes {
  readonly root: JsonObject;
  /** The list of groups; null: the key is missing or null. */
  readonly groups: JsonNode | null;
  /** Groups that are objects, each with its place in `groups`. */
  readonly groupNodes: readonly { readonly node: JsonObject; readonly index: number }[];
  /** Keys are spelled as in tableNamesOrPrefixes. */
  readonly camelCase: boolean;
}

/** Finds the nodes of an ACL text; null when it is not one JSON object. */
export function findAclNodes(text: string): AclNodes | null {
  const reading = readJson(text);
  if (!reading.ok || reading.root.kind !== 'object' || /[^ \t\r\n]/.test(text.slice(reading.end))) return null;
  const { root } = reading;
  const member = root.members.find(({ key }) => configKeys.has(key));
  const groups = member === undefined || member.value.kind === 'null' ? null : member.value;
  const items: readonly JsonNode[] = groups?.kind === 'array' ? groups.items : [];
  const groupNodes = items.flatMap((node, index) => (node.kind === 'object' ? [{ node, index }] : []));
  const camelCase =
    member?.key === 'tableGroups' ||
    groupNodes.some(({ node }) => node.members.some(({ key }) => key === 'tableNamesOrPrefixes'));
  return { root, groups, groupNodes, camelCase };
}

/** The member of a group that holds `list` (or its name), with the value's node; undefined: it has none. */
export const groupMember = (
  group: JsonObject,
  field: GroupList | 'name',
): { readonly key: string; readonly value: JsonNode } | undefined =>
  group.members.find(({ key }) => groupKeys.get(key) === field);

/** The list as an array of texts, or null when something else stands there. */
export const textList = (node: JsonNode): JsonArray | null =>
  node.kind === 'array' && node.items.every(({ kind }) => kind === 'string') ? node : null;
