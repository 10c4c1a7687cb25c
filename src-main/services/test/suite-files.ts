import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyChanges, GatehouseError, JsonTextEditor, readJson, type JsonValue } from '../../domain/kernel';
import { readSuite, type Cell, type Expectation, type Suite } from '../../domain/probes';
import { setJson } from '../../domain/workspace';
import { writeFileAtomic } from '../../servers/store';

/** A suite of a folder with the text it was read from. */
export interface SuiteFile {
  readonly path: string;
  readonly file: string;
  readonly suite: Suite;
  text: string;
}

/** The suites below tests/ that can be read, in name order. */
export async function readSuiteFiles(dir: string): Promise<SuiteFile[]> {
  const names = (await readdir(join(dir, 'tests')).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  const found: SuiteFile[] = [];
  for (const name of names) {
    const path = join(dir, 'tests', name);
    const bytes = await readFile(path);
    const { suite } = readSuite(bytes, `tests/${name}`);
    if (suite !== null) found.push({ path, file: `tests/${name}`, suite, text: bytes.toString('utf8') });
  }
  return found;
}

/** Suites hold no secret: passwords are named, not written. */
const SUITE_MODE = 0o644;

/** Writes a suite whose text was changed, after reading it once more: a text that is no suite is never written. */
export async function writeSuiteFile({ path, file, text }: SuiteFile): Promise<void> {
  const { suite, findings } = readSuite(Buffer.from(text), file);
  if (suite === null)
    throw new GatehouseError({
      code: 'test.suite',
      summary: `${file} would no longer be a suite: ${findings[0]?.message ?? 'unknown fault'}. Nothing was changed.`,
    });
  await writeFileAtomic(path, text, SUITE_MODE);
}

/** A wish for one cell: to be allowed, denied or refused, or what happened. */
export interface ExpectationWish {
  readonly cell: Cell;
  readonly wanted: Pick<Expectation, 'verdict' | 'stoppedAt'>;
}

const listsOf = (suite: Suite, caller: string): Record<'read' | 'write' | 'admin', readonly string[]> => ({
  read: suite.allow.get(caller)?.read ?? [],
  write: suite.allow.get(caller)?.write ?? [],
  admin: suite.allow.get(caller)?.admin ?? [],
});

/**
 * Changes expectations in the texts of suites. In the access matrix a caller's expectation is one for all its transports,
 * and either allowed or denied; a test of the way in has one expectation for all its combinations. Wishes that do not fit
 * are kept as they were: their number is returned beside that of the changed cells.
 */
export function changeExpectations(
  files: readonly SuiteFile[],
  wishes: readonly ExpectationWish[],
): { readonly changed: number; readonly kept: number; readonly touched: readonly SuiteFile[] } {
  let changed = 0;
  let kept = 0;
  const touched = new Set<SuiteFile>();
  for (const file of files) {
    const own = wishes.filter(({ cell }) => cell.suite === file.suite.name);
    const access = accessWishes(
      file.suite,
      own.filter(({ cell }) => cell.table !== null),
    );
    kept += access.kept;
    for (const [caller, lists] of access.callers) {
      file.text = withAllow(file, caller, lists);
      touched.add(file);
    }
    changed += access.changed;
    const tests = new Map<number, ExpectationWish[]>();
    for (const wish of own.filter(({ cell }) => cell.table === null)) {
      const index = file.suite.admissions.findIndex(({ name }) =>
        wish.cell.id.startsWith(`${file.suite.name}/admission/${name}/`),
      );
      if (index < 0) kept += 1;
      else tests.set(index, [...(tests.get(index) ?? []), wish]);
    }
    for (const [index, all] of tests) {
      const [first] = all;
      const present = file.suite.admissions[index]?.expect;
      const agree =
        first !== undefined &&
        all.every(
          ({ wanted }) => wanted.verdict === first.wanted.verdict && wanted.stoppedAt === first.wanted.stoppedAt,
        );
      if (first === undefined || present === undefined || !agree) {
        kept += all.length;
        continue;
      }
      if (
        present.verdict === first.wanted.verdict &&
        (first.wanted.stoppedAt === null || present.stoppedAt === first.wanted.stoppedAt)
      )
        continue;
      const { verdict, stoppedAt } = first.wanted;
      file.text = setJson(file.text, ['admissions', index, 'expect'], {
        verdict,
        ...(stoppedAt === null ? {} : { stoppedAt }),
      });
      touched.add(file);
      changed += all.length;
    }
  }
  return { changed, kept, touched: [...touched] };
}

function accessWishes(suite: Suite, wishes: readonly ExpectationWish[]) {
  const callers = new Map<string, Record<'read' | 'write' | 'admin', readonly string[]>>();
  const decided = new Map<string, boolean>();
  const contradicted = new Set<string>();
  let kept = 0;
  for (const { cell, wanted } of wishes) {
    if (wanted.verdict !== 'allow' && wanted.verdict !== 'deny') {
      kept += 1;
      continue;
    }
    const key = JSON.stringify([cell.caller.name, cell.table, cell.role]);
    const allowed = wanted.verdict === 'allow';
    // Two transports of one caller that came out differently cannot both be expected.
    if (decided.has(key) && decided.get(key) !== allowed) contradicted.add(key);
    decided.set(key, allowed);
  }
  let changed = 0;
  for (const [key, allowed] of decided) {
    if (contradicted.has(key)) {
      kept += 1;
      continue;
    }
    const [caller, table, role] = JSON.parse(key) as [string, string, 'read' | 'write' | 'admin'];
    const lists = callers.get(caller) ?? listsOf(suite, caller);
    if (lists[role].includes(table) === allowed) continue;
    const order = suite.tables.map(({ name }) => name);
    const list = allowed
      ? [...lists[role], table].sort((a, b) => order.indexOf(a) - order.indexOf(b))
      : lists[role].filter((one) => one !== table);
    callers.set(caller, { ...lists, [role]: list });
    changed += 1;
  }
  return { callers, changed, kept };
}

/** The text with the lists of one caller in `allow`; empty lists are left out, as in the samples. */
function withAllow(
  file: SuiteFile,
  caller: string,
  lists: Record<'read' | 'write' | 'admin', readonly string[]>,
): string {
  const value = Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
  const text = file.text;
  const reading = readJson(text);
  if (!reading.ok || reading.root.kind !== 'object') return text;
  const editor = new JsonTextEditor(text);
  const allow = reading.root.members.findLast(({ key }) => key === 'allow')?.value;
  if (allow?.kind !== 'object')
    return applyChanges(text, [editor.setMember(reading.root, 'allow', { [caller]: value }, ['tables', 'callers'])]);
  const own = allow.members.findLast(({ key }) => key === caller)?.value;
  if (own?.kind !== 'object') {
    const known = allow.members.map(({ key }) => key);
    return applyChanges(text, [editor.setMember(allow, caller, value, known)]);
  }
  let changedText = text;
  for (const role of ['read', 'write', 'admin'] as const)
    changedText = withList(changedText, caller, role, lists[role]);
  return changedText;
}

/** The text with one list of a caller; what is in it already keeps its look, one name after the other comes or goes. */
function withList(text: string, caller: string, role: 'read' | 'write' | 'admin', wanted: readonly string[]): string {
  const reading = readJson(text);
  const node = reading.ok ? memberOf(memberOf(reading.root, 'allow'), caller) : undefined;
  if (node?.kind !== 'object') return text;
  const editor = new JsonTextEditor(text);
  const present = memberOf(node, role);
  if (present?.kind !== 'array')
    return wanted.length === 0
      ? text
      : applyChanges(text, [editor.setMember(node, role, [...wanted], rolesBefore(role))]);
  if (wanted.length === 0) {
    const gone = editor.removeMember(node, role);
    return gone === null ? text : applyChanges(text, [gone]);
  }
  const is = present.items.map((item) => (item.kind === 'string' ? item.value : ''));
  const extra = is.findIndex((table) => !wanted.includes(table));
  if (extra >= 0) return withList(applyChanges(text, [editor.removeItem(present, extra)]), caller, role, wanted);
  const missing = wanted.findIndex((table) => !is.includes(table));
  if (missing < 0) return text;
  const at = Math.min(missing, is.length);
  return withList(applyChanges(text, [editor.insertItem(present, at, wanted[missing] ?? '')]), caller, role, wanted);
}

const roles = ['read', 'write', 'admin'];
const rolesBefore = (role: string): string[] => roles.slice(0, roles.indexOf(role));

type Node = Extract<ReturnType<typeof readJson>, { ok: true }>['root'];

const memberOf = (node: Node | undefined, key: string): Node | undefined =>
  node?.kind === 'object' ? node.members.findLast((member) => member.key === key)?.value : undefined;

/** One more item at the end of `callers` or `tables` of a suite's text. */
export function withItem(text: string, list: 'callers' | 'tables', item: JsonValue): string {
  const reading = readJson(text);
  if (!reading.ok || reading.root.kind !== 'object') return text;
  const editor = new JsonTextEditor(text);
  const node = memberOf(reading.root, list);
  if (node?.kind === 'array') return applyChanges(text, [editor.insertItem(node, node.items.length, item)]);
  return applyChanges(text, [
    editor.setMember(reading.root, list, [item], ['callers', 'gatewayName', 'gatewayTrust', 'name']),
  ]);
}
