import type { AttackCard } from '../../../domain/attacks';
import { fidelityOf, type Workspace } from '../../workspace/load-workspace';
import { notHere, type AttackFamily, type AttackWorld, type PlannedAttack } from '../planned';
import { insiderOf, type Insider } from '../talk/insider';
import { changes, creations } from './changes';
import type { Escape } from './escape';
import { madeByRoot } from './made-by-root';
import { changesSomething, performEscape } from './perform';
import { reads } from './reads';
import { overGrpc, sessions } from './sessions';
import { spelledOtherwise, systemTables } from './spellings';
import { structure } from './structure';

/** Every way around the table ACL that is tried. */
export const escapes: readonly Escape[] = [
  ...reads,
  ...spelledOtherwise,
  ...systemTables,
  ...sessions,
  ...changes,
  ...creations,
  ...structure,
  ...madeByRoot,
  ...overGrpc,
];

type Who = 'somebody' | 'admin' | 'grpc';
const needed: Readonly<Record<Who, string>> = {
  somebody:
    'No caller of the tests gets in over MySQL or gRPC, may read one table and may not read another, so there is nobody to try it.',
  admin:
    'No caller of the tests may create tables (ADMIN on a prefix) and may not read one of the tables, so there is nobody to try it.',
  grpc: 'No caller of the tests gets in over gRPC, may read one table and may not read another, so there is nobody to try it.',
};

const endsSilently = ({ endsSilently: when }: Escape, workspace: Workspace): boolean =>
  when === 'always' || (when === 'in-vitess' && fidelityOf(workspace, null).mode === 'vitess');

/** Whether what gets through tells against the workspace. */
function isScored(escape: Escape, workspace: Workspace): boolean {
  if (endsSilently(escape, workspace)) return false;
  if (escape.byDesign === undefined) return true;
  return escape.byDesign === 'unchecked-in-vitess' && fidelityOf(workspace, null).mode === 'hardened';
}

const place = (text: string): string => text.replaceAll(/[^A-Za-z0-9_.-]+/g, '-');

function planned(escape: Escape, insider: Insider, workspace: Workspace): PlannedAttack {
  const { caller, allowed, forbidden } = insider;
  const who = `“${caller.name}”`;
  const scored = isScored(escape, workspace);
  const id = `acl-escape/${escape.kind}/${place(caller.name)}-${place(forbidden)}`;
  const about = [
    `${who} may read the table ${allowed}, and may not read ${forbidden}.`,
    escape.about,
    ...(escape.made === undefined || escape.by === 'admin'
      ? []
      : ['It is made in the rehearsal’s own MySQL by its root, as only an administrator of MySQL could.']),
    ...(escape.byDesign === 'unchecked-in-vitess' && !scored
      ? ['Vitess asks nobody for this; hardened mode does. It is shown, and does not count.']
      : []),
    ...(endsSilently(escape, workspace)
      ? [
          'vtgate ends the connection at this statement without a word, so that nothing can be shown; it does not count.',
        ]
      : []),
    ...(escape.byDesign === 'mysql-administrator'
      ? ['Whoever makes such a thing opens the table for those who may use it. It is shown, and does not count.']
      : []),
    escape.wanted === 'rows'
      ? `It gets through when a value comes back that lies in ${forbidden} alone.`
      : escape.wanted === 'change'
        ? `It gets through when MySQL’s root finds ${forbidden} changed.`
        : `It gets through when it is answered with a row about ${forbidden}.`,
  ];
  const card: AttackCard = {
    ...{ id, group: 'acl-escape', title: escape.title, aim: `${caller.name} → ${forbidden}`, about, hop: 'D', scored },
    unscored: scored ? null : 'for-information',
    notHere: null,
  };
  return {
    card,
    alone: changesSomething(escape),
    run: (ground, signal) => performEscape(ground, id, insider, escape, signal),
  };
}

/** One card for each kind of caller that the workspace has not. */
const nobody = (who: Who): PlannedAttack =>
  notHere(
    {
      id: `acl-escape/nobody/${who}`,
      group: 'acl-escape',
      title:
        who === 'admin'
          ? 'Ways to copy a table'
          : who === 'grpc'
            ? 'Ways around the ACL over gRPC'
            : 'Ways around the ACL',
      aim: 'table ACL',
      about: ['Somebody who may read one table tries to read or change another.'],
      hop: 'D',
      scored: true,
    },
    needed[who],
  );

/** Ways around the table ACL, by callers who may do something else. */
export const aclEscape: AttackFamily = {
  group: 'acl-escape',
  plan: (world: AttackWorld) => {
    const grpc = insiderOf(world, { over: 'grpc' });
    const insiders: Readonly<Record<Who, Insider | null>> = {
      somebody: insiderOf(world, { over: 'mysql' }) ?? grpc,
      admin: insiderOf(world, { over: 'mysql', needs: 'ADMIN' }) ?? insiderOf(world, { over: 'grpc', needs: 'ADMIN' }),
      grpc,
    };
    return (['somebody', 'admin', 'grpc'] as const).flatMap((who) => {
      const insider = insiders[who];
      if (insider === null) return [nobody(who)];
      const overMysql = insider.transport.startsWith('mysql-');
      return escapes
        .filter(({ by }) => (by ?? 'somebody') === who)
        .filter(
          ({ turns, needsFree }) => (overMysql || !isCommand(turns)) && (needsFree !== true || insider.free !== null),
        )
        .map((escape) => planned(escape, insider, world.workspace));
    });
  },
};

/** A command of MySQL's protocol cannot be said over gRPC. */
const isCommand = (turns: Escape['turns']): boolean =>
  turns({
    A: '',
    a: '',
    text: '',
    F: '',
    f: '',
    rawA: '',
    rawF: '',
    keyspace: '',
    database: '',
    free: '',
    read: '',
  }).some(({ kind }) => kind === 'command');
