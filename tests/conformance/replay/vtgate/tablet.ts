import { createRecorder, type TraceRecorder, type TraceStep } from '../../../../src-main/servers/recorder';
import type { Fidelity } from '../../../../src-main/domain/fidelity';
import { createTablet, type Tablet, type TabletConfig } from '../../../../src-main/servers/tablet';
import { installedPrograms } from '../../../wire/backend/backend-fixture';
import { aclOf, asRoot, startBackend, tabletConfig, type Backend } from '../../../wire/tablet/tablet-fixture';

/** The two callers of a statement as a tablet received them; null: not sent. */
export interface ReceivedCallers {
  readonly immediate: unknown;
  readonly effective: unknown;
}

/** A tablet with strict table ACLs before a real MySQL, as behind the recorded vtgates. */
export interface TabletGround {
  readonly tablet: Tablet;
  readonly recorder: TraceRecorder;
  readonly backend: Backend;
  /** Callers of the latest statement, and forgets them. */
  received(): ReceivedCallers | null;
  /** Another tablet before the same MySQL. */
  another(change: Partial<TabletConfig>): Promise<Tablet>;
  stop(): Promise<void>;
}

const tables = [
  'create table t_open (id bigint primary key, v varchar(100))',
  "insert into t_open values (1, 'one')",
  'create table t_shut (id bigint primary key, v varchar(100))',
];

/** MySQL 9 where it is, as for the recordings; else what the machine has. */
export async function startRecordedBackend(): Promise<Backend> {
  const programs = await installedPrograms();
  const found = programs.find(({ vendor }) => vendor === 'MySQL') ?? programs[0];
  if (found === undefined) throw new Error('no MySQL on this machine');
  return startBackend(found.vendor);
}

export async function startTabletGround(acl: unknown, fidelity: Fidelity): Promise<TabletGround> {
  const backend = await startRecordedBackend();
  await asRoot(backend, ...tables);
  const recorder = createRecorder();
  let latest: ReceivedCallers | null = null;
  recorder.subscribe(({ name, data }: TraceStep) => {
    // Gateways ask tablets for themselves too, without a statement.
    if (name === 'request.received' && data['sql'] !== '')
      latest = { immediate: data['immediate'] ?? null, effective: data['effective'] ?? null };
  });
  const config = (change: Partial<TabletConfig>): TabletConfig =>
    tabletConfig(backend, {
      acl: aclOf(acl),
      aclSettings: { strict: true, dryRun: false, exempt: '' },
      fidelity,
      ...change,
    });
  const tablets: Tablet[] = [];
  const another = async (change: Partial<TabletConfig>): Promise<Tablet> => {
    const tablet = await createTablet(config(change), { recorder });
    tablets.push(tablet);
    return tablet;
  };
  const tablet = await another({});
  return {
    tablet,
    recorder,
    backend,
    received: () => {
      const taken = latest;
      latest = null;
      return taken;
    },
    another,
    stop: async () => {
      for (const one of tablets) await one.stop({ graceMs: 0 });
      await backend.stop();
    },
  };
}
