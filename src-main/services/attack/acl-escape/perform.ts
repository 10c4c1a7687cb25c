import type { AttackResult } from '../../../domain/attacks';
import { GatehouseError } from '../../../domain/kernel';
import type { AttackGround } from '../ground';
import { columnsOf, KeptTables, layBait, quoted, type Bait } from '../talk/bait';
import { followTalk } from '../talk/follow';
import type { Insider } from '../talk/insider';
import { talkResult } from '../talk/verdict';
import type { Escape, Names } from './escape';

/** What is laid out on a ground for one pair of tables. */
interface LaidOut {
  readonly bait: Bait;
  readonly names: Names;
  readonly kept: KeptTables;
}

const laid = new WeakMap<AttackGround, Map<string, Promise<LaidOut>>>();

/** Lays bait and learns the columns, once for a ground and a pair of tables. */
function layOut(ground: AttackGround, insider: Insider): Promise<LaidOut> {
  const known = laid.get(ground) ?? new Map<string, Promise<LaidOut>>();
  laid.set(ground, known);
  const key = JSON.stringify([insider.allowed, insider.forbidden]);
  let found = known.get(key);
  if (found === undefined) {
    found = prepare(ground, insider);
    known.set(key, found);
  }
  return found;
}

async function prepare(ground: AttackGround, insider: Insider): Promise<LaidOut> {
  const { allowed, forbidden, free, tablet } = insider;
  const bait = await layBait(ground, forbidden);
  const columns = await columnsOf(ground, allowed);
  const [first] = columns;
  if (first === undefined)
    throw new GatehouseError({ code: 'attack.bait', summary: `The table "${allowed}" is not there.` });
  const text = columns.find((column) => column.text && column.longest >= 10) ?? first;
  const F = quoted(forbidden);
  const f = quoted(bait.column);
  const keyspace = ground.workspace.topology.keyspaces.find(({ name }) => name === tablet.keyspace);
  return {
    bait,
    kept: new KeptTables(ground, [forbidden, allowed]),
    names: {
      ...{ A: quoted(allowed), a: quoted(first.name), text: quoted(text.name), F, f },
      ...{ rawA: allowed, rawF: forbidden, keyspace: tablet.keyspace, database: keyspace?.database ?? '' },
      free: quoted(free ?? 'zz_lab_free'),
      read: `select max(${f}) from ${F}`,
    },
  };
}

/** Whether it may change something that others look at, so that it runs by itself. */
export const changesSomething = ({ wanted, kind, made }: Escape): boolean =>
  wanted === 'change' || made !== undefined || kind.startsWith('copy-');

/** Tries one way around the table ACL for real, and puts everything back. */
export async function performEscape(
  ground: AttackGround,
  id: string,
  insider: Insider,
  escape: Escape,
  signal: AbortSignal,
): Promise<AttackResult> {
  const { bait, names, kept } = await layOut(ground, insider);
  const alone = changesSomething(escape);
  if (alone) await kept.begin();
  try {
    for (const statement of escape.made?.before(names) ?? []) await ground.atMysql(statement);
    const followed = await followTalk(ground, id, insider, escape.turns(names), signal);
    for (const statement of escape.made?.after(names) ?? []) await ground.atMysql(statement);
    const changed = alone ? await kept.changed() : [];
    const result = talkResult(ground, followed, {
      ...{ who: insider, wanted: escape.wanted, bait },
      changed: escape.wanted === 'change' && changed.includes(bait.table),
    });
    await putBack(ground, kept, changed, names);
    return result;
  } catch (error) {
    // What was made for it must not stay for the next.
    for (const statement of escape.made?.after(names) ?? []) await ground.atMysql(statement).catch(() => undefined);
    throw error;
  }
}

async function putBack(
  ground: AttackGround,
  kept: KeptTables,
  changed: readonly string[],
  names: Names,
): Promise<void> {
  if (changed.length === 0) return;
  await ground.atMysql(`drop table if exists ${names.free}`);
  await kept.putBack(changed);
}
