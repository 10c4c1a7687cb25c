import type { Finding } from '../../domain/kernel';
import { entryKeys } from '../../domain/users';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isUsersFile = (document: Record<string, unknown>): boolean =>
  Object.values(document)
    .flat()
    .some((entry) => isObject(entry) && entryKeys.some((key) => key in entry));

/** A finding for a file that was given as a table ACL and is a file of another kind; none for what may be meant as one. */
export function otherKindFindings(content: Buffer, file: string): Finding[] {
  let document: unknown;
  try {
    document = JSON.parse(content.toString('utf8'));
  } catch {
    return [];
  }
  const note = (code: string, message: string, remedy: string): Finding[] => [
    { code: `acl.${code}`, level: 'error', file, line: 1, column: 1, message, remedy },
  ];
  if (
    Array.isArray(document) &&
    document.some((entry) => isObject(entry) && 'Username' in entry && 'Password' in entry)
  )
    return note('is-grpc-users-file', 'this looks like a gRPC users file', 'Name the table ACL.');
  if (!isObject(document) || 'table_groups' in document || 'tableGroups' in document) return [];
  if ('gateways' in document || ('keyspaces' in document && 'schema' in document))
    return note(
      'is-topology',
      'this looks like gatehouse.json, the topology of a workspace',
      'Check its folder: "gatehouse check DIR".',
    );
  return isUsersFile(document)
    ? note('is-users-file', 'this looks like a users file', `Check it as one: "gatehouse check --users ${file}".`)
    : [];
}
