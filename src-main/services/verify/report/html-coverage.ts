import type { Coverage, CoveredLine } from '../../../domain/probes';
import { counted, html, named, number } from './html-text';

/** What a line is, for people: `reader maria of money`. */
export function lineWords({ kind, group, list, text }: CoveredLine): string {
  const of = group === '' ? 'a nameless table group' : `table group ${group}`;
  switch (kind) {
    case 'group':
      return of;
    case 'entry':
      return `entry ${text} of ${of}`;
    case 'list':
      return `list of ${list ?? ''} of ${of}`;
    case 'member':
      return `${(list ?? '').replace(/s$/, '')} ${text} of ${of}`;
    case 'user':
      return `entry ${text} of user ${group}`;
  }
}

/** How warm a line is among those of its file: 0 untouched, 3 in the upper third. */
export function heatOf(tests: number, most: number): 0 | 1 | 2 | 3 {
  if (tests === 0) return 0;
  const share = tests / Math.max(1, most);
  return share > 2 / 3 ? 3 : share > 1 / 3 ? 2 : 1;
}

const words = ({ tests, proven, unreachable }: CoveredLine): string =>
  unreachable === 'repeated'
    ? 'stands in the list before: never reached'
    : unreachable !== null
      ? 'lets nobody in: never reached'
      : tests === 0
        ? 'no test'
        : `${counted(tests, 'test', 'tests')}, ${number(proven)} proven`;

/** The lines of the files that decide, those without a test first. */
export function coverageSection({ files, totals }: Coverage): string {
  const sections = files
    .filter(({ lines }) => lines.length > 0)
    .map(({ file, lines }) => {
      const most = Math.max(...lines.map(({ tests }) => tests));
      const cold = lines.filter(({ tests, unreachable }) => tests === 0 && unreachable === null);
      const rows = [...cold, ...lines.filter((line) => !cold.includes(line))].map(
        (line) =>
          `<tr class="heat${heatOf(line.tests, most)}${cold.includes(line) ? ' untouched' : ''}"><td>${line.line > 0 ? number(line.line) : '–'}</td><td>${html(lineWords(line), 200)}</td><td>${words(line)}</td></tr>`,
      );
      return `<h3><code>${named(file)}</code></h3><div class="scroll"><table class="small"><thead><tr><th scope="col">Line</th><th scope="col">What</th><th scope="col">Tests</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>`;
    });
  return `<h2>What the tests touch</h2>
<p class="mute">${number(totals.touched)} of ${counted(totals.lines, 'line', 'lines')} of the files that decide; ${number(totals.proven)} proven by a run.</p>
${sections.join('\n')}`;
}
