import type { AttackResult, Evidence, ResponsibleSetting } from '../../../domain/attacks';
import { plainText } from '../../../domain/trace';
import { placeOf } from '../evidence';
import type { AttackGround } from '../ground';
import type { Bait } from './bait';
import type { FollowedTalk } from './follow';
import { stoppingSettings, throughSettings } from './responsible';
import type { WayIn } from './insider';
import type { Tablet } from '../../../domain/topology';

/** What somebody is after: the canary, how the table is made (any row of an answer tells), or a change of the table. */
export type Wanted = 'rows' | 'structure' | 'change';

export interface TalkJudged {
  readonly who: WayIn & { readonly tablet: Tablet };
  readonly wanted: Wanted;
  readonly bait: Bait;
  /** Whether MySQL's root found the table changed afterwards. */
  readonly changed: boolean;
  /** What the canary is, when it is no table that the caller may not read: `another row of orders`. */
  readonly what?: string;
  /** What is responsible when it gets through, instead of the table ACL. */
  readonly through?: readonly ResponsibleSetting[];
  /** What stops it when everything is answered and nothing comes back. */
  readonly harmless?: readonly ResponsibleSetting[];
}

/** The turn and the place where the canary came back; null: it did not. */
export function canaryIn(
  { talk }: FollowedTalk,
  canary: string,
): { readonly turn: number; readonly text: string } | null {
  for (const [turn, { answers, error }] of talk.turns.entries()) {
    if (error?.message.includes(canary) === true)
      return { turn, text: `the canary ${canary} stands in the error ${error.code}` };
    for (const { table } of answers)
      for (const [index, row] of (table?.rows ?? []).entries())
        if (row.some((value) => value?.includes(canary) === true))
          return { turn, text: `the canary ${canary} came back in row ${index + 1}` };
  }
  return null;
}

/** What got through, in words, with the turn that shows it; null: nothing did. */
function gained(followed: FollowedTalk, about: TalkJudged): { turn: number; sentence: string; text: string } | null {
  const { talk } = followed;
  const { bait, who } = about;
  const last = talk.turns.length - 1;
  const canary = canaryIn(followed, bait.canary);
  const name = who.caller.name;
  if (canary !== null)
    return { ...canary, sentence: `${name} read ${about.what ?? bait.table}: the canary in it came back.` };
  if (about.changed)
    return {
      turn: last,
      text: `MySQL's root finds ${bait.table} changed`,
      sentence: `${name} changed ${bait.table}.`,
    };
  const answer = talk.turns[last];
  const rows = answer?.answers.reduce((sum, one) => sum + one.rows, 0) ?? 0;
  if (about.wanted === 'structure' && answer?.error === null && rows > 0)
    return {
      turn: last,
      text: rows === 1 ? 'answered with 1 row' : `answered with ${rows} rows`,
      sentence: `${name} was told about ${bait.table}.`,
    };
  return null;
}

/** The turn that tells how it ended: the table ACL's refusal before any other, else the first refusal, else the last turn. */
function decidingTurn({ talk, outcome }: FollowedTalk): number {
  const refused = talk.turns.flatMap(({ error, failure }, index) =>
    error === null && failure === null ? [] : [index],
  );
  const byAcl = refused.find((index) => ['deny', 'cannot-decide'].includes(outcome(index).verdict));
  return byAcl ?? refused[0] ?? talk.turns.length - 1;
}

/** Judges a conversation by what the attacker holds, whatever the answers said. */
export function talkResult(ground: AttackGround, followed: FollowedTalk, about: TalkJudged): AttackResult {
  const { talk, milliseconds } = followed;
  const got = gained(followed, about);
  if (got !== null) {
    const trace = followed.trace(got.turn);
    const hop = trace.hops.find(({ id }) => id === 'D');
    return {
      outcome: 'got-through',
      stoppedAt: null,
      sentence: got.sentence,
      why: hop?.why.map(plainText) ?? [],
      evidence: [{ kind: 'rows', side: 'mysql', text: got.text }, ...givenToMysql(followed)],
      settings: about.through ?? throughSettings(ground.workspace, about.who.tablet),
      trace,
      milliseconds,
    };
  }
  const turn = decidingTurn(followed);
  const outcome = followed.outcome(turn);
  const trace = followed.trace(turn);
  const one = talk.turns[turn];
  const base = {
    trace,
    milliseconds,
    why: trace.hops.find(({ id }) => id === trace.stoppedAt)?.why.map(plainText) ?? [],
  };
  const settings: readonly ResponsibleSetting[] = stoppingSettings(
    ground.workspace,
    about.who.tablet,
    followed,
    outcome,
  );
  const error = one?.error ?? talk.attempt.error;
  if (error !== null) {
    const place = placeOf(outcome.stoppedAt);
    const number = error.sqlState === null ? `gRPC code ${error.code}` : `${error.code} (${error.sqlState})`;
    const said: Evidence = { kind: 'error', side: place.side, text: `${number}: ${error.message}` };
    return {
      ...base,
      outcome: 'stopped',
      stoppedAt: place,
      sentence: plainText(trace.sentence),
      evidence: [said, ...givenToMysql(followed)],
      settings,
    };
  }
  if (talk.attempt.failure !== null)
    return {
      ...base,
      outcome: 'cannot-decide',
      stoppedAt: null,
      sentence: 'The connection ended without an answer.',
      evidence: [{ kind: 'closed', side: 'gateway', text: talk.attempt.failure }, ...givenToMysql(followed)],
      settings: [],
    };
  return {
    ...base,
    outcome: 'stopped',
    stoppedAt: null,
    sentence: `Everything was answered, and nothing of ${about.what ?? about.bait.table} was in it.`,
    evidence: [{ kind: 'rows', side: 'mysql', text: 'no canary in any answer' }, ...givenToMysql(followed)],
    settings: about.harmless ?? [],
  };
}

/** The tablet's final statements as evidence; a long text is cut. */
export const givenToMysql = ({ atMysql }: FollowedTalk): readonly Evidence[] =>
  atMysql.map((sql) => ({
    kind: 'record',
    side: 'tablet',
    text: `given to MySQL: ${sql.length > 400 ? `${sql.slice(0, 399)}…` : sql}`,
  }));
