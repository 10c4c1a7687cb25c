import type { Finding, FindingLevel } from '../kernel';
import type { AclSettings } from './decision';
import { quoted } from './notes';
import type { TableAcl } from './table-acl';

/**
 * What is unsafe or ineffective about the way a tablet uses its ACL (vitess-behaviour §§5.2, 5.3, 11). `place` is where
 * the settings stand; `principals` are the names and groups that callers can have.
 */
export function aclSettingsFindings(
  settings: AclSettings,
  acl: TableAcl | null,
  aclFileGiven: boolean,
  place: { readonly file: string; readonly line: number; readonly column: number },
): Finding[] {
  const findings: Finding[] = [];
  const add = (code: string, level: FindingLevel, message: string, remedy: string): void => {
    findings.push({ code: `acl.${code}`, level, ...place, message, remedy });
  };
  if (settings.dryRun)
    add(
      'dry-run',
      'warning',
      'Dry run is on: denials are counted and let pass, even in strict mode.',
      'Turn dry run off when the counters show no denials.',
    );
  if (!settings.strict)
    add('strict-off', 'warning', 'Strict mode is off: nothing is denied.', 'Turn the strict table ACL on.');
  else if (acl === null)
    add(
      'strict-without-acl',
      'warning',
      'Strict mode is on and no ACL is loaded: every table is closed to everybody.',
      'Give the tablet a sound ACL file.',
    );
  noteExemption(settings.exempt, acl, aclFileGiven, add);
  return findings;
}

function noteExemption(
  exempt: string,
  acl: TableAcl | null,
  aclFileGiven: boolean,
  add: (code: string, level: FindingLevel, message: string, remedy: string) => void,
): void {
  if (exempt === '') return;
  if (!aclFileGiven) {
    const message = `The exemption of ${quoted(exempt)} does nothing, because no ACL file is configured.`;
    add('exempt-without-file', 'warning', message, 'Configure an ACL file.');
    return;
  }
  if (exempt === 'gRPC') {
    const message = 'The exemption "gRPC" exempts everybody: it is the name of every connection from a gateway.';
    add('exempt-everybody', 'error', message, 'Exempt the name of one user or group.');
  } else if (exempt.includes(',')) {
    const message = `The exemption ${quoted(exempt)} is one name with a comma in it, not a list.`;
    add('exempt-list', 'warning', message, 'Exempt one group that all of them have.');
  } else if (acl?.groups.some(({ name }) => name === exempt) === true) {
    const message = `The exemption ${quoted(exempt)} is the name of a table group; it exempts callers of that name or group.`;
    add('exempt-table-group', 'warning', message, 'Exempt the name of a user or of a group of users.');
  }
}
