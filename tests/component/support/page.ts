import type { PageState, StateMessage } from '../../../src-main/contract/state';
import { AppState } from '../../../src-renderer/state/app-state.svelte';

/** A call that reached the program's side. */
export interface ReachedCall {
  readonly path: string;
  readonly input: unknown;
}

/**
 * An AppState over a link that stands in for the program (whose services have their own tests): it shows `state`, keeps
 * every call in `reached`, and answers it from `answers` by path (`app.open`), with undefined where nothing is said.
 */
export async function pageOf(
  state: Partial<PageState>,
  answers: Readonly<Record<string, (input: never) => unknown>> = {},
): Promise<{ app: AppState; reached: ReachedCall[]; change(parts: Partial<PageState>): Promise<void>; end(): void }> {
  const reached: ReachedCall[] = [];
  const base: PageState = {
    app: appPart(),
    settings: settingsPart(),
    access: null,
    queryRules: null,
    document: null,
    callers: null,
    certificates: null,
    cluster: null,
    tour: null,
    exports: null,
    findings: null,
    setup: null,
    test: null,
  };
  let push: (message: StateMessage) => void = () => undefined;
  let revision = 0;
  let end = (): void => undefined;
  const closed = new Promise<string>((resolve) => (end = () => resolve('the test ended')));
  async function* watch(): AsyncGenerator<StateMessage> {
    yield { kind: 'snapshot', revision, parts: { ...base, ...state } as PageState };
    for (;;) {
      const next = await Promise.race([new Promise<StateMessage>((resolve) => (push = resolve)), closed]);
      if (typeof next === 'string') return;
      yield next;
    }
  }
  const app = new AppState(() =>
    Promise.resolve({
      closed,
      pathForFile: () => null,
      link: {
        call: async (path: readonly string[], input: unknown) => {
          const name = path.join('.');
          if (name === 'state.watch') return watch();
          reached.push({ path: name, input });
          return answers[name]?.(input as never);
        },
      } as never,
    }),
  );
  void app.run();
  const settle = async (ready: () => boolean): Promise<void> => {
    while (!ready()) await new Promise((resolve) => setTimeout(resolve, 0));
  };
  await settle(() => app.connection === 'ready');
  return {
    app,
    reached,
    change: async (parts) => {
      for (const [part, value] of Object.entries(parts)) {
        push({ kind: 'change', revision: ++revision, part, value } as StateMessage);
        await settle(() => app.state[part as keyof PageState] === value);
      }
    },
    end: () => {
      app.stop();
      end();
    },
  };
}

/** The program's own part, with a workspace unless told otherwise. */
export const appPart = (more: Partial<PageState['app']> = {}): PageState['app'] => ({
  version: '0.0.0-test',
  shell: 'browser',
  platform: 'linux',
  recent: [],
  workspacesDir: '/home/somebody/Gatehouse',
  workspace: { dir: '/home/somebody/Gatehouse/shop', name: 'shop' },
  tasks: [],
  notice: null,
  ...more,
});

/** A draft without changes. */
export const documentPart = (more: Partial<NonNullable<PageState['document']>> = {}): PageState['document'] =>
  ({ revision: 1, changedFiles: [], undoLabel: null, redoLabel: null, changes: 0, ...more }) as never;

/** The app's settings as they are in a new installation. */
export const settingsPart = (): PageState['settings'] => ({
  values: { appearance: 'system', startOnOpen: false, workspacesDir: null, mysqld: null, matrixOrder: 'differs' },
  faults: [],
  file: '/home/somebody/.config/gatehouse/settings.json',
});
