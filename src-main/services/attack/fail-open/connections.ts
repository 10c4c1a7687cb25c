import type { ProbeCaller } from '../../../domain/probes';
import type { TraceStep } from '../../../servers/recorder';
import { attackRun } from '../cells';
import { resultOf } from '../evidence';
import type { AttackGround } from '../ground';
import { honestCaller, honestConnection, type HonestCaller } from '../honest';
import { logIn, gotIn, doorsOf } from '../passwords/door';
import { openHeaderProxy } from '../proxy-header';
import { mysqlWay } from '../ways-in';
import type { Demonstration, Known } from './demonstration';

/** Resolves with the first step that `wanted` takes, from now on. */
function nextStep(ground: AttackGround, wanted: (step: TraceStep) => boolean, signal: AbortSignal): Promise<TraceStep> {
  return new Promise((resolve, reject) => {
    const leave = ground.cluster.recorder.subscribe((step) => {
      if (!wanted(step)) return;
      leave();
      resolve(step);
    });
    signal.addEventListener('abort', () => (leave(), reject(signal.reason as Error)), { once: true });
  });
}

/** Seconds that the victim's statement would take by itself. */
const LONG = 5;

/** One caller ends another's statement. */
export const killsOthers: Known = ({ gateway }, world): Demonstration | string => {
  if (gateway === null) return 'The finding names no gateway.';
  const victim = honestCaller(world, gateway.name, 'mysql');
  if (victim === null) return `The tests name no caller of gateway ${gateway.name} over MySQL with a known password.`;
  const attacker = otherCaller(
    world.workspace.suites.flatMap(({ callers }) => callers),
    victim,
    world.hasSecret.bind(world),
  );
  return {
    about: [
      `The caller “${victim.caller.name}” runs a statement that takes ${LONG} seconds.`,
      `${attacker === victim.caller ? 'The same login on another connection' : `The caller “${attacker.name}”`} counts the connections of gateway ${gateway.name} and kills that one.`,
    ],
    hop: 'B',
    alone: true,
    show: async (ground, signal) => {
      const base = honestConnection(ground, victim);
      const own = {
        ...base,
        user: attacker.user,
        certificate: base.certificate == null ? null : attacker.certificate,
        password: ground.runner.passwordFor(attacker, 'right'),
      };
      const under = nextStep(
        ground,
        ({ name, data }) =>
          name === 'request.received' && typeof data['sql'] === 'string' && data['sql'].includes('sleep('),
        signal,
      );
      const suffering = attackRun(ground, 'fail-open/victim', { ...base, sql: `select sleep(${LONG})` }, signal);
      await under;
      const look = await attackRun(ground, 'fail-open/look', { ...own, sql: 'select user()' }, signal);
      const id = look.attempt.steps.find(({ name }) => name === 'mysql.greeting')?.data['connectionId'];
      const run = await attackRun(
        ground,
        'fail-open/kill',
        { ...own, sql: `kill ${typeof id === 'number' ? id - 1 : 0}` },
        signal,
      );
      const { attempt } = await suffering;
      const found = resultOf(run, { settings: [] });
      const said = attempt.error === null ? attempt.failure : `${attempt.error.code}: ${attempt.error.message}`;
      if (run.attempt.stage !== 'done' || attempt.stage === 'done' || said === null) return found;
      return {
        ...found,
        outcome: 'got-through',
        stoppedAt: null,
        sentence: `“${attacker.name}” ended the statement of “${victim.caller.name}”.`,
        why: ['Connections are counted up from 1, and whoever is logged in may end any of them.'],
        evidence: [{ kind: 'error', side: 'gateway', text: `what “${victim.caller.name}” got: ${said}` }],
      };
    },
  };
};

/** Somebody else with a known password on the victim's gateway; the victim itself where there is nobody. */
const otherCaller = (
  callers: readonly ProbeCaller[],
  { caller: victim, transport }: HonestCaller,
  hasSecret: (name: string) => boolean,
): ProbeCaller =>
  callers.find(
    ({ gateway, user, password, transports, certificate }) =>
      gateway === victim.gateway &&
      user !== victim.user &&
      (password === null || 'text' in password || hasSecret(password.secret)) &&
      (certificate !== null) === (victim.certificate !== null) &&
      transports.some((item) => item.startsWith('mysql')) &&
      transport !== 'mysql-unix',
  ) ?? victim;

/** RFC 5737: an address that no machine has. */
const CLAIMED = '203.0.113.9';
const CLAIMED_PORT = 4321;

/** A client claims another address in a PROXY header. */
export const claimsAddress: Known = ({ gateway }, world): Demonstration | string => {
  if (gateway === null) return 'The finding names no gateway.';
  const honest = honestCaller(world, gateway.name, 'mysql');
  if (honest === null) return `The tests name no caller of gateway ${gateway.name} over MySQL with a known password.`;
  return {
    about: [
      `The caller “${honest.caller.name}” puts a PROXY header in front of its login that says it comes from ${CLAIMED}.`,
      'It reads a table, and the tablet’s record shows which address it was told.',
    ],
    hop: 'A',
    show: async (ground, signal) => {
      const address = ground.addresses.gateways.find(({ name }) => name === gateway.name)?.mysql ?? null;
      if (address === null) throw new Error(`gateway ${gateway.name} does not listen for MySQL`);
      const proxy = await openHeaderProxy(address, { host: CLAIMED, port: CLAIMED_PORT });
      try {
        const claimed = `${CLAIMED}:${CLAIMED_PORT}`;
        let told = false;
        const leave = ground.cluster.recorder.subscribe(({ name, data }) => {
          const effective = data['effective'];
          if (name === 'request.received' && JSON.stringify(effective ?? null).includes(`"${claimed}"`)) told = true;
        });
        const connection = { ...honestConnection(ground, honest), via: proxy };
        const run = await attackRun(ground, `fail-open/proxy/${gateway.name}`, connection, signal);
        leave();
        const found = resultOf(run, { settings: [] });
        if (!told) return found;
        return {
          ...found,
          outcome: 'got-through',
          stoppedAt: null,
          sentence: `Gateway ${gateway.name} told the tablet that “${honest.caller.name}” comes from ${claimed}.`,
          why: ['Whoever reaches the port may write the header, and the gateway believes it.'],
          evidence: [
            { kind: 'record', side: 'tablet', text: `the component of the effective caller is ${claimed}` },
            ...found.evidence,
          ],
        };
      } finally {
        await proxy.close();
      }
    },
  };
};

/** Whoever reads the users file logs in with what stands there. */
export const readsPassword: Known = ({ finding }, { workspace }): Demonstration | string => {
  const gateway = workspace.topology.gateways.find(
    ({ mysql }) => mysql?.auth === 'static' && mysql.usersFile === finding.file,
  );
  if (gateway === undefined) return 'No gateway uses this file.';
  const users = workspace.users.get(finding.file)?.users ?? new Map();
  const user = userAt(users, finding.line);
  if (user === null || mysqlWay(workspace, gateway) === null) return 'No user of the file is at this place.';
  return {
    about: [
      `Somebody who can read ${finding.file} takes the password of ${user} from line ${finding.line} and logs in with it.`,
    ],
    hop: 'A',
    show: async (ground, signal) => {
      const [door] = doorsOf(ground.workspace, gateway);
      const entry = ground.workspace.users
        .get(finding.file)
        ?.users.get(user)
        ?.find(({ password }) => password !== null);
      const password = entry?.password?.reveal();
      if (door === undefined || password === undefined) throw new Error(`${finding.file} has changed`);
      const unix = entry?.sourceHost === 'localhost' && door.unixSocket;
      const run = await logIn(ground, door, { user, password, unix }, signal);
      const found = resultOf(run, { settings: [] });
      return gotIn(run)
        ? {
            ...found,
            outcome: 'got-through',
            stoppedAt: null,
            sentence: `With nothing but ${finding.file} somebody logged in as ${user}.`,
            why: ['The file holds the password itself, which a hash would have kept to its owner.'],
          }
        : found;
    },
  };
};

/** The user whose entry stands at or last before a line. */
function userAt(users: ReadonlyMap<string, readonly { readonly line: number }[]>, line: number): string | null {
  let best: { readonly user: string; readonly line: number } | null = null;
  for (const [user, entries] of users)
    for (const entry of entries)
      if (entry.line <= line && (best === null || entry.line > best.line)) best = { user, line: entry.line };
  return best?.user ?? null;
}
