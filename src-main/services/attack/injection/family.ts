import type { AttackCard, AttackResult, ResponsibleSetting } from '../../../domain/attacks';
import type { AttackGround } from '../ground';
import { notHere, type AttackFamily, type AttackWorld, type PlannedAttack } from '../planned';
import { outsideSetting } from '../setting';
import { columnsOf, KeptTables, layBait, quoted } from '../talk/bait';
import { followTalk } from '../talk/follow';
import { insiderOf, type Insider } from '../talk/insider';
import { talkResult } from '../talk/verdict';
import { boundTurns, carelessTurns, type ApplicationNames } from './application';
import { hostileInputs, type HostileInput } from './inputs';
import { LAB_RULES } from './lab-rules';

/** How an input gets into a statement. */
const ways = ['joined', 'bound', 'bound-grpc', 'rules'] as const;
type Way = (typeof ways)[number];

const wayWords: Readonly<Record<Way, string>> = {
  joined: 'joined into the statement',
  bound: 'as a bound value',
  'bound-grpc': 'as a bind variable over gRPC',
  rules: 'against query rules',
};

const wayAbout: Readonly<Record<Way, string>> = {
  joined: 'A careless application, which the lab plays, puts the input into the text of its statement.',
  bound:
    'A careful application hands the same input over beside the statement, by a prepared statement of the binary protocol.',
  'bound-grpc': 'A careful application hands the same input over beside the statement, as a bind variable over gRPC.',
  rules: 'The careless application again, in front of query rules.',
};

/** Rows that are read of an answer: the canary may come last. */
const KEEP_ROWS = 20_000;

/** Whether the lab's own rules are in force: a workspace with rules keeps its own. */
const labRulesApply = ({ tablet: { queryRules } }: Insider): boolean => queryRules === null || queryRules === LAB_RULES;

/** Whether what gets through tells against the workspace. */
function isScored(hostile: HostileInput, way: Way, insider: Insider): boolean {
  switch (way) {
    case 'joined':
      // Another row of a table that it may read anyway is the application's own fault.
      return hostile.aim !== 'row';
    case 'rules':
      return labRulesApply(insider) && hostile.unseen !== true;
    default:
      return hostile.evenBound !== true;
  }
}

function aboutOf(hostile: HostileInput, way: Way, insider: Insider, scored: boolean): string[] {
  const { allowed, forbidden } = insider;
  const input = hostile.input({ F: quoted(forbidden), f: quoted('…') });
  const shown = Buffer.isBuffer(input) ? `bytes ${input.toString('hex')}` : JSON.stringify(input);
  const sentences = [
    wayAbout[way],
    `The input is ${shown}${hostile.session === undefined ? '' : `, after ${hostile.session.join('; ')}`}.`,
  ];
  if (way === 'rules')
    sentences.push(
      labRulesApply(insider)
        ? 'The workspace has no query rules; those of the lab know the application by a comment, because User there is what vttablet sees, not the caller.'
        : 'The workspace’s own query rules are asked.',
    );
  sentences.push(
    hostile.aim === 'row'
      ? `It gets through when another row of ${allowed} comes back.`
      : hostile.aim === 'table'
        ? `It gets through when a value comes back that lies in ${forbidden} alone.`
        : `It gets through when MySQL’s root finds ${forbidden} changed.`,
  );
  if (!scored && way === 'joined') sentences.push('That is the application’s fault. It is shown, and does not count.');
  else if (!scored && way === 'rules')
    sentences.push('Rules see a statement’s shape and not its values, or are not made for this. It does not count.');
  else if (!scored)
    sentences.push('The value itself means something to LIKE, so that binding cannot help. It does not count.');
  return sentences;
}

const place = (text: string): string => text.replaceAll(/[^A-Za-z0-9_.-]+/g, '-');

function planned(hostile: HostileInput, way: Way, insider: Insider): PlannedAttack {
  const { caller, allowed, forbidden } = insider;
  const scored = isScored(hostile, way, insider);
  const id = `injection/${hostile.kind}-${way}/${place(caller.name)}-${place(allowed)}`;
  const card: AttackCard = {
    ...{ id, group: 'injection', hop: 'D', scored, notHere: null },
    title: `${hostile.title}, ${wayWords[way]}`,
    aim: `${caller.name} → ${hostile.aim === 'row' ? allowed : forbidden}`,
    about: aboutOf(hostile, way, insider, scored),
  };
  return {
    card,
    alone: hostile.aim === 'change',
    run: (ground, signal) => perform(ground, id, hostile, way, insider, signal),
  };
}

/** Who is responsible when it gets through, and what stops it when nothing else does. */
function responsible(
  hostile: HostileInput,
  way: Way,
): { through?: ResponsibleSetting[]; harmless?: ResponsibleSetting[] } {
  if (way === 'bound' || way === 'bound-grpc')
    return {
      through: [
        outsideSetting(
          'the application',
          'binds its input',
          'Escape % and _ in values for LIKE, or compare otherwise.',
        ),
      ],
      harmless: [outsideSetting('the application', 'binds its input', null)],
    };
  const careless = [
    outsideSetting('the application', 'puts its input into the statement', 'Hand values over beside the statement.'),
  ];
  return hostile.aim === 'row' ? { through: careless } : {};
}

async function perform(
  ground: AttackGround,
  id: string,
  hostile: HostileInput,
  way: Way,
  insider: Insider,
  signal: AbortSignal,
): Promise<AttackResult> {
  const { allowed, forbidden } = insider;
  const row = await layBait(ground, allowed, 'row');
  const table = await layBait(ground, forbidden);
  const [first] = await columnsOf(ground, allowed);
  const names: ApplicationNames = {
    ...{ A: quoted(allowed), text: quoted(row.column), a: quoted(first?.name ?? row.column) },
    ...{ F: quoted(forbidden), f: quoted(table.column) },
  };
  // A session over gRPC keeps no variables for the input that is stored.
  const turns = way.startsWith('bound')
    ? boundTurns(hostile, names, way === 'bound')
    : carelessTurns(hostile, names, way === 'rules');
  const kept = hostile.aim === 'change' ? new KeptTables(ground, [forbidden]) : null;
  await kept?.begin();
  const followed = await followTalk(ground, id, insider, turns, signal, KEEP_ROWS);
  const changed = (await kept?.changed()) ?? [];
  await kept?.putBack(changed);
  return talkResult(ground, followed, {
    ...{ who: insider, wanted: hostile.aim === 'change' ? 'change' : 'rows', changed: changed.includes(forbidden) },
    ...(hostile.aim === 'row' ? { bait: row, what: `another row of ${allowed}` } : { bait: table }),
    ...responsible(hostile, way),
  });
}

/** The same hostile inputs joined into statements, handed over beside them, and against query rules. */
export const injection: AttackFamily = {
  group: 'injection',
  plan: (world: AttackWorld) => {
    const overMysql = insiderOf(world, { over: 'mysql' });
    const overGrpc = insiderOf(world, { over: 'grpc' });
    const whoFor: Readonly<Record<Way, Insider | null>> = {
      joined: overMysql ?? overGrpc,
      bound: overMysql,
      'bound-grpc': overGrpc,
      rules: overMysql ?? overGrpc,
    };
    return ways.flatMap((way) => {
      const insider = whoFor[way];
      if (insider !== null) return hostileInputs.map((hostile) => planned(hostile, way, insider));
      const over = way === 'bound' ? 'over MySQL' : way === 'bound-grpc' ? 'over gRPC' : 'over MySQL or gRPC';
      return [
        notHere(
          {
            ...{ id: `injection/nobody/${way}`, group: 'injection', aim: 'an application', hop: 'D', scored: true },
            title: `Hostile inputs, ${wayWords[way]}`,
            about: [wayAbout[way]],
          },
          `No caller of the tests gets in ${over}, may read one table and may not read another, so there is no application to play.`,
        ),
      ];
    });
  },
};
