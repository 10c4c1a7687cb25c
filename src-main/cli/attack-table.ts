import {
  attackGroups,
  type AcceptedAttacks,
  type AttackCard,
  type AttackOutcome,
  type PerformedAttack,
} from '../domain/attacks';
import {
  attackTrace,
  groupTitles,
  outcomeWord,
  scoreSentence,
  settingLine,
  type AttackReport,
} from '../services/attack/report';
import { printable } from './printable';
import { duration } from './progress';
import { columns } from './table';
import type { Terminal } from './terminal';

/** What would be tried, by group. */
export function printPlan(cards: readonly AttackCard[], terminal: Terminal): void {
  for (const group of attackGroups) {
    const own = cards.filter((card) => card.group === group);
    if (own.length === 0) continue;
    terminal.line(terminal.colors.bold(`\n${groupTitles[group]}`));
    const rows = own.map(({ id, title, aim, notHere }) => [
      terminal.colors.dim(id),
      title,
      printable(notHere === null ? aim : `not here: ${notHere}`),
    ]);
    for (const line of columns(rows)) terminal.line(`  ${line}`);
  }
  const here = cards.filter(({ notHere }) => notHere === null).length;
  terminal.line(`\n${here} attacks would be tried; ${cards.length - here} have no place here.`);
}

const mark = (attack: PerformedAttack, accepted: AcceptedAttacks, { colors }: Terminal): string => {
  const marks: Record<AttackOutcome, string> = {
    stopped: colors.green('✓'),
    'got-through': attack.card.scored && !accepted.has(attack.card.id) ? colors.red('!') : colors.yellow('~'),
    'cannot-decide': colors.red('?'),
    'not-here': colors.dim('–'),
  };
  return marks[attack.result.outcome];
};

/** One attack in full, with the connection hop by hop. */
export function printAttack(attack: PerformedAttack, accepted: AcceptedAttacks, terminal: Terminal): void {
  const { colors } = terminal;
  const { card, result } = attack;
  terminal.line(`\n${mark(attack, accepted, terminal)} ${colors.bold(card.title)} ${colors.dim(card.aim)}`);
  terminal.line(`  ${outcomeWord(attack, accepted)} ${colors.dim(`· ${duration(result.milliseconds)}`)}`);
  for (const line of card.about) terminal.line(`  ${colors.dim(printable(line))}`);
  terminal.line(`  ${printable(result.sentence)}`);
  for (const line of result.why) terminal.line(`  ${printable(line)}`);
  for (const { side, kind, text } of result.evidence)
    terminal.line(`  ${colors.dim(`${side}, ${kind}:`)} ${printable(text)}`);
  for (const { name, value, place, flag, advice } of result.settings)
    terminal.line(
      `  ${name} = ${value}${place === null ? '' : colors.dim(` ${place.file}:${place.line}`)}${flag === null ? '' : colors.dim(` ${flag}`)}${advice === null ? '' : ` → ${advice}`}`,
    );
  terminal.line();
  for (const line of attackTrace(attack).split('\n')) terminal.line(`  ${printable(line)}`);
}

/** The score by group, what got through with what to change, and with `all` every attack in a line. */
export function printAttacks(report: AttackReport, terminal: Terminal, all: boolean): void {
  const { colors } = terminal;
  const { performed, accepted, score } = report;
  const rows = score.groups
    .filter(({ group }) => performed.some(({ card }) => card.group === group))
    .map((group) => [
      group.gotThrough + group.cannotDecide > 0
        ? colors.red('!')
        : group.tried === 0
          ? colors.dim('–')
          : colors.green('✓'),
      groupTitles[group.group],
      `${group.stopped} stopped`,
      group.gotThrough === 0 ? colors.dim('none got through') : colors.red(`${group.gotThrough} got through`),
      [
        ...(group.accepted === 0 ? [] : [`${group.accepted} accepted`]),
        ...(group.cannotDecide === 0 ? [] : [`${group.cannotDecide} cannot decide`]),
        ...(group.notHere === 0 ? [] : [`${group.notHere} not here`]),
      ].join(', '),
    ]);
  terminal.line();
  for (const line of columns(rows)) terminal.line(`  ${line}`);
  for (const group of attackGroups) {
    const shown = performed.filter(
      ({ card, result }) =>
        card.group === group &&
        (all || (card.scored && (result.outcome === 'cannot-decide' || result.outcome === 'got-through'))),
    );
    if (shown.length === 0) continue;
    terminal.line(colors.bold(`\n${groupTitles[group]}`));
    for (const attack of shown) {
      const { card, result } = attack;
      terminal.line(
        `  ${mark(attack, accepted, terminal)} ${card.title} ${colors.dim(card.aim)} ${outcomeWord(attack, accepted)}`,
      );
      terminal.line(`      ${printable(result.sentence)}`);
      if (result.outcome === 'cannot-decide') for (const line of result.why) terminal.line(`      ${printable(line)}`);
      if (result.outcome === 'got-through')
        for (const setting of result.settings) terminal.line(`      ${settingLine(setting)}`);
      terminal.line(colors.dim(`      ${card.id}`));
    }
  }
  const sentence = scoreSentence(score);
  terminal.line(
    `\n${score.gotThrough + score.cannotDecide === 0 && score.tried > 0 ? colors.green(sentence) : colors.red(sentence)} ${colors.dim(`· ${duration(report.milliseconds)}`)}`,
  );
  if (score.gotThrough > 0)
    terminal.line(colors.dim('What is meant to be so goes into tests/attacks.json with its reason.'));
}
