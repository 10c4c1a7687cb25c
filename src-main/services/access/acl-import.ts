import { aclToJson, decodeBinary, parseAclFile, readAclForm, type FormGroup } from '../../domain/acl';
import type { KnownNames } from '../../domain/acl';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import { GatehouseError } from '../../domain/kernel';
import type { AclImportReport } from '../../contract/areas/access';
import { fewest } from './acl-file-view';

/** The largest ACL file that is taken, in bytes; a thousand groups of ten thousand names are smaller. */
export const IMPORT_LIMIT = 4_000_000;

/** An ACL file from elsewhere, ready to be written. */
export interface AclImport {
  readonly text: string;
  readonly report: AclImportReport;
}

/**
 * Reads an ACL file that was dropped, chosen or pasted: JSON, or Vitess's binary form, which becomes JSON. A byte order
 * mark is taken off. Throws GatehouseError `access.import`, which names the place, when there are no groups to read.
 */
export function readAclImport(
  name: string,
  content: string,
  options: { readonly fidelity: Fidelity; readonly replaced: number } & KnownNames,
): AclImport {
  let bytes: Uint8Array = Buffer.from(content, 'base64');
  if (bytes.length > IMPORT_LIMIT)
    throw refusal(`${name} has more than ${IMPORT_LIMIT / 1_000_000} MB and is no table ACL. Nothing was changed.`);
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
  const known = { ...options, file: name };
  const decoded = decodeBinary(bytes);
  const binary = decoded.ok && decoded.model.groups.length > 0;
  const text = binary ? aclToJson(decoded.model) : Buffer.from(bytes).toString('utf8');
  const reading = parseAclFile(binary ? Buffer.from(text) : bytes, known);
  const groups = reading.findings.some(({ code }) => code === 'acl.not-utf8') ? null : readAclForm(text);
  if (groups === null) {
    const fault = reading.findings.find(({ level }) => level === 'error');
    const place = fault !== undefined && fault.line > 0 ? `, line ${fault.line}` : '';
    throw refusal(
      `${name}${place}: ${fault?.message ?? 'This is no table ACL.'} ${fault?.remedy ?? ''} Nothing was changed.`,
    );
  }
  if (groups.length === 0 && !/"table_?groups"/i.test(text))
    throw refusal(`${name} has no "table_groups" and is no table ACL. Nothing was changed.`);
  return {
    text,
    report: {
      name,
      format: binary ? 'binary' : 'json',
      groups: groups.length,
      entries: count(groups, 'entries'),
      principals: new Set(groups.flatMap(({ lists }) => principalsOf(lists))).size,
      replaced: options.replaced,
      vitess: { accepted: reading.vitess.accepted, message: reading.vitess.message },
      findings: fewest(reading.findings),
    },
  };
}

const count = (groups: readonly FormGroup[], list: 'entries'): number =>
  groups.reduce((sum, { lists }) => sum + lists[list].names.length, 0);

const principalsOf = ({ readers, writers, admins }: FormGroup['lists']): string[] =>
  [readers, writers, admins].flatMap(({ names }) => names.map(({ text }) => text));

const refusal = (summary: string): GatehouseError => new GatehouseError({ code: 'access.import', summary });
