import { attackGroups } from '../../domain/attacks';
import { xmlText } from '../verify/report/junit';
import { groupTitles, settingLine, type AttackReport } from './report';

/** The report as JUnit XML: a suite for each group; what got through or could not be decided is a failure. */
export function attackJunit({ performed, accepted, score, workspace, milliseconds }: AttackReport): string {
  const bad = score.gotThrough + score.cannotDecide;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xmlText(workspace)}" tests="${performed.length}" failures="${bad}" time="${(milliseconds / 1000).toFixed(3)}">`,
  ];
  for (const group of attackGroups) {
    const own = performed.filter(({ card }) => card.group === group);
    if (own.length === 0) continue;
    const failed = own.filter(
      ({ card, result }) =>
        card.scored &&
        (result.outcome === 'cannot-decide' || (result.outcome === 'got-through' && !accepted.has(card.id))),
    );
    const left = own.filter(({ card, result }) => result.outcome === 'not-here' || !card.scored);
    lines.push(
      `  <testsuite name="${xmlText(groupTitles[group])}" tests="${own.length}" failures="${failed.length}" skipped="${left.length}">`,
    );
    for (const attack of own) {
      const { card, result } = attack;
      const head = `    <testcase classname="${group}" name="${xmlText(card.id)}" time="${(result.milliseconds / 1000).toFixed(4)}"`;
      if (failed.includes(attack)) {
        const advice = result.settings.map(settingLine);
        const text = [result.sentence, ...result.why, ...advice].join('\n');
        lines.push(
          `${head}>`,
          `      <failure message="${xmlText(result.outcome === 'got-through' ? 'got through' : 'cannot decide')}">${xmlText(text)}</failure>`,
          '    </testcase>',
        );
      } else if (left.includes(attack))
        lines.push(`${head}>`, `      <skipped message="${xmlText(result.sentence)}"/>`, '    </testcase>');
      else lines.push(`${head}/>`);
    }
    lines.push('  </testsuite>');
  }
  lines.push('</testsuites>', '');
  return lines.join('\n');
}
