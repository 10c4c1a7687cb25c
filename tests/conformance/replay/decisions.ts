import { parseAclFile } from '../../../src-main/domain/acl';
import { createGrpcClient, type GrpcClient } from '../../../src-main/servers/rpc';
import { askTablet, Entrance, type Seen } from './decisions/ask';
import { effectOf, isHarmless, textsOf } from './decisions/effect';
import { Ground } from './decisions/ground';
import {
  mainCell,
  rowsVary,
  type Caller,
  type RecordedAnswer,
  type RecordedCase,
  type RecordedCell,
  type Recording,
} from './decisions/recorded';
import { inParallel } from './in-parallel';
import { World, type Changes, type Servers } from './mysql/world';
import type { CaseOutcome, Difference, Replay, ReplaySettings, Tier } from './outcome';

/** Servers that play at once, each with a MySQL of its own: the name of the database is part of the answers. */
const lanes = 3;
/** Cases of one cell that a lane takes at a time. */
const portion = 40;

interface Portion {
  readonly cell: string;
  readonly cases: readonly RecordedCase[];
}

/** decisions.json: every statement as every caller, through a gateway and at the tablet itself, in every cell. */
export const replayDecisions: Replay = async function* (recording, { fidelity, only }) {
  const whole = recording as Recording;
  const portions: Portion[] = ['main', ...Object.keys(whole.cells)].flatMap((cell) => {
    const cases = whole.cases.filter((one) => one.cell === cell && (only === undefined || only(one.id)));
    const many = Math.ceil(cases.length / portion);
    return Array.from({ length: many }, (_, at) => ({ cell, cases: cases.slice(at * portion, (at + 1) * portion) }));
  });
  const outcomes = inParallel(Array.from({ length: Math.min(lanes, portions.length) }), lanes, () =>
    playLane(portions, whole, fidelity),
  );
  yield* outcomes;
};

/** The servers of one cell, with what asks them. */
interface Stage {
  readonly cell: string;
  readonly servers: Servers;
  readonly client: GrpcClient;
  readonly entrance: Entrance;
  readonly close: () => Promise<void>;
}

async function openStage(world: World, changes: Changes, cell: string): Promise<Stage> {
  const servers = await world.serve(changes);
  const client = createGrpcClient({ ...servers.tablet.address });
  const entrance = new Entrance(servers.entrance.port, servers.gateway);
  const close = async (): Promise<void> => {
    entrance.close();
    await client.close();
    await servers.stop();
  };
  return { cell, servers, client, entrance, close };
}

/** Takes portions until none is left. */
async function playLane(
  portions: Portion[],
  whole: Recording,
  fidelity: ReplaySettings['fidelity'],
): Promise<CaseOutcome[]> {
  const outcomes: CaseOutcome[] = [];
  const tables = whole.schema.flatMap((line) => /^create table (\w+)/i.exec(line)?.[1] ?? []);
  const fixture = [...tables.map((table) => `delete from ${table}`), ...whole.data];
  let stage: Stage | null = null as Stage | null;
  const world = await World.start({ schema: whole.schema, fixture, users: whole.users }, fidelity);
  const ground = new Ground(world, whole);
  try {
    await ground.begin();
    for (let next = portions.shift(); next !== undefined; next = portions.shift()) {
      if (stage?.cell !== next.cell) {
        await stage?.close();
        stage = null;
        const cell = next.cell === 'main' ? mainCell : (whole.cells[next.cell] ?? mainCell);
        stage = await openStage(world, changesOf(cell, whole, fidelity), next.cell);
      }
      const { servers, client, entrance } = stage;
      const play = (one: RecordedCase) => playCase(one, whole.callers, ground, servers, client, entrance);
      const harmless = next.cases.filter(isHarmless);
      for await (const outcome of inParallel(harmless, 6, async (one) => [await play(one)])) outcomes.push(outcome);
      for (const one of next.cases) if (!isHarmless(one)) outcomes.push(await play(one));
    }
  } finally {
    await stage?.close();
    await world.stop();
  }
  return outcomes;
}

function changesOf(cell: RecordedCell, whole: Recording, fidelity: ReplaySettings['fidelity']): Changes {
  const { tabletFlags, gateFlags } = cell;
  const exempt = tabletFlags.indexOf('--queryserver-config-acl-exempt-acl');
  const aclFileGiven = tabletFlags.includes('--table-acl-config');
  const acl = cell.acl === 'the acl above' ? whole.acl : cell.acl;
  const content = Buffer.from(typeof acl === 'string' ? acl : JSON.stringify(acl));
  return {
    tablet: {
      aclFileGiven,
      acl: aclFileGiven ? parseAclFile(content, { file: 'acl.json', fidelity }).acl : null,
      aclSettings: {
        strict: tabletFlags.includes('--queryserver-config-strict-table-acl'),
        dryRun: tabletFlags.includes('--queryserver-config-enable-table-acl-dry-run'),
        exempt: exempt < 0 ? '' : (tabletFlags[exempt + 1] ?? ''),
      },
      passthroughDmls: tabletFlags.includes('--queryserver-config-passthrough-dmls'),
      terseErrors: tabletFlags.includes('--queryserver-config-terse-errors'),
    },
    gateway: {
      // The recordings were made in a cell with a second keyspace, of which only the name in lists shows.
      keyspaces: [
        { name: 'commerce', shards: ['0'] },
        { name: 'second', shards: [] },
      ],
      ...(gateFlags.includes('--vtgate-config-terse-errors') ? { behaviour: { terseErrors: true } } : {}),
      ...(gateFlags.join(' ').includes('--mysql-auth-server-impl none')
        ? { mysql: { listen: { host: '127.0.0.1', port: 0 }, auth: { kind: 'none' } } }
        : {}),
    },
  };
}

interface Question {
  readonly at: string;
  readonly answer: RecordedAnswer;
  readonly caller: Caller;
  readonly ask: () => Promise<Seen>;
}

function questionsOf(
  one: RecordedCase,
  callers: readonly Caller[],
  entrance: Entrance,
  client: GrpcClient,
): Question[] {
  const toTablet = one.transport?.startsWith('tablet') === true;
  const sides = [
    { at: 'gate', answers: one.gate ?? [], tablet: false },
    { at: 'tablet', answers: one.tablet ?? [], tablet: true },
    { at: 'answers', answers: one.answers ?? [], tablet: toTablet },
  ];
  return sides.flatMap(({ at, answers, tablet }) =>
    answers.flatMap((answer) =>
      answer.callers.flatMap((name) => {
        const caller = callers.find((candidate) => candidate.name === name);
        if (caller === undefined) throw new Error(`${one.id}: unknown caller ${name}`);
        const ask = () => (tablet ? askTablet(client, caller, one) : entrance.ask(caller, one));
        return [{ at: `${at}.${name}`, answer, caller, ask }];
      }),
    ),
  );
}

/** Plays a case for each caller: who is to be refused at once, who changes something alone and on restored ground. */
async function playCase(
  one: RecordedCase,
  callers: readonly Caller[],
  ground: Ground,
  servers: Servers,
  client: GrpcClient,
  entrance: Entrance,
): Promise<CaseOutcome> {
  const differences: Difference[] = [];
  const compared = new Set<Tier>(['a']);
  const harmless = isHarmless(one);
  const texts = textsOf(one);
  const single = texts.length === 1 && !/;\s*\S/.test(one.sql);
  const play = async ({ at, answer, caller, ask }: Question): Promise<boolean> => {
    const seen = await ask();
    const found = difference(at, answer, seen, caller, one);
    for (const { tier } of found) compared.add(tier);
    if (answer.message !== undefined && printedForm.test(answer.message)) compared.add('b');
    differences.push(...found);
    return seen.ok !== undefined || seen.closed === true || !single;
  };
  const restore = async (): Promise<void> => {
    await entrance.quiet();
    await ground.restore(texts, servers.tablet);
  };
  const questions = questionsOf(one, callers, entrance, client);
  const together = questions.filter(
    ({ answer }) => harmless || (single && answer.errno !== undefined) || (single && answer.code !== undefined),
  );
  const changed = await Promise.all(together.map((question) => play(question)));
  // Who was let in although the recording refuses may have changed what the next case needs.
  if (changed.includes(true) && texts.some((text) => effectOf(text) !== 'nothing')) await restore();
  for (const question of questions) if (!together.includes(question) && (await play(question))) await restore();
  return { id: one.id, compared: [...compared], differences, recorded: one };
}

/** Whether the recording denies access. */
export const isDenial = ({ errno, code = '' }: RecordedAnswer): boolean =>
  errno === 1045 || /permission_?denied|unauthenticated/i.test(code);

/** A position, or SQL as Vitess prints it: what follows is of tier b. */
const printedForm = /(?<=syntax error)(?= at position)|(?=: Sql: ")/;

function difference(
  at: string,
  answer: RecordedAnswer,
  seen: Seen,
  caller: Caller,
  { sql, transport }: RecordedCase,
): Difference[] {
  const groups = caller.groups.length > 0 ? `, in groups [${caller.groups.join(', ')}],` : '';
  const found: Difference[] = [];
  const hold = (key: string, expected: unknown, got: unknown, tier: Tier = 'a'): void => {
    if (expected !== got) found.push({ tier, at: `${at}.${key}`, expected, seen: got });
  };
  const filled = (template: string): string =>
    template.replaceAll('{user}', caller.user).replaceAll('{groups}', groups);
  const holdText = (key: string, expected: string | undefined, got: string | undefined): void => {
    const [plain = '', ...rest] = filled(expected ?? '').split(printedForm);
    const [gotPlain = '', ...gotRest] = (got ?? '').split(printedForm);
    if (!matches(plain, gotPlain)) hold(key, plain, gotPlain);
    if (!matches(rest.join(''), gotRest.join(''))) hold(`${key}.printed`, rest.join(''), gotRest.join(''), 'b');
  };
  if (isDenial(answer) && seen.ok !== undefined) hold('letIn', false, true);
  holdText('setupError', answer.setupError, seen.setupError);
  if (answer.ok !== undefined) {
    hold('ok', answer.ok, seen.ok ?? seen);
    if (seen.ok !== true || answer.ok !== true) return found;
    if (!rowsVary(sql)) {
      hold('rows', answer.rows, seen.rows);
      if (answer.affected !== undefined) hold('affected', answer.affected, seen.affected);
      if (answer.insertId !== undefined) hold('insertId', answer.insertId, seen.insertId);
    }
    if (answer.columns !== undefined) hold('columns', answer.columns.join(), seen.columns?.join());
    // Only the cases with a transport were read beyond the first result (`format.more`).
    if (transport !== undefined) {
      hold('furtherResults', answer.furtherResults, seen.furtherResults);
      holdText('message', answer.message, seen.message);
    }
    return found;
  }
  if (answer.closed === true) {
    hold('closed', true, seen.closed ?? seen);
    return found;
  }
  hold('errno', answer.errno ?? undefined, seen.errno);
  hold('sqlstate', answer.sqlstate ?? undefined, seen.sqlstate);
  hold('code', answer.code, seen.code);
  if (answer.at !== undefined) hold('at', answer.at, seen.at);
  holdText('message', answer.message, seen.message);
  return found;
}

/** Equal but for the placeholders of the recording, and for addresses in Go's memory. */
function matches(withAddresses: string, seenWithAddresses: string): boolean {
  const [recorded, seen] = [withAddresses, seenWithAddresses].map((text) =>
    text.replace(/\b0x[\da-f]+(?=[\] ])/g, '0x0'),
  );
  if (recorded === undefined || seen === undefined) return false;
  if (recorded === seen) return true;
  if (!recorded.includes('{')) return false;
  const pattern = recorded
    .split(/\{(?:datadir|mysqldir|port)\}/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${pattern}$`, 's').test(seen);
}
