import type { Unlocker } from '../../servers/store';
import { AccessService } from '../access/access-service';
import { QueryRulesService } from '../access/query-rules-service';
import { AttackService } from '../attack/attack-service';
import { CallersService } from '../callers/callers-service';
import { SignInLog } from '../callers/sign-in-log';
import { CertificatesService } from '../certs/certificates-service';
import { ClusterControl } from '../cluster/cluster-control';
import { ExportService } from '../export/export-service';
import { openDocument } from '../document/open-document';
import { ReviewService } from '../document/review-service';
import type { WorkspaceDocument } from '../document/workspace-document';
import { TestService } from '../test/test-service';
import { TourService } from '../tour/tour-service';
import type { AppSettingsStore } from '../settings/app-settings';
import { WatchService } from '../watch/watch-service';
import type { AppPorts } from './app-ports';

/** Everything that belongs to the workspace on screen; one object for each service, made together and ended together. */
export interface OpenWorkspace {
  readonly document: WorkspaceDocument;
  readonly review: ReviewService;
  readonly cluster: ClusterControl;
  readonly access: AccessService;
  readonly queryRules: QueryRulesService;
  readonly callers: CallersService;
  readonly certificates: CertificatesService;
  readonly test: TestService;
  readonly attacks: AttackService;
  readonly exports: ExportService;
  /** This shell has the system's keychain. */
  readonly keychain: boolean;
  readonly tour: TourService;
  readonly watch: WatchService;
}

/** Opens the draft and the cluster's control of the workspace in `dir`; starts nothing. Rejects with GatehouseError. */
export async function openWorkspace(
  dir: string,
  unlocker: Unlocker,
  ports: AppPorts,
  settings: Pick<AppSettingsStore, 'values'>,
): Promise<OpenWorkspace> {
  const document = await openDocument(dir, { unlocker, clock: ports.clock });
  try {
    const signIns = await SignInLog.open(document.applied.paths, document.secrets, ports.clock);
    const mysqld = (): string | undefined => settings.values.mysqld ?? undefined;
    const cluster = new ClusterControl(dir, { ports, unlocker, program: 'Gatehouse', signIns, mysqld });
    const exports = new ExportService({ document, ports, unlocker, mysqld });
    const keychain = (ports.systemVault?.() ?? null) !== null;
    const access = new AccessService({ document, cluster, now: () => ports.clock.now() });
    const { clock } = ports;
    const callers = await CallersService.open({ document, cluster, signIns, backends: access.tables, clock });
    const certificates = new CertificatesService(document, cluster, clock);
    const test = new TestService(document, cluster, clock);
    await test.start();
    const attacks = new AttackService({ document, runs: test.runs, ports, unlocker, mysqld });
    await attacks.start();
    const { samplesDir } = ports;
    const tour = await TourService.open({ document, cluster, callers, test, ports, clock, samplesDir });
    return {
      document,
      review: new ReviewService(document, cluster),
      cluster,
      access,
      queryRules: new QueryRulesService(document, () => ports.clock.now()),
      callers,
      exports,
      keychain,
      certificates,
      test,
      attacks,
      tour,
      watch: new WatchService(document.applied.paths, cluster),
    };
  } catch (error) {
    await document.close();
    throw error;
  }
}

/** Ends what was opened: the cluster first, then the draft's watchers. */
export async function closeWorkspace({
  document,
  cluster,
  exports,
  access,
  callers,
  test,
  attacks,
  watch,
}: OpenWorkspace): Promise<void> {
  exports.dispose();
  access.dispose();
  callers.dispose();
  await attacks.dispose();
  watch.dispose();
  await test.dispose();
  await cluster.stop().catch(() => undefined);
  await document.close();
}
