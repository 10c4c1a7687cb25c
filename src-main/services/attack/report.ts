import {
  attackGroups,
  holds,
  unscoredAs,
  type AcceptedAttacks,
  type AttackGroup,
  type AttackScore,
  type PerformedAttack,
  type ResponsibleSetting,
} from '../../domain/attacks';
import { traceReport } from '../../domain/trace';

/** Everything that a report of attacks tells. */
export interface AttackReport {
  readonly workspace: string;
  /** ISO 8601. */
  readonly at: string;
  readonly milliseconds: number;
  readonly performed: readonly PerformedAttack[];
  readonly accepted: AcceptedAttacks;
  readonly score: AttackScore;
}

/** Names of the groups for people. */
export const groupTitles: Readonly<Record<AttackGroup, string>> = {
  certificates: 'Certificates',
  'man-in-the-middle': 'Somebody in the middle',
  'rogue-component': 'Rogue components',
  'claimed-identity': 'Claimed identities',
  downgrade: 'Downgrades',
  passwords: 'Passwords',
  'acl-escape': 'Ways around the table ACL',
  injection: 'Injection',
  'fail-open': 'Settings that let in',
};

const words = {
  stopped: 'stopped',
  'got-through': 'GOT THROUGH',
  'cannot-decide': 'cannot decide',
  'not-here': 'not here',
};

/** The outcome in a word or two; an accepted one says so. */
export function outcomeWord({ card, result }: PerformedAttack, accepted: AcceptedAttacks): string {
  const unscored = unscoredAs(card);
  if (result.outcome === 'got-through' && unscored !== null)
    return unscored === 'weak-on-purpose' ? 'got through (weak on purpose)' : 'got through (for information)';
  if (result.outcome === 'got-through' && accepted.has(card.id)) return 'got through (accepted)';
  return words[result.outcome];
}

/** `attack --json` (docs/cli.md): schema 1, additive only. `traces`: each connection hop by hop as well. */
export function attackDocument(report: AttackReport, traces: boolean): unknown {
  const { performed, accepted, score } = report;
  return {
    schema: 1,
    workspace: report.workspace,
    at: report.at,
    milliseconds: Math.round(report.milliseconds),
    holds: holds(score),
    score,
    attacks: performed.map(({ card, result: { trace, milliseconds, ...result } }) => ({
      ...card,
      unscored: unscoredAs(card),
      ...result,
      milliseconds: Math.round(milliseconds * 10) / 10,
      accepted: accepted.get(card.id) ?? null,
      ...(traces ? { trace } : {}),
    })),
  };
}

/** One sentence on the whole. */
export function scoreSentence(score: AttackScore): string {
  if (score.tried === 0) return 'Nothing was tried.';
  const parts = [
    score.gotThrough === 0 ? 'Nothing got through' : `${score.gotThrough} of ${score.tried} got through`,
    ...(score.cannotDecide === 0 ? [] : [`${score.cannotDecide} could not be decided`]),
    ...(score.accepted === 0 ? [] : [`${score.accepted} got through as accepted`]),
    `${score.stopped} stopped`,
  ];
  return `${parts.join(', ')}.`;
}

/** `gateway main: mysql.tls = none (gatehouse.json:7, --mysql-server-ssl-cert): Set it.` */
export function settingLine({ name, value, place, flag, advice }: ResponsibleSetting): string {
  const where = [...(place === null ? [] : [`${place.file}:${place.line}`]), ...(flag === null ? [] : [flag])];
  return `${name} = ${value}${where.length === 0 ? '' : ` (${where.join(', ')})`}${advice === null ? '' : `: ${advice}`}`;
}

/** The report as plain text: the score, what got through with what to change, and every attack in a line. */
export function attackText(report: AttackReport): string {
  const { performed, accepted, score } = report;
  const lines = [`Gatehouse attacks ${report.at} ${report.workspace}: ${scoreSentence(score)}`, ''];
  for (const group of attackGroups) {
    const own = performed.filter(({ card }) => card.group === group);
    if (own.length === 0) continue;
    lines.push(groupTitles[group]);
    for (const attack of own) {
      const { card, result } = attack;
      lines.push(`  ${outcomeWord(attack, accepted)}: ${card.title}, ${card.aim}`, `      ${result.sentence}`);
      for (const { side, kind, text } of result.evidence) lines.push(`      ${side}, ${kind}: ${text}`);
      if (result.outcome === 'got-through')
        for (const setting of result.settings) lines.push(`      ${settingLine(setting)}`);
    }
    lines.push('');
  }
  return lines.join('\n');
}

/** A trace as text behind the attack that made it. */
export const attackTrace = ({ result }: PerformedAttack): string =>
  result.trace === null
    ? 'This attack is no whole connection, so there is no trace of hops.'
    : traceReport(result.trace);
