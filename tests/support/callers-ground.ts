import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallerEntry, UserCaller } from '../../src-main/contract/areas/callers';
import { systemClock, type Clock } from '../../src-main/domain/kernel';
import { CallersService } from '../../src-main/services/callers/callers-service';
import { SignInLog } from '../../src-main/services/callers/sign-in-log';
import type { EntryRef } from '../../src-main/services/callers/users-editor';
import { ClusterControl } from '../../src-main/services/cluster/cluster-control';
import { openDocument } from '../../src-main/services/document/open-document';
import type { WorkspaceDocument } from '../../src-main/services/document/workspace-document';
import type { SampleName } from '../../src-main/services/workspace/init-workspace';
import { makeWorkspace, ports } from './workspace';

/** A workspace with its draft and its callers, opened as the app opens it. */
export interface CallersGround {
  readonly dir: string;
  readonly document: WorkspaceDocument;
  readonly callers: CallersService;
  readonly cluster: ClusterControl;
  readonly signIns: SignInLog;
  /** A file of the draft. */
  draft(file: string): Promise<string>;
  /** The draft's users file as JSON. */
  users(file?: string): Promise<Record<string, Record<string, unknown>[]>>;
  user(name: string): Promise<UserCaller>;
  /** An entry as the page would name it. */
  ref(name: string, index?: number): Promise<EntryRef>;
  /** Closes everything; with `keep` the folder stays, for opening it again. */
  close(keep?: boolean): Promise<void>;
}

/** Opens a new workspace of a sample, or one that is there. */
export async function openCallers(
  from: { readonly sample: SampleName } | { readonly dir: string; readonly remove: () => Promise<void> },
  options: { readonly clock?: Clock; readonly mysqld?: string } = {},
): Promise<CallersGround & { readonly remove: () => Promise<void> }> {
  const { dir, remove } = 'sample' in from ? await makeWorkspace(from.sample) : from;
  const clock = options.clock ?? systemClock;
  const unlocker = { kind: 'key-file' } as const;
  const document = await openDocument(dir, { unlocker, clock });
  const signIns = await SignInLog.open(document.applied.paths, document.secrets, clock);
  const { mysqld } = options;
  const cluster = new ClusterControl(dir, {
    ...{ ports, unlocker, program: 'test', signIns },
    ...(mysqld === undefined ? {} : { mysqld: () => mysqld }),
  });
  const backends = { of: () => ({ state: 'stopped', names: [], failure: null }) as const };
  const callers = await CallersService.open({ document, cluster, signIns, backends, clock });
  const draft = (file: string): Promise<string> => readFile(join(document.draftDir, file), 'utf8');
  const user = async (name: string): Promise<UserCaller> => {
    const found = (await callers.view()).users.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`no user ${name} is shown`);
    return found;
  };
  return {
    ...{ dir, remove, document, callers, cluster, signIns, draft, user },
    users: async (file = 'users.json') => JSON.parse(await draft(file)) as Record<string, Record<string, unknown>[]>,
    ref: async (name, index = 0) => refOf(await user(name), index),
    close: async (keep = false) => {
      callers.dispose();
      await cluster.stop(0);
      await document.close();
      if (!keep) await remove();
    },
  };
}

/** An entry as the page names it in a call. */
export function refOf(user: UserCaller, index: number): EntryRef {
  const entry: CallerEntry | undefined = user.entries[index];
  if (entry === undefined) throw new Error(`${user.name} has no entry ${index + 1}`);
  return { file: user.file, user: user.name, index, key: entry.key };
}
