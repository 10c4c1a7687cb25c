import { fidelityRules, type FidelityRule } from '../../../src-main/domain/fidelity';
import type { FileDifferences } from './collect';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function section(rule: FidelityRule, files: readonly FileDifferences[]): string {
  const { behaviour } = rule;
  const sides = Object.entries(behaviour).map(([name, text]) => `- **${name}**: ${text}`);
  const counted = files.flatMap(({ file, rules }) => {
    const found = rules[rule.id];
    if (found === undefined) return [];
    return [`${file}: ${found.vitess} under 24.0.4, ${found.hardened} hardened, \`${found.example}\` among them`];
  });
  return [
    `### ${rule.title}`,
    '',
    `\`${rule.id}\` · ${rule.source} · shown by \`${rule.test}\``,
    '',
    ...sides,
    `- **recorded cases**: ${counted.length === 0 ? 'none' : counted.join('; ')}`,
  ].join('\n');
}

/** docs/fidelity.md: every named difference, and how many recorded cases it changes. */
export function fidelityDocument(files: readonly FileDifferences[]): string {
  const unnamed = files.reduce((sum, file) => sum + file.unnamed.length, 0);
  const version = fidelityRules.filter(({ behaviour }) => !('vitess' in behaviour));
  const mode = fidelityRules.filter(({ behaviour }) => 'vitess' in behaviour);
  const lines = [
    '# Where versions and modes differ',
    '',
    'Made by `npm run conformance:differences`; the text of the rules is in `src-main/domain/fidelity/rules`. Every recorded',
    'case is played as recorded (`24.0-recorded`), with the fixes of 24.0.4, and hardened; what comes out otherwise is counted',
    'under the rule that is the reason.',
    '',
    '| Recording | cases | changed under 24.0.4, by rule | changed in hardened mode, by rule | without a rule |',
    '| --- | --- | --- | --- | --- |',
    ...files.map(({ file, cases, rules, unnamed: open }) => {
      const sum = (of: 'vitess' | 'hardened'): number => Object.values(rules).reduce((all, one) => all + one[of], 0);
      return `| ${cell(file)} | ${cases} | ${sum('vitess')} | ${sum('hardened')} | ${open.length} |`;
    }),
    '',
    unnamed === 0 ? 'No difference is without a rule.' : `${unnamed} differences are without a rule.`,
    '',
    '## Between 24.0-recorded and 24.0.4',
    '',
    ...version.flatMap((rule) => [section(rule, files), '']),
    '## Between vitess and hardened mode',
    '',
    ...mode.flatMap((rule) => [section(rule, files), '']),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
