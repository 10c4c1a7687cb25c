import { companion } from './companion';
import { compare } from './compare';
import type { CaseOutcome, Replay } from './outcome';
import { readCallerOverGrpc, type GrpcCall } from './vtgate/grpc-caller';
import { readCallerOverMysql } from './vtgate/mysql-caller';
import { Ground } from './vtgate/ground';
import { startTabletGround, type TabletGround } from './vtgate/tablet';
import { withoutMysql } from './vtgate/flags';
import { startVttablet } from './vtgate/vttablet';
import { startVtgate, type RunningVtgate } from './vtgate/vtgate';
import type { Tablet } from '../../../src-main/servers/tablet';

interface Case extends GrpcCall {
  readonly id: string;
  readonly way: string;
  readonly flags: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly entries?: unknown;
  readonly usersFile?: string;
  readonly database?: string;
  readonly attributes?: readonly (readonly [string, string])[];
  readonly prefixHex?: string;
  readonly expect: { readonly [key: string]: unknown };
}

interface Recording {
  readonly acl: unknown;
  readonly cases: readonly Case[];
  readonly passwords?: unknown;
}

/** The users file of a case; null: its flags name none. */
const usersOf = ({ user, entries, usersFile }: Case): string | null =>
  usersFile ?? (entries === undefined ? null : JSON.stringify({ [user ?? '']: entries }));

/** Servers of the cases, one for each set of flags and users, started when the first case needs it. */
class Servers {
  readonly #vtgates = new Map<string, Promise<RunningVtgate>>();
  readonly #tablets = new Map<string, Promise<Tablet>>();

  constructor(
    private readonly ground: Ground,
    private readonly tablet: TabletGround,
    private readonly fidelity: Parameters<Replay>[1]['fidelity'],
    private readonly passwords: unknown,
  ) {}

  #resolve(users: string | null) {
    const passwords = this.ground.write(JSON.stringify(this.passwords ?? []));
    const file = users === null ? '' : this.ground.write(users);
    return (placeholder: string): string =>
      placeholder === '{certs}' ? this.ground.certs : placeholder === '{passwords}' ? passwords : file;
  }

  vtgate(found: Case): Promise<RunningVtgate> {
    const users = usersOf(found);
    const key = JSON.stringify([found.way.split(' ')[0], found.flags, users]);
    let running = this.#vtgates.get(key);
    if (running === undefined) {
      const overGrpc = found.way.startsWith('vtgate grpc');
      running = startVtgate(overGrpc ? [...found.flags, withoutMysql] : found.flags, {
        resolve: this.#resolve(users),
        fidelity: this.fidelity,
        tabletPort: this.tablet.tablet.address.port,
        recorder: this.tablet.recorder,
        socketPath: this.ground.fresh('sock'),
        grpc: overGrpc,
      }).then((started) => {
        if (started.start === 'refused') throw new Error(`it does not start: ${started.reason}`);
        return started;
      });
      this.#vtgates.set(key, running);
    }
    return running;
  }

  vttablet(found: Case): Promise<Tablet> {
    const key = JSON.stringify(found.flags);
    let running = this.#tablets.get(key);
    if (running === undefined) {
      running = startVttablet(found.flags, this.#resolve(null), this.fidelity, this.tablet);
      this.#tablets.set(key, running);
    }
    return running;
  }

  async stop(): Promise<void> {
    for (const vtgate of this.#vtgates.values()) await vtgate.then((one) => one.stop()).catch(() => undefined);
  }
}

async function play(found: Case, servers: Servers, ground: Ground, tablet: TabletGround): Promise<unknown> {
  if (found.way.startsWith('vttablet grpc')) {
    const running = await servers.vttablet(found);
    const { code, message, rows } = await readCallerOverGrpc(found, found.way, running.address.port, ground);
    const log = running.queryLog().at(-1);
    const text = log === undefined ? undefined : running.queryLogLines().at(-1)?.split('\t');
    const queryLog = text && { method: text[0], username: text[2], immediateCaller: text[3], effectiveCaller: text[4] };
    return code === 'OK' ? { code, rows, queryLog } : { code, deniedText: message, queryLog };
  }
  const vtgate = await servers.vtgate(found);
  tablet.received();
  if (found.way.startsWith('vtgate grpc')) {
    const { message } = await readCallerOverGrpc(found, found.way, vtgate.gateway.grpc!.port, ground);
    return { ...tablet.received(), deniedText: message };
  }
  return readCallerOverMysql(found, found.way, vtgate, ground, tablet);
}

/** callers.json: every way in over a socket of its kind, the callers as a real tablet received them. */
export const replayCallers: Replay = async function* (recording, settings) {
  const { acl, cases, passwords } = recording as Recording;
  const ground = await Ground.make(settings.folder);
  const tablet = await startTabletGround(acl, settings.fidelity);
  const servers = new Servers(
    ground,
    tablet,
    settings.fidelity,
    passwords ?? companion<Recording>(settings.folder, 'grpc-links').passwords,
  );
  try {
    for (const found of cases) {
      if (settings.only?.(found.id) === false) continue;
      yield await play(found, servers, ground, tablet).then(
        (seen) => outcome(found, compare(found.expect, asked(found, seen))),
        (error: unknown) => outcome(found, [{ tier: 'a', at: '', expected: found.expect, seen: String(error) }]),
      );
    }
  } finally {
    await servers.stop();
    await tablet.stop();
    ground.dispose();
  }
};

/** What of the answer the recording looked at. */
const asked = (found: Case, seen: unknown): unknown =>
  Object.fromEntries(Object.entries(seen as object).filter(([key]) => key in found.expect));

const outcome = (recorded: Case, differences: CaseOutcome['differences']): CaseOutcome => ({
  id: recorded.id,
  compared: ['a'],
  differences,
  recorded,
});
