import { shownText } from './go-text';
import type { AclModel, TableAcl } from './table-acl';

/** The ACL without its places. */
export function aclModel(acl: TableAcl): AclModel {
  return {
    groups: acl.groups.map(({ name, entries, readers, writers, admins }) => ({
      name,
      entries: entries.map(({ text }) => text),
      readers: readers.principals.map(({ text }) => text),
      writers: writers.principals.map(({ text }) => text),
      admins: admins.principals.map(({ text }) => text),
    })),
  };
}

/** Vitess's own keys in its own order; what is empty is left out, which means the same. */
function plainConfig(model: AclModel, textAs: (text: string) => string): object {
  const filled = (names: readonly string[]): string[] | undefined =>
    names.length === 0 ? undefined : names.map(textAs);
  const groups = model.groups.map(({ name, entries, readers, writers, admins }) => ({
    name: name === '' ? undefined : textAs(name),
    table_names_or_prefixes: filled(entries),
    readers: filled(readers),
    writers: filled(writers),
    admins: filled(admins),
  }));
  return { table_groups: groups.length === 0 ? undefined : groups };
}

/**
 * The file as Gatehouse writes it: snake_case keys, two spaces, one name a line so that findings and decisions can quote
 * its line, a newline at the end. Bytes that are not UTF-8 become U+FFFD.
 */
export const aclToJson = (model: AclModel): string => `${JSON.stringify(plainConfig(model, shownText), null, 2)}\n`;

/** What vttablet shows at /debug/acl: Go's json.MarshalIndent with one space and HTML escaping (vitess-behaviour §5.7). */
export const debugAcl = (acl: TableAcl): string =>
  JSON.stringify(
    plainConfig(aclModel(acl), (text) => text),
    null,
    1,
  )
    .replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    // JSON.stringify writes a byte that is not UTF-8 as \udc80 to \udcff; Go writes the replacement character.
    .replace(/\\(?:\\|u(dc[89a-f][0-9a-f]))/g, (escape: string, byte?: string) =>
      byte === undefined ? escape : '\\ufffd',
    );
