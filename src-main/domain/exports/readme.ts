import type { VitessMajor } from '../flags';
import type { Topology } from '../topology';
import type { ExportDifference } from './differences';
import { credentialsFile, type ExportedProgram } from './start-flags';

/** What the folder's README says of one file. */
export interface ReadmeFile {
  readonly path: string;
  readonly mode: number;
}

export interface ReadmeContent {
  readonly version: VitessMajor;
  readonly topology: Topology;
  readonly programs: readonly ExportedProgram[];
  readonly files: readonly ReadmeFile[];
  /** Files that the flags name and that are not in the folder, because they are secret. */
  readonly missing: readonly string[];
  /** One sentence on the run that proves the files, or that there was none. */
  readonly proof: string;
  readonly differences: readonly ExportDifference[];
  readonly topo: string;
}

/** A path as a word of a POSIX shell. */
const word = (text: string): string => (/^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** The line with which a POSIX shell starts a program with a file of flags, one a line, blanks and all. */
export const startLine = (program: string, file: string): string =>
  `(IFS='\n'; set -f; exec ${program} $(cat ${word(file)}))`;

const octal = (mode: number): string => `0${(mode & 0o777).toString(8)}`;

/** Breaks a sentence at 100 columns, with `indent` before each further line. */
function wrap(text: string, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const part of text.split(' ')) {
    if (line !== '' && line.length + part.length >= 100) {
      lines.push(line);
      line = indent + part;
    } else line = line === '' ? part : `${line} ${part}`;
  }
  return [...lines, line].join('\n');
}

/** README.txt of an export: what it is, how each program is started, what is missing, what was proved, what differs. */
export function exportReadme(content: ReadmeContent): string {
  const { topology, version, programs } = content;
  const external = topology.backends.filter(({ kind }) => kind === 'external').map(({ name }) => name);
  const local = topology.tablets.filter(({ backend }) => !external.includes(backend));
  const sections: string[] = [
    `${topology.name}: files and flags for Vitess ${version}`,
    wrap(
      `Each file below flags/ holds the flags of one program, one a line. Start it in this folder with the lines below; a POSIX shell needs nothing else. The flags name the topology server ${content.topo} and the cell ${topology.cell}: change them in the files where yours differ. Topology server, cell and keyspace must be there before.`,
    ),
    `Start\n\n${programs.map(({ program, file }) => `  ${startLine(program, file)}`).join('\n')}`,
  ];
  if (local.length > 0)
    sections.push(
      wrap(
        `${local.map(({ alias }) => alias).join(', ')}: the workspace ran MySQL itself. Before vttablet starts, "mysqlctl --${version === '22' ? 'tablet_uid' : 'tablet-uid'} NUMBER init" makes one (NUMBER: what follows the dash in the alias), and vttablet finds it over its Unix socket.`,
      ),
    );
  if (content.missing.length > 0)
    sections.push(
      `Not in this folder, because they are secret; put them there with mode 0600:\n\n${content.missing.map((path) => `  ${path}`).join('\n')}`,
    );
  if (external.length > 0 && content.missing.some((path) => path.startsWith('db-credentials-')))
    sections.push(`${external.map(credentialsFile).join(', ')}: {"USER": ["PASSWORD"]}, the login of MySQL, in JSON.`);
  sections.push(`Files\n\n${content.files.map(({ path, mode }) => `  ${octal(mode)}  ${path}`).join('\n')}`);
  sections.push(`Proof\n\n${wrap(content.proof)}`);
  sections.push(
    content.differences.length === 0
      ? 'Differences\n\nNone that this set-up could meet.'
      : `Differences between the workspace and Vitess ${version}\n\n${content.differences
          .map(({ kind, title, here, there }) =>
            kind === 'always'
              ? `${title}\n  ${wrap(here, '  ')}`
              : `${title}\n  ${wrap(`Workspace: ${here}`, '    ')}\n  ${wrap(`Vitess: ${there}`, '    ')}`,
          )
          .join('\n\n')}`,
  );
  return `${sections.join('\n\n')}\n`;
}
