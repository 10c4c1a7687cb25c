import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { compare } from './compare';
import type { CaseOutcome, Replay, ReplaySettings } from './outcome';
import { ask } from './vtgate/ask';
import { Ground } from './vtgate/ground';
import { startTabletGround, type TabletGround } from './vtgate/tablet';
import { recordedReason, startVtgate, type RefusedStart, type RunningVtgate } from './vtgate/vtgate';
import { playLogin } from './vtgate/wire-login';
import type { RawClient } from '../../support/mysql-wire/raw-client';

interface RecordedAttempt {
  readonly user: string;
  readonly password: string;
  readonly transport: 'tcp' | 'socket';
  readonly [seen: string]: unknown;
}

interface Step {
  readonly write: string | null;
  readonly how?: string;
  readonly mode?: string;
  readonly then: 'SIGHUP' | 'interval' | 'nothing';
  readonly expect: {
    readonly logins?: readonly RecordedAttempt[];
    readonly connectionFromBefore?: unknown;
    readonly process?: string;
    readonly exit?: number;
  };
}

interface Case {
  readonly id: string;
  readonly kind: 'start' | 'reload';
  readonly flags: readonly string[];
  readonly text?: string;
  readonly fileHex?: string;
  readonly expect?: {
    readonly start: 'ok' | 'refused';
    readonly exit?: number;
    readonly log: readonly string[];
    readonly logins?: readonly RecordedAttempt[];
  };
  readonly steps?: readonly Step[];
}

/** One vtgate of a case with the file that it reads. */
class Player {
  readonly file: string;

  constructor(
    private readonly found: Case,
    readonly ground: Ground,
    private readonly tablet: TabletGround,
    private readonly settings: ReplaySettings,
  ) {
    this.file = ground.fresh('json');
    const bytes = Buffer.from(found.fileHex ?? '', 'hex');
    // Without content it is a file that the server may not read; root reads every file, so a folder stands for it.
    if (found.fileHex === undefined && found.text === undefined) mkdirSync(this.file);
    else writeFileSync(this.file, found.fileHex === undefined ? found.text!.replaceAll('{file}', this.file) : bytes);
  }

  #resolve = (placeholder: string): string => {
    if (placeholder === '{text}') return this.found.text ?? '';
    if (placeholder === '{missing}') return this.ground.fresh('missing');
    if (placeholder === '{directory}') return this.ground.path;
    return this.file;
  };

  start(): Promise<RunningVtgate | RefusedStart> {
    return startVtgate(this.found.flags, {
      resolve: this.#resolve,
      fidelity: this.settings.fidelity,
      tabletPort: this.tablet.tablet.address.port,
      recorder: this.tablet.recorder,
      socketPath: this.ground.fresh('sock'),
    });
  }

  async attempts(vtgate: RunningVtgate, recorded: readonly RecordedAttempt[]): Promise<unknown[]> {
    const seen: unknown[] = [];
    for (const { user, password, transport } of recorded) {
      const where = transport === 'socket' ? { path: vtgate.socketPath } : { port: vtgate.gateway.mysql!.port };
      const { view, client } = await playLogin({ user, password, transport }, { where, ground: this.ground });
      const { result, errno, sqlstate, message } = view;
      const about = result === 'ok' && client !== null ? await this.caller(client) : { errno, sqlstate, message };
      client?.close();
      seen.push({ user, password, transport, result, ...about });
    }
    return seen;
  }

  /** Who a logged-in client is: what `select user()` says and what the tablet receives. */
  async caller(client: RawClient): Promise<{ selectUser: unknown; immediate: unknown }> {
    const user = await ask(client, 'select user()');
    this.tablet.received();
    await ask(client, 'select id from commerce.t_open');
    return {
      selectUser: 'rows' in user ? user.rows[0]?.[0] : user,
      immediate: this.tablet.received()?.immediate,
    };
  }
}

async function playStart(found: Case, player: Player): Promise<CaseOutcome> {
  const recorded = found.expect!;
  const vtgate = await player.start();
  const expected =
    recorded.start === 'ok'
      ? { start: 'ok', logins: recorded.logins ?? [] }
      : { start: 'refused', exit: recorded.exit, reason: recordedReason(recorded.log) };
  if (vtgate.start === 'refused') return outcome(found, compare(expected, vtgate));
  const seen = {
    start: 'ok',
    logins: vtgate.gateway.mysql === undefined ? [] : await player.attempts(vtgate, recorded.logins ?? []),
  };
  await vtgate.stop();
  return outcome(found, compare(expected, seen));
}

async function playReload(found: Case, player: Player): Promise<CaseOutcome> {
  const vtgate = await player.start();
  if (vtgate.start === 'refused') return outcome(found, compare({ start: 'ok' }, vtgate));
  const kept = await playLogin(
    { user: 'u', password: 'p', transport: 'tcp' },
    { where: { port: vtgate.gateway.mysql!.port }, ground: player.ground },
  );
  const expected: unknown[] = [];
  const seen: unknown[] = [];
  for (const step of found.steps ?? []) {
    const { log: _log, ...wanted } = step.expect as Step['expect'] & { log?: unknown };
    expected.push(wanted);
    rmSync(player.file, { recursive: true, force: true });
    if (step.write === '(directory)' || step.mode !== undefined) mkdirSync(player.file);
    else if (step.write !== null) writeFileSync(player.file, step.write);
    const crash = step.then === 'nothing' ? false : await hangUp(vtgate, step.then);
    if (crash) {
      seen.push({ process: 'ended', exit: 2 });
      break;
    }
    const logins = await player.attempts(vtgate, step.expect.logins ?? []);
    const before = kept.client === null ? kept.view : await player.caller(kept.client);
    seen.push({ logins, connectionFromBefore: before });
  }
  kept.client?.close();
  await vtgate.stop();
  return outcome(found, compare(expected, seen));
}

/** SIGHUP, or the next reload by time; whether a real vtgate would have crashed on it. */
async function hangUp(vtgate: RunningVtgate, how: 'SIGHUP' | 'interval'): Promise<boolean> {
  if (how === 'interval') return (await vtgate.nextReload?.())?.crash ?? false;
  return vtgate.reloader.hangUp().crash;
}

const outcome = (recorded: Case, differences: CaseOutcome['differences']): CaseOutcome => ({
  id: recorded.id,
  compared: ['a'],
  differences,
  recorded,
});

/** users-files.json: a vtgate for each case, real logins, reloads by SIGHUP and by time. */
export const replayUsersFiles: Replay = async function* (recording, settings) {
  const { cases } = recording as { cases: readonly Case[] };
  const ground = await Ground.make('');
  const tablet = await startTabletGround(everybody, settings.fidelity);
  try {
    for (const found of cases) {
      if (settings.only?.(found.id) === false) continue;
      const player = new Player(found, ground, tablet, settings);
      yield await (found.kind === 'start' ? playStart(found, player) : playReload(found, player));
    }
  } finally {
    await tablet.stop();
    ground.dispose();
  }
};

/** Callers are looked at in what the tablet receives, not in its verdict. */
const everybody = {
  table_groups: [{ name: 'all', table_names_or_prefixes: ['%'], readers: ['somebody'], writers: [], admins: [] }],
};
