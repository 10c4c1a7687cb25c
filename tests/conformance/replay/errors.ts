import { rmSync } from 'node:fs';
import { companion } from './companion';
import { compare } from './compare';
import { inParallel } from './in-parallel';
import { DirectCalls } from './mysql/direct-calls';
import { askOutcome } from './mysql/error-outcome';
import { logIn } from './mysql/login';
import { filled } from './mysql/placeholders';
import { Scenario, type ScenarioStep } from './mysql/scenario';
import { scenarioSettings } from './mysql/scenario-settings';
import { expectedAnswer } from './mysql/shown';
import { tiersOf } from './mysql/tiers';
import { World, type Servers, type Setup } from './mysql/world';
import type { CaseOutcome, Difference, Replay, Tier } from './outcome';

interface RecordedCase {
  readonly id: string;
  readonly about?: string;
  readonly statements?: readonly string[];
  readonly mysql?: Readonly<Record<string, unknown>>;
  readonly tablet?: Readonly<Record<string, unknown>>;
  readonly steps?: readonly ScenarioStep[];
  readonly vttabletFlags?: string;
  readonly vtgateFlags?: string;
  readonly acl?: unknown;
}

/** Worlds at a time, each with a MySQL of its own. */
const widest = 4;

/** Statements that make or take away what the fixture does not restore. */
const changesSchema = /\b(create|drop|alter|rename|truncate)\b/i;

/** Schema and users are those of mysql-protocol.json, which lies beside errors.json or else in our own copy. */
const setupOf = (folder: string): Setup => companion<Setup>(folder, 'mysql-protocol');

/** errors.json: statements through the gateway and at the tablet itself, then scenarios, each with servers of its own. */
export const replayErrors: Replay = async function* (recording, { folder, fidelity, only }) {
  const { cases } = recording as { readonly cases: readonly RecordedCase[] };
  const chosen = cases.filter(({ id }) => only === undefined || only(id));
  if (chosen.length === 0) return;
  const statements = chosen.filter((one) => one.statements !== undefined);
  const scenarios = chosen.filter(({ steps }) => steps !== undefined);
  // A scenario mostly waits, and some stop their MySQL: each plays alone in a world. Statements share two.
  const half = Math.ceil(statements.length / 2);
  const shares = [statements.slice(0, half), statements.slice(half)].filter((share) => share.length > 0);
  const jobs: readonly ((world: World) => Promise<readonly CaseOutcome[]>)[] = [
    ...shares.map((share) => (world: World) => playAllStatements(share, world)),
    ...scenarios.map((one) => async (world: World) => [await playScenario(one, world, fidelity)]),
  ];
  const width = Math.min(widest, jobs.length);
  const setup = setupOf(folder);
  const worlds = await World.several(width, setup, fidelity);
  const free = [...worlds];
  try {
    yield* inParallel(jobs, width, async (job) => {
      const world = free.pop() as World;
      try {
        return await job(world);
      } finally {
        free.push(world);
      }
    });
  } finally {
    await Promise.all(worlds.map((world) => world.stop()));
  }
};

async function playAllStatements(cases: readonly RecordedCase[], world: World): Promise<readonly CaseOutcome[]> {
  const servers = await world.serve();
  const direct = new DirectCalls(servers.tablet);
  const ground = { remade: false };
  const outcomes: CaseOutcome[] = [];
  for (const one of cases) outcomes.push(await playStatements(one, world, servers, direct, ground));
  await direct.close();
  await servers.stop();
  return outcomes;
}

/** Gathers what differs in one case. */
function gather(recorded: RecordedCase) {
  const differences: Difference[] = [];
  const compared = new Set<Tier>(['a']);
  const add = (at: string, expected: unknown, seen: unknown): void => {
    const tierOf = tiersOf(expected, '');
    for (const tier of tierOf.compared) compared.add(tier);
    for (const difference of compare(expected, filled(expected, seen), tierOf))
      differences.push({ ...difference, at: difference.at === '' ? at : `${at}.${difference.at}` });
  };
  const outcome = (): CaseOutcome => ({ id: recorded.id, compared: [...compared], differences, recorded });
  return { add, outcome };
}

async function playStatements(
  one: RecordedCase,
  world: World,
  servers: Servers,
  direct: DirectCalls,
  ground: { remade: boolean },
): Promise<CaseOutcome> {
  const { add, outcome } = gather(one);
  const statements = one.statements ?? [];
  const last = statements.at(-1) ?? '';
  const remakes = changesSchema.test(statements.join(' '));
  const restore = async (anew: boolean): Promise<void> => {
    if (anew) await world.rebuild(servers.tablet);
    else await world.restore();
  };
  const file = /\b(?:out|dump)file '(\/tmp\/\w+)'/i.exec(last)?.[1];
  if (file !== undefined) rmSync(file, { force: true });
  await restore(ground.remade);
  ground.remade = remakes;
  const client = await logIn(servers.entrance);
  try {
    for (const statement of statements.slice(0, -1)) await askOutcome(client, statement, false);
    add('mysql', expectedAnswer(one.mysql), await askOutcome(client, last, false));
  } catch (error) {
    add('mysql', expectedAnswer(one.mysql), (error as Error).message);
  } finally {
    client.raw.close();
  }
  await servers.quiet();
  if (one.tablet !== undefined) {
    await restore(remakes);
    const seen = (await direct.execute(last)) as object;
    const shown = (got: object): unknown =>
      'message' in got ? (expectedAnswer({ err: got }) as { err: unknown }).err : got;
    add('tablet', shown(one.tablet), shown(seen));
  }
  if (file !== undefined) rmSync(file, { force: true });
  return outcome();
}

async function playScenario(
  one: RecordedCase,
  world: World,
  fidelity: Parameters<typeof scenarioSettings>[1],
): Promise<CaseOutcome> {
  const { add, outcome } = gather(one);
  const settings = scenarioSettings({ ...one, about: one.about ?? '' }, fidelity);
  await world.rebuild(null);
  await world.mysql.run(...settings.before, 'do 0');
  const servers = await world.serve(settings.changes);
  const scenario = new Scenario(world, servers, settings);
  try {
    await scenario.play(one.steps ?? [], add);
  } catch (error) {
    add('played', 'all steps', (error as Error).message);
  } finally {
    await scenario.close();
    await servers.stop();
    await world.mysql.run(...settings.after, 'do 0');
  }
  return outcome();
}
