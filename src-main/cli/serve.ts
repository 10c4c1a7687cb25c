import { spawn } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { composeSession } from '../compose';
import { GatehouseError } from '../domain/kernel';
import { handlerOptions, router } from '../ipc/router';
import {
  hasOwnScreen,
  openInBrowser,
  readOrigin,
  rpcCalls,
  startBrowserShell,
  type BrowserShell,
  type HandOver,
} from '../platform/browser';
import { systems } from '../platform/os';
import { redactText } from '../servers/recorder';
import { atForcedEnd, forceEnd } from '../services/cluster/forced-end';
import type { Session } from '../services/app/session';
import { interruptSignal } from './interrupt';
import { jsonOption, passphraseOption, readPassphrase, resourceFolder } from './shared-options';
import type { Terminal } from './terminal';
import { programVersion } from './version';

interface ServeFlags {
  readonly json?: boolean;
  readonly port: number;
  readonly open: boolean;
  readonly allowOrigin: readonly URL[];
  readonly passphraseFd?: number;
}

/** A stop that takes longer is ended by force. */
const STOP_MS = 4_500;
/** The file that hands the address to a browser is removed after this time even if no page came. */
const HAND_OVER_MS = 60_000;

const readPort = (value: string): number => {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('a number from 0 to 65535');
  return port;
};

const collectOrigin = (value: string, before: readonly URL[]): URL[] => {
  try {
    return [...before, readOrigin(value)];
  } catch (error) {
    throw new InvalidArgumentError(error instanceof GatehouseError ? error.failure.summary : String(error));
  }
};

const opener =
  systems[process.platform === 'darwin' ? 'macos' : process.platform === 'win32' ? 'windows' : 'linux'].opener;

/** Opens a page of the documentation; its address is no secret. */
function openDocumentation(url: string): Promise<void> {
  const [program, ...before] = opener;
  const none = new GatehouseError({
    code: 'link.no-browser',
    summary: 'Gatehouse runs where no browser can be opened. Copy the link instead.',
  });
  if (!hasOwnScreen(process.env)) return Promise.reject(none);
  return new Promise((done, failed) => {
    const child = spawn(program, [...before, url], { detached: true, stdio: 'ignore', windowsHide: true });
    child.once('spawn', () => done());
    child.once('error', () => failed(none));
    child.unref();
  });
}

/** `gatehouse serve [DIR]`: the app in a browser. */
export function addServe(program: Command, terminal: Terminal): void {
  program
    .command('serve')
    .description('the app in a browser of this machine, until Ctrl-C')
    .argument('[dir]', 'workspace to open')
    .addOption(jsonOption())
    .addOption(new Option('--port <n>', 'port on 127.0.0.1, 0 for a free one').argParser(readPort).default(0))
    .option('--no-open', 'do not open a browser')
    .addOption(
      new Option('--allow-origin <url>', 'also serve a page that is reached under this origin; may be repeated')
        .argParser(collectOrigin)
        .default([], 'this machine only'),
    )
    .addOption(passphraseOption())
    .action((dir: string | undefined, flags: ServeFlags) => serve(dir, flags, terminal));
}

async function serve(dir: string | undefined, flags: ServeFlags, terminal: Terminal): Promise<void> {
  const interrupt = interruptSignal(terminal, flags.json);
  const say = (event: string, data: object, text: string): void => {
    if (flags.json === true) terminal.json({ event, ...data });
    else terminal.line(text);
  };
  const session = composeSession({
    shell: 'browser',
    version: programVersion,
    samplesDir: join(resourceFolder(), 'samples'),
    pickFolder: () => Promise.resolve(null),
    openExternal: openDocumentation,
    log: (level, text) => {
      if (level !== 'info') terminal.note(`gatehouse: ${redactText(text)}`);
    },
  });
  let shell: BrowserShell | null = null;
  let handOver: HandOver | null = null;
  try {
    await session.start();
    if (dir !== undefined) await session.openWorkspace(resolve(dir), passphraseOf(flags));
    const tellRefusal = refusalTeller(terminal);
    shell = await startBrowserShell({
      port: flags.port,
      root: join(dirname(resourceFolder()), 'out', 'renderer'),
      accept: rpcCalls(
        router,
        () => ({ session }),
        handlerOptions((text) => terminal.note(`gatehouse: ${redactText(text)}`)),
      ),
      allowOrigins: flags.allowOrigin,
      onRefused: tellRefusal,
      onPage: () => handOver?.forget(),
    });
    if (flags.open && flags.json !== true && hasOwnScreen(process.env)) {
      handOver = await openInBrowser(shell.url, { opener });
      const { forget } = handOver;
      atForcedEnd(forget);
      setTimeout(forget, HAND_OVER_MS).unref();
    }
    say(
      'ready',
      { schema: 1, url: shell.url.reveal(), port: shell.port },
      readyText(shell, flags, handOver?.started === true, terminal),
    );
    const hangUp = interrupt.onHangUp(() => void session.open?.cluster.hangUp().catch(() => undefined));
    await interrupt.interrupted;
    hangUp();
    say('stopping', {}, 'Stopping …');
  } finally {
    handOver?.forget();
    await stop(session, shell, terminal);
    interrupt.release();
  }
  say('stopped', {}, 'Stopped.');
}

const passphraseOf = ({ passphraseFd }: ServeFlags): string | undefined =>
  passphraseFd === undefined ? undefined : readPassphrase(passphraseFd).reveal();

/** Pages first, so that no call comes any more; then the cluster. What is not done within the time is ended by force. */
async function stop(session: Session, shell: BrowserShell | null, terminal: Terminal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), STOP_MS)));
  const orderly = (async () => {
    await shell?.dispose();
    await session.dispose();
  })();
  if ((await Promise.race([orderly, late])) === 'late') {
    forceEnd();
    terminal.note('The cluster did not stop in time and was ended. Its data recovers with the next start.');
  }
  clearTimeout(timer);
}

function readyText(shell: BrowserShell, flags: ServeFlags, opened: boolean, terminal: Terminal): string {
  const url = shell.url.reveal();
  const lines = [
    '',
    `  ${terminal.colors.bold(url)}`,
    '',
    opened
      ? 'Opened in the browser. The address serves other tabs as well.'
      : 'Open this address in a browser of this machine.',
    'Whoever has it can do what Gatehouse can do; it is good until Gatehouse stops.',
  ];
  if ((process.env['SSH_CONNECTION'] ?? '') !== '')
    lines.push(`From another machine: ssh -L ${shell.port}:127.0.0.1:${shell.port} … and open it there.`);
  for (const origin of flags.allowOrigin) lines.push(`As ${origin.origin}: ${origin.origin}/${new URL(url).hash}`);
  return [...lines, 'Ctrl-C stops Gatehouse and the cluster.'].join('\n');
}

/** Tells a person once for each name why a page does not load, since the page itself cannot. */
function refusalTeller(terminal: Terminal): NonNullable<Parameters<typeof startBrowserShell>[0]['onRefused']> {
  const told = new Set<string>();
  return (what, who) => {
    const text =
      what === 'host' || what === 'origin'
        ? `Refused a request ${what === 'host' ? 'to' : 'from'} ${JSON.stringify(who ?? '')}. If that is how this machine is reached, start with --allow-origin and its address.`
        : what === 'too-many-attempts'
          ? 'Refused: too many wrong tokens. Pages that are open go on; new ones may have to wait some seconds.'
          : null;
    if (text === null || told.has(text) || told.size >= 20) return;
    told.add(text);
    terminal.note(`gatehouse: ${text}`);
  };
}
