import { oc } from '@orpc/contract';
import { z } from 'zod';

/** A workspace that was opened before. */
export const recentWorkspace = z.object({
  dir: z.string(),
  name: z.string(),
  /** ISO 8601. */
  openedAt: z.string(),
  /** False when the folder is gone. */
  present: z.boolean(),
});

/** Long work in progress, shown in the status bar. */
export const task = z.object({
  id: z.string(),
  title: z.string(),
  /** Null: not known how much is left. */
  done: z.number().nullable(),
  total: z.number().nullable(),
  detail: z.string(),
  cancellable: z.boolean(),
});

/** The program itself. */
export const appPart = z.object({
  version: z.string(),
  shell: z.enum(['electron', 'browser']),
  platform: z.enum(['linux', 'darwin', 'win32']),
  recent: z.array(recentWorkspace),
  /** Where new workspaces are made when nothing else is said. */
  workspacesDir: z.string(),
  workspace: z.object({ dir: z.string(), name: z.string() }).nullable(),
  tasks: z.array(task),
  /** Something that went wrong outside any call, to be told once. */
  notice: z.object({ id: z.number(), level: z.enum(['info', 'warning', 'error']), text: z.string() }).nullable(),
});
export type AppPart = z.infer<typeof appPart>;
export type TaskData = z.infer<typeof task>;
export type RecentWorkspace = z.infer<typeof recentWorkspace>;

const dir = z.string().min(1).max(4096);

export const appContract = {
  /**
   * Opens the workspace in a folder (or the folder of a .gatehouse file). Failures: `workspace.*`; `secrets.locked` when
   * its secrets need a passphrase, or another one.
   */
  open: oc.input(z.strictObject({ dir, passphrase: z.string().max(1024).optional() })).output(z.void()),
  /** Makes a workspace from a sample and opens it; without `dir` in the usual place under a free name. */
  create: oc
    .input(
      z.strictObject({
        sample: z.enum(['reference', 'user-guide', 'shop', 'empty']),
        dir: dir.optional(),
      }),
    )
    .output(z.object({ dir: z.string() })),
  /** Closes the workspace; its cluster stops. */
  close: oc.input(z.void()).output(z.void()),
  forgetRecent: oc.input(z.strictObject({ dir })).output(z.void()),
  /** Folders below `dir` (default: the home folder), for choosing one where there is no native dialog. */
  listFolders: oc.input(z.strictObject({ dir: dir.optional() })).output(
    z.object({
      dir: z.string(),
      parent: z.string().nullable(),
      workspace: z.boolean(),
      folders: z.array(z.object({ name: z.string(), dir: z.string(), workspace: z.boolean() })),
    }),
  ),
  /** The system's own dialog for a folder; null: cancelled, or this shell has none. */
  pickFolder: oc.input(z.void()).output(z.object({ dir: z.string() }).nullable()),
  cancelTask: oc.input(z.strictObject({ id: z.string() })).output(z.void()),
  /** Opens a page of the documentation in the system's browser; others than those of the allow-list are refused. */
  openLink: oc.input(z.strictObject({ url: z.string().max(2048) })).output(z.void()),
};
