import type { AttackCard, AttackResult, Evidence, ResponsibleSetting } from '../../../domain/attacks';
import type { ImmediateCaller } from '../../../domain/identity';
import type { TestRun } from '../../test/run-test';
import type { Workspace } from '../../workspace/load-workspace';
import { attackRun, type AttackConnection } from '../cells';
import { resultOf } from '../evidence';
import type { AttackGround } from '../ground';
import { aclDoors, asItIs, fileSetting } from '../named-settings';
import type { PlannedAttack } from '../planned';
import { tabletBehind, type Prize } from '../prize';

/** An attempt to be taken for the one whom a table is open to. */
export interface Claim {
  readonly card: Omit<AttackCard, 'group' | 'scored' | 'notHere'>;
  /** Who tries, for people. */
  readonly who: string;
  readonly prize: Prize;
  /** The connection; null: what it needs cannot be made in this workspace, with the reason. */
  connection(ground: AttackGround): Promise<AttackConnection | { readonly notHere: string }>;
  /** Settings that decide over this claim, each with its advice. */
  settings(workspace: Workspace): readonly ResponsibleSetting[];
  /** Why it got through. */
  readonly because: string;
}

/** The claim as an attack: it got through when the table was read that only the claimed one may read. */
export const claimAttack = (claim: Claim): PlannedAttack => ({
  card: { ...claim.card, group: 'claimed-identity', scored: true, notHere: null },
  alone: false,
  run: async (ground, signal) => {
    const connection = await claim.connection(ground);
    if ('notHere' in connection)
      return {
        ...{ outcome: 'not-here', stoppedAt: null, sentence: connection.notHere, why: [], evidence: [] },
        ...{ settings: [], trace: null, milliseconds: 0 },
      };
    const run = await attackRun(ground, claim.card.id, connection, signal);
    return judged(ground, claim, run);
  },
});

function judged(ground: AttackGround, claim: Claim, run: TestRun): AttackResult {
  const { workspace } = ground;
  const { prize, who } = claim;
  const found = resultOf(run, { settings: [] });
  const seenAs = immediateAtTablet(ground, run);
  const evidence: Evidence[] =
    seenAs === null
      ? []
      : [{ kind: 'record', side: 'tablet', text: `The tablet was told that ${callerWords(seenAs)} asks.` }];
  const tablet = tabletBehind(workspace);
  const settings = claim.settings(workspace);
  if (found.outcome === 'got-through') {
    const read = (run.attempt.rows ?? 0) > 0;
    const names = seenAs === null ? [] : [seenAs.username, ...seenAs.groups];
    // An exemption has its part where it is the caller's own, or everybody's.
    const doors = (tablet === undefined ? [] : aclDoors(workspace, tablet)).filter(
      ({ name }) => !name.endsWith('.exempt') || [...names, 'gRPC'].includes(tablet?.acl.exempt ?? ''),
    );
    const asClaimed = prize.principal !== null && names.includes(prize.principal);
    return {
      ...found,
      outcome: read ? 'got-through' : 'cannot-decide',
      sentence: asClaimed
        ? `${capital(who)} read the table ${prize.table} as "${prize.principal ?? ''}".`
        : `${capital(who)} read the table ${prize.table} without being taken for "${prize.principal ?? ''}".`,
      why: [
        ...(asClaimed ? [claim.because] : []),
        ...(asClaimed && doors.length === 0 ? [] : ['The table ACL lets pass what it denies.']),
      ],
      evidence: [...found.evidence, ...evidence],
      settings: asClaimed ? [...doors, ...settings] : doors,
    };
  }
  const denied = found.stoppedAt?.hop === 'D' && prize.place !== null;
  return {
    ...found,
    evidence: [...found.evidence, ...evidence],
    settings: [
      ...settings.map(asItIs),
      ...(denied
        ? [
            fileSetting(
              `table ACL of ${prize.table}`,
              'not open to this caller',
              prize.place,
              null,
              '--table-acl-config',
            ),
          ]
        : []),
    ],
  };
}

/** The immediate caller that the tablet received with the statement; null: it got none, or kept no record. */
export function immediateAtTablet(ground: AttackGround, { traceId }: TestRun): ImmediateCaller | null {
  const steps = traceId === null ? [] : ground.cluster.recorder.steps(traceId);
  const received = steps.find(({ name }) => name === 'request.received')?.data['immediate'];
  if (received === null || typeof received !== 'object' || Array.isArray(received)) return null;
  const { username, groups } = received as { readonly [key: string]: unknown };
  if (typeof username !== 'string') return null;
  return { username, groups: Array.isArray(groups) ? groups.map(String) : [] };
}

/** `"batch"`, or `"batch" in the groups a, b`. */
export const callerWords = ({ username, groups }: ImmediateCaller): string =>
  `"${username}"${groups.length === 0 ? '' : ` in ${groups.length === 1 ? 'the group' : 'the groups'} ${groups.join(', ')}`}`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
