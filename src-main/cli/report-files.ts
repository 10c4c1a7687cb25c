import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { csvReport, htmlReport, junitReport, type MatrixReport } from '../services/verify/report';
import { CommandExit, exitCode } from './exit';

/** Options of `verify` that write a file, each with its form and its name for people. */
const forms = [
  { flag: 'junit', name: 'JUnit report', write: junitReport },
  { flag: 'csv', name: 'CSV file', write: csvReport },
  { flag: 'html', name: 'HTML report', write: htmlReport },
] as const;

export interface ReportFileFlags {
  readonly junit?: string;
  readonly csv?: string;
  readonly html?: string;
}

export const wantsFiles = (flags: ReportFileFlags): boolean => forms.some(({ flag }) => flags[flag] !== undefined);

/** Ends with exit code 2 when a report could not be written to its place: better now than after the run. */
export async function requireWritable(flags: ReportFileFlags): Promise<void> {
  const places = new Map<string, string>();
  for (const { flag, name } of forms) {
    const path = flags[flag];
    if (path === undefined) continue;
    const refuse = (why: string): never => {
      throw new CommandExit(exitCode.usage, `${path}: the ${name} cannot be written there: ${why}. Nothing was run.`);
    };
    const other = places.get(resolve(path));
    if (other !== undefined) refuse(`the ${other} is to be written there`);
    places.set(resolve(path), name);
    const found = await stat(path).catch(() => null);
    if (found?.isDirectory() === true) refuse('it is a folder');
    const folder = dirname(resolve(path));
    if (found === null && (await stat(folder).catch(() => null))?.isDirectory() !== true)
      refuse(`${folder} is no folder`);
    await access(found === null ? folder : path, constants.W_OK).catch(() => refuse('this user may not write it'));
  }
}

/** Writes every form that was asked for. */
export async function writeReports(flags: ReportFileFlags, report: MatrixReport): Promise<void> {
  for (const { flag, write } of forms) {
    const path = flags[flag];
    if (path !== undefined) await writeFile(path, write(report));
  }
}
