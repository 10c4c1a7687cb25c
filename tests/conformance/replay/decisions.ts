import { parseAclFile } from '../../../src-main/domain/acl';
import { createGrpcClient, type GrpcClient } from '../../../src-main/servers/rpc';
import { askGateway, askTablet, type Seen } from './decisions/ask';
import {
  changesSchema,
  mainCell,
  readsOnly,
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

/** decisions.json: every statement as every caller, through a gateway and at the tablet itself, in every cell. */
export const replayDecisions: Replay = async function* (recording, { fidelity, only }) {
  const whole = recording as Recording;
  const wanted = whole.cases.filter(({ id }) => only === undefined || only(id));
  if (wanted.length === 0) return;
  const tables = whole.schema.flatMap((line) => /^create table (\w+)/i.exec(line)?.[1] ?? []);
  const fixture = [...tables.map((table) => `delete from ${table}`), ...whole.data];
  const world = await World.start({ schema: whole.schema, fixture, users: whole.users }, fidelity);
  try {
    for (const [name, cell] of [['main', mainCell] as const, ...Object.entries(whole.cells)]) {
      const cases = wanted.filter((one) => one.cell === name);
      if (cases.length === 0) continue;
      await world.rebuild(null);
      const servers = await world.serve(changesOf(cell, whole, fidelity));
      const client = createGrpcClient({ ...servers.tablet.address });
      const play = (one: RecordedCase) => playCase(one, whole.callers, world, servers, client);
      try {
        yield* inParallel(cases.filter(isHarmless), 6, async (one) => [await play(one)]);
        for (const one of cases) if (!isHarmless(one)) yield await play(one);
      } finally {
        await client.close();
        await servers.stop();
      }
    }
  } finally {
    await world.stop();
  }
};

const isHarmless = ({ sql, setup, transport }: RecordedCase): boolean =>
  readsOnly(sql) && setup === undefined && transport !== 'tablet-reserve';

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
      terseErrors: tabletFlags.includes('--queryserver-config-terse-errors'),
    },
    gateway: {
      ...(gateFlags.includes('--vtgate-config-terse-errors') ? { terseErrors: true } : {}),
      ...(gateFlags.join(' ').includes('--mysql-auth-server-impl none')
        ? { mysql: { listen: { host: '127.0.0.1', port: 0 }, auth: { kind: 'none' } } }
        : {}),
    },
  };
}

async function playCase(
  one: RecordedCase,
  callers: readonly Caller[],
  world: World,
  servers: Servers,
  client: GrpcClient,
): Promise<CaseOutcome> {
  const differences: Difference[] = [];
  const compared = new Set<Tier>(['a']);
  const toTablet = one.transport?.startsWith('tablet') === true;
  const port = servers.entrance.port;
  const sides = [
    { at: 'gate', answers: one.gate ?? [], tablet: false },
    { at: 'tablet', answers: one.tablet ?? [], tablet: true },
    { at: 'answers', answers: one.answers ?? [], tablet: toTablet },
  ];
  const harmless = isHarmless(one);
  for (const { at, answers, tablet } of sides) {
    for (const answer of answers) {
      // What changes tables is done once for each answer; who is refused changes nothing.
      const asked = answer.ok === undefined || harmless ? answer.callers : answer.callers.slice(0, 1);
      for (const name of asked) {
        const caller = callers.find((candidate) => candidate.name === name);
        if (caller === undefined || (caller.login === '' && !tablet)) continue;
        const seen = tablet ? await askTablet(client, caller, one) : await askGateway(port, caller, one);
        if (!harmless && seen.ok === true) {
          await servers.quiet();
          if (changesSchema(one.sql)) await world.rebuild(servers.tablet);
          else await world.restore();
        }
        const found = difference(`${at}.${name}`, answer, seen, caller, one);
        for (const { tier } of found) compared.add(tier);
        if (answer.message !== undefined && printedForm.test(answer.message)) compared.add('b');
        differences.push(...found);
      }
    }
  }
  return { id: one.id, compared: [...compared], differences, recorded: one };
}

/** A position, or SQL as Vitess prints it: what follows is of tier b. */
const printedForm = /(?<=syntax error)(?= at position)|(?=: Sql: ")/;

function difference(
  at: string,
  answer: RecordedAnswer,
  seen: Seen,
  caller: Caller,
  { sql }: RecordedCase,
): Difference[] {
  const groups = caller.groups.length > 0 ? `, in groups [${caller.groups.join(', ')}],` : '';
  const text = answer.message?.replaceAll('{user}', caller.user).replaceAll('{groups}', groups);
  const found: Difference[] = [];
  const hold = (key: string, expected: unknown, got: unknown, tier: Tier = 'a'): void => {
    if (expected !== got) found.push({ tier, at: `${at}.${key}`, expected, seen: got });
  };
  if (answer.ok !== undefined) {
    hold('ok', true, seen.ok ?? seen);
    if (seen.ok === true && answer.rows !== undefined && !rowsVary(sql)) hold('rows', answer.rows, seen.rows);
    return found;
  }
  if (answer.closed === true) {
    hold('closed', true, seen.closed ?? seen);
    return found;
  }
  hold('errno', answer.errno, seen.errno);
  hold('sqlstate', answer.sqlstate, seen.sqlstate);
  hold('code', answer.code, seen.code);
  const [plain = '', ...rest] = (text ?? '').split(printedForm);
  const [got = '', ...gotRest] = (seen.message ?? '').split(printedForm);
  if (!matches(plain, got)) hold('message', plain, got);
  if (!matches(rest.join(''), gotRest.join(''))) hold('message.printed', rest.join(''), gotRest.join(''), 'b');
  return found;
}

/** Equal but for the placeholders of the recording. */
function matches(recorded: string, seen: string): boolean {
  if (recorded === seen) return true;
  if (!recorded.includes('{')) return false;
  const pattern = recorded
    .split(/\{(?:datadir|mysqldir|port)\}/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${pattern}$`, 's').test(seen);
}
