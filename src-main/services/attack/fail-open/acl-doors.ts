import type { StatementPrediction } from '../../../domain/probes';
import type { ImmediateCaller } from '../../../domain/identity';
import type { ProbeCaller, Suite } from '../../../domain/probes';
import { predictorFor } from '../../test/run-test';
import { attackCell, attackRun, type AttackConnection } from '../cells';
import { resultOf } from '../evidence';
import type { AttackGround } from '../ground';
import { aclDoors } from '../named-settings';
import { reading, tablesOf } from '../prize';
import { offeredTransports } from '../ways-in';
import { notShown, type Known, type Shown } from './demonstration';

/** A caller of the tests, a table, and what the files say about the two. */
interface Case {
  readonly caller: ProbeCaller;
  readonly immediate: ImmediateCaller;
  readonly table: string;
  readonly decision: NonNullable<StatementPrediction['decision']>;
  readonly connection: AttackConnection;
}

/** Every caller of the tests that gets in, with every table of the tablet, as far as files can tell. */
function* casesOn(ground: AttackGround, alias: string, tables?: readonly string[]): Generator<Case> {
  const { workspace } = ground;
  const tablet = workspace.topology.tablets.find((candidate) => candidate.alias === alias);
  if (tablet === undefined) return;
  const predictor = predictorFor(workspace, ground.clock.now());
  for (const suite of workspace.suites)
    for (const caller of suite.callers) {
      const connection = connectionOf(ground, suite, caller);
      if (connection === null) continue;
      const cell = attackCell('fail-open', connection);
      const admission = predictor.admit(cell, { password: connection.password ?? '' });
      if ('verdict' in admission) continue;
      for (const table of tables ?? tablesOf(workspace, tablet)) {
        const { decision } = predictor.predictAdmitted({ ...cell, sql: reading(table) }, admission.immediate);
        if (decision !== null)
          yield {
            ...{ caller, table, decision, immediate: admission.immediate },
            connection: { ...connection, sql: reading(table) },
          };
      }
    }
}

function connectionOf(ground: AttackGround, suite: Suite, caller: ProbeCaller): AttackConnection | null {
  const { password } = caller;
  const [transport] = offeredTransports(ground.workspace, caller);
  if (
    transport === undefined ||
    (password !== null && 'secret' in password && ground.secrets.get(password.secret) === undefined)
  )
    return null;
  return {
    ...{ gateway: caller.gateway, transport, user: caller.user, claimed: caller.claimed, sql: '' },
    password: ground.runner.passwordFor(caller, 'right'),
    certificate: transport.endsWith('mutual-tls') ? caller.certificate : null,
    ...{ trust: suite.gatewayTrust, serverName: suite.gatewayName },
  };
}

async function read(ground: AttackGround, found: Case, why: string, signal: AbortSignal): Promise<Shown> {
  const run = await attackRun(ground, `fail-open/acl/${found.table}`, found.connection, signal);
  const result = resultOf(run, { settings: [] });
  const through = result.outcome === 'got-through' && (run.attempt.rows ?? 0) > 0;
  return {
    ...result,
    sentence: !through
      ? result.sentence
      : found.decision.verdict === 'allow' && found.decision.enforcement === 'no-acl'
        ? `“${found.caller.name}” read the table ${found.table}: there is no table ACL, so every caller reads every table.`
        : `“${found.caller.name}” read the table ${found.table}, which the ACL does not open to it.`,
    why: through ? [why] : result.why,
  };
}

/** A caller that the ACL denies reads all the same. */
export const deniedReads =
  (why: string): Known =>
  ({ tablet }) => {
    if (tablet === null) return 'The finding names no tablet.';
    const { alias } = tablet;
    return {
      about: [
        ...(tablet.acl.file === null
          ? [
              `A caller of the tests reads a table of tablet ${alias}, which has no table ACL that could open or shut it.`,
            ]
          : [
              `A caller of the tests reads a table of tablet ${alias} that the ACL does not open to it.`,
              'What the ACL would say is worked out from the files first, so that the two can be compared.',
            ]),
      ],
      hop: 'D',
      show: async (ground, signal) => {
        let denied: Case | null = null;
        for (const found of casesOn(ground, alias)) {
          const { decision } = found;
          if (decision.verdict === 'deny') denied ??= found;
          if (decision.verdict !== 'allow' || decision.enforcement === 'enforced') continue;
          if (decision.wouldBe !== 'deny' && decision.enforcement !== 'no-acl') continue;
          const now = ground.workspace.topology.tablets.find((candidate) => candidate.alias === alias);
          return {
            ...(await read(ground, found, why, signal)),
            settings: now === undefined ? [] : aclDoors(ground.workspace, now),
          };
        }
        return denied === null
          ? notShown('The ACL denies nothing to any caller of the tests.')
          : read(ground, denied, why, signal);
      },
    };
  };

/** A caller whose name, or one of whose groups, is empty reads what is open to the empty name. */
export const emptyNameReads: Known = (_placed, { workspace }) => {
  const [tablet] = workspace.topology.tablets;
  if (tablet === undefined) return 'There is no tablet.';
  return {
    about: ['A caller without a name reads a table that the ACL opens to the empty name.'],
    hop: 'D',
    show: async (ground, signal) => {
      const nameless = [...casesOn(ground, tablet.alias)].filter(({ immediate }) =>
        [immediate.username, ...immediate.groups].includes(''),
      );
      const found = nameless.find(({ decision }) => decision.tables[0]?.principal === '') ?? nameless[0];
      if (found === undefined) return notShown('No caller of the tests has an empty name or group.');
      const shown = await read(ground, found, 'The empty name stands in the list of readers.', signal);
      return shown.outcome === 'got-through'
        ? { ...shown, sentence: `“${found.caller.name}”, who has no name in Vitess, read the table ${found.table}.` }
        : shown;
    },
  };
};

const BAIT = 'gatehouse_made_later';

/** A table that is made now is open at once. */
export const laterTableReads: Known = (_placed, { workspace }) => {
  const [tablet] = workspace.topology.tablets;
  if (tablet === undefined) return 'There is no tablet.';
  return {
    about: [
      `A table is made in the copy’s MySQL that the ACL has never heard of (${BAIT}), and a caller of the tests reads it.`,
      'Afterwards the table is dropped.',
    ],
    hop: 'D',
    alone: true,
    show: async (ground, signal) => {
      const cases = [...casesOn(ground, tablet.alias, [BAIT])];
      const found =
        cases.find(({ decision }) => decision.verdict === 'allow' && decision.tables[0]?.entry === '%') ??
        cases.find(({ decision }) => decision.verdict === 'deny');
      if (found === undefined) return notShown('No caller of the tests is in the group that covers every table.');
      await ground.atMysql(`create table ${BAIT} (id int primary key)`);
      try {
        const shown = await read(ground, found, 'The prefix "%" covers tables that nobody has thought of yet.', signal);
        return shown.outcome === 'got-through'
          ? { ...shown, sentence: `“${found.caller.name}” read the table ${BAIT}, which had just been made.` }
          : shown;
      } finally {
        await ground.atMysql(`drop table ${BAIT}`);
      }
    },
  };
};
