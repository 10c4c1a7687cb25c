import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { DisposableBag, GatehouseError, readJson, type Clock, type Secret } from '../../domain/kernel';
import type { Unlocker } from '../../servers/store';
import { PkiFolder } from '../certs/pki-folder';
import { localTraces } from '../cluster/attach';
import { startCluster, type Cluster, type ClusterStep } from '../cluster/cluster';
import type { ServicePorts } from '../ports';
import type { TestGround } from '../test/run-test';
import { ProbeRunner } from '../verify/probe-runner';
import { loadWorkspace, requireSound, type RunOverrides } from '../workspace/load-workspace';
import { privateCopy } from '../workspace/private-copy';
import { WorkspacePaths } from '../workspace/workspace-paths';
import { LAB_RULES, labRulesText } from './injection/lab-rules';
import { openLinkRelay, type LinkRelay } from './link-relay';

/** A cell of what MySQL's root read. */
export type RootRow = Readonly<Record<string, unknown>>;

/**
 * Where attacks are performed: a cluster of its own on loopback, made from a private copy of the workspace's applied files,
 * with a MySQL of its own. What an attack breaks or what gets through changes nothing of the workspace.
 */
export interface AttackGround extends TestGround {
  /** The copy's folder: files may be made and changed here. */
  readonly dir: string;
  readonly cluster: Cluster;
  /** Authorities of the copy, with their keys where the workspace has them. */
  readonly pki: PkiFolder;
  readonly clock: Clock;
  readonly runner: ProbeRunner;
  /** One for each gateway and tablet; every link goes through its relay. */
  readonly links: readonly LinkRelay[];
  /** Runs one statement at the tablet's MySQL as its root, past gateway and tablet: to lay bait and to see what changed. */
  atMysql(statement: string, values?: readonly (string | number | null)[]): Promise<readonly RootRow[]>;
  close(): Promise<void>;
}

export interface GroundOptions {
  /** The workspace: its applied files. */
  readonly dir: string;
  readonly ports: ServicePorts;
  readonly unlocker: Unlocker;
  /** Opens encrypted private keys; undefined where keys are not encrypted. */
  readonly passphrase?: Secret;
  readonly mysqld?: string;
  readonly overrides?: RunOverrides;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: ClusterStep) => void;
}

/** Makes the copy and starts its cluster. Rejects with GatehouseError `workspace.*` and those of a start. */
export async function openGround(options: GroundOptions): Promise<AttackGround> {
  const bag = new DisposableBag();
  try {
    const copy = await privateCopy(new WorkspacePaths(options.dir));
    bag.add({ dispose: () => copy.remove() });
    await withOwnMysql(copy.dir);
    await withLabRules(copy.dir);
    const loaded = await loadWorkspace(copy.dir, options.overrides);
    if (!loaded.ok) throw new GatehouseError(loaded.failure);
    const workspace = requireSound(loaded.value);
    const links: LinkRelay[] = [];
    bag.add({ dispose: async () => void (await Promise.all(links.map((link) => link.close()))) });
    const cluster = await startCluster({
      workspace,
      ports: options.ports,
      program: 'Gatehouse (attacks)',
      unlocker: options.unlocker,
      basePort: 0,
      between: async (gateway, tablet) => {
        const behind = { host: tablet.host, port: tablet.port };
        const known = links.find((link) => link.gateway === gateway && link.tablet === tablet.alias);
        if (known !== undefined) return known.address;
        const link = await openLinkRelay(gateway, tablet.alias, behind);
        links.push(link);
        return link.address;
      },
      ...(options.mysqld === undefined ? {} : { mysqld: options.mysqld }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.onStep === undefined ? {} : { onStep: options.onStep }),
    });
    bag.add({ dispose: () => cluster.stop(0) });
    const { addresses, secrets } = cluster;
    return {
      dir: copy.dir,
      cluster,
      addresses,
      secrets,
      links,
      // Read anew for each use: what an attack has put into force counts for the next.
      get workspace() {
        return cluster.workspace;
      },
      get runner() {
        return new ProbeRunner(cluster.workspace, addresses, secrets, [copy.dir]);
      },
      traces: localTraces(cluster),
      keyFolders: [copy.dir],
      pki: new PkiFolder(copy.dir, options.passphrase),
      clock: options.ports.clock,
      atMysql: (statement, values = []) => asRoot(cluster, statement, values),
      close: () => bag.dispose(),
    };
  } catch (error) {
    await bag.dispose().catch(() => undefined);
    throw error;
  }
}

/** A MySQL that others run is never attacked: the copy gets one of its own in its place. */
async function withOwnMysql(dir: string): Promise<void> {
  const file = join(dir, 'gatehouse.json');
  const content = JSON.parse(await readFile(file, 'utf8')) as { backends?: { kind?: string; name?: string }[] };
  if (content.backends?.some(({ kind }) => kind === 'external') !== true) return;
  const backends = content.backends.map((backend) =>
    backend.kind === 'external' ? { kind: 'managed', name: backend.name } : backend,
  );
  await writeFile(file, JSON.stringify({ ...content, backends }, null, 2));
}

/**
 * Gives tablets without query rules those of the lab, which look only at statements that are marked as the lab's. Written
 * without a new line, so that every line that is told is the workspace's own.
 */
async function withLabRules(dir: string): Promise<void> {
  const file = join(dir, 'gatehouse.json');
  const text = await readFile(file, 'utf8');
  const reading = readJson(text);
  const root = reading.ok && reading.root.kind === 'object' ? reading.root : null;
  const tablets = root?.members.find(({ key }) => key === 'tablets')?.value;
  if (tablets?.kind !== 'array') return;
  let changed = text;
  for (const tablet of tablets.items.toReversed())
    if (
      tablet.kind === 'object' &&
      tablet.members.length > 0 &&
      !tablet.members.some(({ key }) => key === 'queryRules')
    )
      changed = `${changed.slice(0, tablet.offset + 1)} "queryRules": ${JSON.stringify(LAB_RULES)},${changed.slice(tablet.offset + 1)}`;
  if (changed === text) return;
  await writeFile(join(dir, LAB_RULES), labRulesText);
  await writeFile(file, changed);
}

async function asRoot(
  cluster: Cluster,
  statement: string,
  values: readonly (string | number | null)[],
): Promise<readonly RootRow[]> {
  const { topology } = cluster.workspace;
  const name = topology.tablets[0]?.backend ?? '';
  const backend = cluster.addresses.backends.find((candidate) => candidate.name === name);
  const password = cluster.secrets.get(`backend/${name}/root`);
  if (backend === undefined || password === undefined)
    throw new GatehouseError({ code: 'attack.mysql', summary: `The MySQL "${name}" of the rehearsal does not run.` });
  const connection = await createConnection({
    ...(backend.socket === null ? { host: backend.host, port: backend.port } : { socketPath: backend.socket }),
    user: 'root',
    password: password.reveal(),
    database: topology.keyspaces[0]?.database ?? '',
  });
  try {
    // Rows are kept and put back as they are, those too that a strict mode would not take.
    await connection.query(`SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'`);
    const [rows] = await connection.query(statement, [...values]);
    return Array.isArray(rows) ? (rows as RootRow[]) : [];
  } finally {
    connection.destroy();
  }
}
