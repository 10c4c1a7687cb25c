import { systemClock } from '../../src-main/domain/kernel';
import type { MysqlProgram } from '../../src-main/servers/backend';
import { ClusterControl } from '../../src-main/services/cluster/cluster-control';
import { openDocument } from '../../src-main/services/document/open-document';
import type { WorkspaceDocument } from '../../src-main/services/document/workspace-document';
import { TestService } from '../../src-main/services/test/test-service';
import { ports } from './workspace';

/** The services of one open workspace that tests need, as the app puts them together. */
export interface OpenTests {
  readonly document: WorkspaceDocument;
  readonly cluster: ClusterControl;
  readonly test: TestService;
  close(): Promise<void>;
}

export async function openTests(dir: string, program: MysqlProgram): Promise<OpenTests> {
  const unlocker = { kind: 'key-file' } as const;
  const document = await openDocument(dir, { unlocker, clock: systemClock });
  const cluster = new ClusterControl(dir, { ports, unlocker, program: 'test', mysqld: () => program.path });
  const test = new TestService(document, cluster, systemClock);
  await test.start();
  return {
    document,
    cluster,
    test,
    close: async () => {
      await test.dispose();
      await cluster.stop(0);
      await document.close();
    },
  };
}

/** Runs a task without showing it anywhere. */
export const quietTask = <T>(_title: string, work: (report: () => void) => Promise<T>): Promise<T> =>
  work(() => undefined);
