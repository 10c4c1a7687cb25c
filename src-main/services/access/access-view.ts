import type { Tablet } from '../../domain/topology';
import type { AccessPart, AccessTablet } from '../../contract/areas/access';
import type { WorkspaceDocument } from '../document/workspace-document';
import { fidelityOf } from '../workspace/load-workspace';
import type { AccessWorld } from './access-world';
import { aclFileView } from './acl-file-view';
import { readAclText, type LastGood } from './acl-texts';
import type { BackendTables } from './backend-tables';

/** Everything the Access screen shows without asking; files are read from the draft as it is on disk. */
export async function accessView(
  document: Pick<WorkspaceDocument, 'dir' | 'draftDir' | 'draft'>,
  world: AccessWorld,
  backends: Pick<BackendTables, 'of'>,
  good: LastGood,
): Promise<AccessPart> {
  const { topology } = document.draft;
  const fidelity = fidelityOf(document.draft, null);
  const paths = [...new Set(topology.tablets.flatMap(({ acl }) => (acl.file === null ? [] : [acl.file])))];
  const files = await Promise.all(
    paths.map(async (path) => {
      const [draft, applied] = await Promise.all([
        readAclText(document.draftDir, path),
        readAclText(document.dir, path),
      ]);
      const tablets = topology.tablets.filter(({ acl }) => acl.file === path);
      return aclFileView(draft, { applied, tablets, world, good, fidelity });
    }),
  );
  return {
    tablets: topology.tablets.map((tablet) => tabletView(tablet, world)),
    files,
    tables: topology.keyspaces.map(({ name }) => {
      const { state, failure } = backends.of(name);
      return { keyspace: name, names: [...world.tablesOf(name)], backend: state, failure };
    }),
    principals: [...world.principals].map(([name, kind]) => ({ name, kind })),
    claimsAt: [...world.claimsAt],
  };
}

function tabletView({ alias, keyspace, acl }: Tablet, world: AccessWorld): AccessTablet {
  const { file, strict, dryRun, enforce, exempt } = acl;
  return {
    alias,
    keyspace,
    file,
    strict,
    dryRun,
    enforce,
    exempt,
    mode: dryRun ? 'dry-run' : strict ? 'strict' : 'off',
    consequence: dryRun
      ? strict
        ? 'dry-run-over-strict'
        : 'dry-run'
      : strict
        ? file === null
          ? 'closed'
          : 'enforced'
        : file === null
          ? 'off-without-file'
          : 'off',
    exempts:
      exempt === ''
        ? 'nobody'
        : file === null
          ? 'no-file'
          : exempt === 'gRPC'
            ? 'everybody'
            : world.principals.has(exempt)
              ? 'some'
              : 'unknown',
  };
}
