import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { AppPart, TaskData } from '../../contract/areas/app';
import type { AppSettingsChange } from '../../contract/areas/settings';
import type { PageState } from '../../contract/state';
import { GatehouseError, Secret } from '../../domain/kernel';
import { AppSettingsStore } from '../settings/app-settings';
import { lockSecrets } from '../settings/lock-secrets';
import { initWorkspace, type SampleName } from '../workspace/init-workspace';
import { onAuditFault, recordAudit } from '../audit';
import type { AppPorts } from './app-ports';
import { allowedLink } from './links';
import { chooseUnlocker } from './choose-unlocker';
import { closeWorkspace, openWorkspace, type OpenWorkspace } from './open-workspace';
import { projections, type WorkspacePart } from './projections';
import { RecentWorkspaces } from './recent-workspaces';
import { StateHub } from './state-hub';

const workspaceParts = Object.keys(projections) as WorkspacePart[];

const emptyState = (ports: AppPorts, settings: AppSettingsStore): PageState => ({
  settings: settings.part,
  ...(Object.fromEntries(workspaceParts.map((part) => [part, null])) as Omit<PageState, 'app' | 'settings'>),
  app: {
    version: ports.version,
    shell: ports.shell,
    platform: process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux',
    recent: [],
    workspacesDir: ports.workspacesDir,
    workspace: null,
    tasks: [],
    notice: null,
  },
});

/** The app while it runs: at most one open workspace, and the state that all of its pages show. */
export class Session {
  readonly hub: StateHub;
  readonly recent: RecentWorkspaces;
  readonly settings: AppSettingsStore;
  #open: OpenWorkspace | null = null;
  #endings: (() => void)[] = [];
  #dirty = new Set<WorkspacePart>();
  #refreshing: Promise<void> | null = null;
  #switching: Promise<unknown> = Promise.resolve();
  readonly #tasks = new Map<string, { data: TaskData; cancel: (() => void) | null }>();
  #nextTask = 1;
  #nextNotice = 1;

  constructor(readonly ports: AppPorts) {
    this.settings = new AppSettingsStore(ports.configDir);
    this.hub = new StateHub(emptyState(ports, this.settings));
    this.recent = new RecentWorkspaces(ports.configDir);
  }

  /** Reads what is kept between runs; before the first page connects. */
  async start(): Promise<void> {
    await this.settings.load();
    this.#showSettings();
    this.#app({ recent: await this.recent.list() });
  }

  /** The open workspace, or null. */
  get open(): OpenWorkspace | null {
    return this.#open;
  }

  /** The open workspace; throws GatehouseError `session.no-workspace` when there is none. */
  get workspace(): OpenWorkspace {
    if (this.#open !== null) return this.#open;
    throw new GatehouseError({ code: 'session.no-workspace', summary: 'No workspace is open.' });
  }

  /**
   * Opens the workspace in `dir`, or beside the `.gatehouse` file `dir`; the one that was open is closed. `passphrase`
   * opens its secrets where the key file does not; without one that fits it rejects with `secrets.locked`.
   */
  openWorkspace(dir: string, passphrase?: string): Promise<void> {
    return this.#inTurn(async () => {
      const given = resolve(dir);
      const isFile = await stat(given).then(
        (found) => found.isFile(),
        () => false,
      );
      const folder = isFile ? dirname(given) : given;
      if (this.#open?.document.dir === folder) return;
      const { unlocker, made } = await chooseUnlocker(
        folder,
        this.ports.systemVault?.() ?? null,
        passphrase === undefined ? undefined : new Secret(passphrase),
      );
      const opened = await openWorkspace(folder, unlocker, this.ports, this.settings);
      await this.#close();
      this.#open = opened;
      this.#endings = [
        onAuditFault((dir, summary) => {
          if (dir === opened.document.dir) this.notify('warning', summary);
        }),
        opened.document.onChanged(() => this.refresh('document')),
        opened.cluster.onChanged(() => this.refresh('cluster')),
        opened.exports.onChanged(() => this.refresh(['exports'])),
        opened.access.onChanged(() => this.refresh(['access'])),
        opened.callers.onChanged(() => this.refresh(['callers'])),
        opened.certificates.onChanged(() => this.refresh(['certificates'])),
        opened.test.onChanged(() => this.refresh(['test'])),
        opened.tour.onChanged(() => this.refresh(['tour'])),
      ];
      await this.recent.add(folder, this.ports.clock.now());
      await this.#refreshNow(workspaceParts);
      this.#app({ workspace: { dir: folder, name: basename(folder) }, recent: await this.recent.list() });
      // A start that fails shows itself in the cluster's state.
      if (this.settings.values.startOnOpen) void opened.cluster.start().catch(() => undefined);
      if (made)
        this.notify(
          'warning',
          'This copy of the workspace came without its secrets. A new store was made; passwords must be set anew.',
        );
    });
  }

  /** Makes a workspace from a sample and opens it. Rejects with GatehouseError `workspace.*`. */
  async createWorkspace(sample: SampleName, dir?: string): Promise<string> {
    const place = dir ?? (await this.#freeName(sample === 'empty' ? 'workspace' : sample));
    const made = await initWorkspace({
      dir: place,
      sample,
      samples: this.ports.samplesDir,
      clock: this.ports.clock,
      unlocker: { kind: 'key-file' },
    });
    if (!made.ok) throw new GatehouseError(made.failure);
    await this.openWorkspace(made.value.dir);
    return made.value.dir;
  }

  /** Makes a workspace for the tour, opens it, and begins. Returns its folder. */
  async beginTour(): Promise<string> {
    const dir = await this.createWorkspace('empty', await this.#freeName('reference'));
    await this.workspace.tour.begin();
    return dir;
  }

  /** Changes the app's own settings, at once. Rejects with GatehouseError `settings.*`. */
  async setSettings(change: AppSettingsChange): Promise<void> {
    try {
      await this.settings.set(change);
      if (this.#open !== null)
        await recordAudit(this.#open.document.dir, {
          what: 'settings.changed',
          summary: `Settings of the app were changed: ${Object.keys(change).join(', ')}.`,
          facts: { settings: Object.keys(change) },
        });
    } finally {
      this.#showSettings();
    }
  }

  /** Locks the open workspace's secrets with a passphrase, or with null by a key file again, and opens it anew. */
  async lockSecrets(passphrase: string | null): Promise<void> {
    const { document } = this.workspace;
    await lockSecrets(document.secrets, passphrase);
    await recordAudit(document.dir, {
      what: 'secrets.locked',
      summary:
        passphrase === null
          ? 'The secrets are opened by a key file from here on.'
          : 'The secrets were locked with a passphrase.',
      facts: { passphrase: passphrase !== null },
    });
    await this.closeWorkspace();
    await this.openWorkspace(document.dir, passphrase ?? undefined);
  }

  closeWorkspace(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#close();
      this.#app({ workspace: null, recent: await this.recent.list() });
    });
  }

  async forgetRecent(dir: string): Promise<void> {
    await this.recent.forget(dir);
    this.#app({ recent: await this.recent.list() });
  }

  openLink(url: string): Promise<void> {
    return this.ports.openExternal(allowedLink(url));
  }

  /** Makes the parts anew that depend on what changed; several changes at once cost one pass. */
  refresh(what: 'document' | 'cluster' | readonly WorkspacePart[]): void {
    const parts =
      typeof what === 'string' ? workspaceParts.filter((part) => projections[part].on.includes(what)) : what;
    for (const part of parts) this.#dirty.add(part);
    this.#refreshing ??= Promise.resolve().then(async () => {
      while (this.#dirty.size > 0) {
        const now = [...this.#dirty];
        this.#dirty.clear();
        await this.#refreshNow(now);
      }
      this.#refreshing = null;
    });
  }

  /** Resolves when everything that changed so far is in the page's state. */
  async settled(): Promise<void> {
    while (this.#refreshing !== null) await this.#refreshing;
  }

  /**
   * Shows `work` as a task in the status bar while it runs. `report` replaces its numbers; with `cancel` the user can end
   * it early.
   */
  async task<T>(
    title: string,
    work: (report: (progress: Partial<Pick<TaskData, 'done' | 'total' | 'detail'>>) => void) => Promise<T>,
    cancel: (() => void) | null = null,
  ): Promise<T> {
    const id = `task-${this.#nextTask++}`;
    this.#tasks.set(id, {
      data: { id, title, done: null, total: null, detail: '', cancellable: cancel !== null },
      cancel,
    });
    this.#showTasks();
    try {
      return await work((progress) => {
        const present = this.#tasks.get(id);
        if (present === undefined) return;
        this.#tasks.set(id, { ...present, data: { ...present.data, ...progress } });
        this.#showTasks();
      });
    } finally {
      this.#tasks.delete(id);
      this.#showTasks();
    }
  }

  cancelTask(id: string): void {
    this.#tasks.get(id)?.cancel?.();
  }

  /** Tells every page something that happened outside a call. */
  notify(level: 'info' | 'warning' | 'error', text: string): void {
    this.#app({ notice: { id: this.#nextNotice++, level, text } });
  }

  /** Ends everything: for the shells' quit. */
  async dispose(): Promise<void> {
    await this.#inTurn(() => this.#close());
  }

  async #close(): Promise<void> {
    const open = this.#open;
    if (open === null) return;
    for (const end of this.#endings) end();
    this.#endings = [];
    this.#open = null;
    await closeWorkspace(open);
    await this.settled();
    for (const part of workspaceParts) this.hub.set(part, null as never);
  }

  async #refreshNow(parts: readonly WorkspacePart[]): Promise<void> {
    const open = this.#open;
    if (open === null) return;
    for (const part of parts) {
      try {
        const value = await projections[part].make(open);
        if (this.#open === open) this.hub.set(part, value as never);
      } catch (error) {
        this.ports.log('error', `part ${part} of the page's state: ${String(error)}`);
        this.notify('error', `What “${part}” shows could not be made anew. The last state is shown.`);
      }
    }
  }

  async #freeName(name: string): Promise<string> {
    for (let number = 1; ; number++) {
      const dir = join(this.#workspacesDir, number === 1 ? name : `${name}-${number}`);
      const taken = await stat(dir).then(
        () => true,
        () => false,
      );
      if (!taken) return dir;
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#switching.then(work);
    this.#switching = done.catch(() => undefined);
    return done;
  }

  get #workspacesDir(): string {
    return this.settings.values.workspacesDir ?? this.ports.workspacesDir;
  }

  #showSettings(): void {
    this.hub.set('settings', this.settings.part);
    this.#app({ workspacesDir: this.#workspacesDir });
  }

  #app(change: Partial<AppPart>): void {
    this.hub.set('app', { ...this.hub.parts.app, ...change });
  }

  #showTasks(): void {
    this.#app({ tasks: [...this.#tasks.values()].map(({ data }) => data) });
  }
}
