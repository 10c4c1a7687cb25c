import type { TestCaller, TransportId } from '../../contract/areas/test';
import { parsePem, type ParsedCertificate } from '../../domain/certs';
import type { JsonValue } from '../../domain/kernel';
import type { PasswordSource } from '../../domain/probes';
import type { Workspace } from '../workspace/load-workspace';

const quoted = (table: string): string =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(table) ? table : `\`${table.replaceAll('`', '``')}\``;

/**
 * A table as a suite has it: a statement for each role that changes nothing. The write matches no row; the admin
 * statement sets the comment that the table has.
 */
export const suiteTable = (table: string, comment: string): { readonly [key: string]: JsonValue } => ({
  name: table,
  read: `select * from ${quoted(table)} limit 1`,
  write: `delete from ${quoted(table)} where 1 = 0`,
  admin: `alter table ${quoted(table)} comment = '${comment.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
});

/** A caller as a suite has it. */
export const suiteCaller = (
  caller: TestCaller,
  name: string,
  password: PasswordSource | null,
  transports: readonly TransportId[],
): { readonly [key: string]: JsonValue } => ({
  name,
  gateway: caller.gateway,
  ...(caller.user === null ? {} : { user: caller.user }),
  ...(password === null ? {} : { password: { ...password } }),
  ...(caller.certificate === null ? {} : { certificate: caller.certificate }),
  ...(caller.claimed === null
    ? {}
    : { claimed: { principal: caller.claimed.principal, groups: [...caller.claimed.groups] } }),
  transports: [...transports],
});

/** `name`, or `name 2`, `name 3` … where it is taken. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name} ${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** What clients of the workspace's gateways trust and the name they ask for: the root of the first gateway's certificate. */
export function gatewayTrust(workspace: Workspace): { readonly trust: string | null; readonly name: string } {
  const all = [...workspace.files, ...workspace.certificates];
  const read = (path: string): readonly ParsedCertificate[] => {
    const bytes = workspace.files.get(path) ?? workspace.certificates.get(path);
    return bytes === undefined ? [] : parsePem(bytes.toString('utf8'), path).certificates;
  };
  for (const { mysql, grpc } of workspace.topology.gateways) {
    const cert = mysql?.tls?.cert ?? grpc?.tls?.cert;
    const leaf = cert === undefined ? undefined : read(cert)[0];
    if (leaf === undefined) continue;
    const authorities = all.flatMap(([file]) => {
      const [first] = file.endsWith('-cert.pem') ? read(file) : [];
      return first?.isCa === true ? [{ file, certificate: first }] : [];
    });
    let trust: string | null = null;
    let issuer = leaf.rawIssuer;
    for (let depth = 0; depth < 8; depth += 1) {
      const found = authorities.find(({ certificate }) => certificate.rawSubject.equals(issuer));
      if (found === undefined) break;
      trust = found.file;
      if (found.certificate.rawIssuer.equals(found.certificate.rawSubject)) break;
      issuer = found.certificate.rawIssuer;
    }
    return { trust, name: leaf.dnsNames.includes('localhost') ? 'localhost' : (leaf.dnsNames[0] ?? 'localhost') };
  }
  return { trust: null, name: 'localhost' };
}
