import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  applyChanges,
  GatehouseError,
  JsonTextEditor,
  readJson,
  type JsonNode,
  type JsonValue,
  type TextChange,
} from '../../domain/kernel';
import { readSuite, SUITE_SCHEMA, type ProbeCaller, type Suite } from '../../domain/probes';
import { writeFileAtomic } from '../../servers/store';

/** A file of tests with its callers as they stand in the text. */
interface SuiteFile {
  /** Workspace-relative. */
  readonly file: string;
  readonly text: string;
  readonly suite: Suite;
  readonly callers: JsonNode & { readonly kind: 'array' };
}

type ObjectNode = JsonNode & { readonly kind: 'object' };

const member = (node: JsonNode | undefined, key: string): JsonNode | undefined =>
  node?.kind === 'object' ? node.members.find((candidate) => candidate.key === key)?.value : undefined;

/** Every readable file of tests below `dir`; broken ones are left alone, `check` speaks of them. */
async function suiteFiles(dir: string): Promise<SuiteFile[]> {
  const names = (await readdir(join(dir, 'tests')).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  const found: SuiteFile[] = [];
  for (const name of names) {
    const file = `tests/${name}`;
    const bytes = await readFile(join(dir, file));
    const { suite } = readSuite(bytes, file);
    const text = bytes.toString('utf8');
    const reading = readJson(text);
    const callers = reading.ok ? member(reading.root, 'callers') : undefined;
    if (suite !== null && callers?.kind === 'array') found.push({ file, text, suite, callers });
  }
  return found;
}

const write = (dir: string, file: string, text: string): Promise<void> => writeFileAtomic(join(dir, file), text, 0o644);

/** Changes the callers of every file of tests; files without a change are not written. */
async function changeCallers(
  dir: string,
  change: (caller: ObjectNode, read: ProbeCaller, editor: JsonTextEditor) => TextChange | null,
): Promise<number> {
  let changed = 0;
  for (const { file, text, suite, callers } of await suiteFiles(dir)) {
    const editor = new JsonTextEditor(text);
    const changes = callers.items.flatMap((node, at) => {
      const read = suite.callers[at];
      return node.kind === 'object' && read !== undefined ? (change(node, read, editor) ?? []) : [];
    });
    if (changes.length === 0) continue;
    await write(dir, file, applyChanges(text, changes));
    changed += changes.length;
  }
  return changed;
}

/** Lets tests that type the secret `from` type `to` instead; the number of callers changed. */
export const replaceSecret = (dir: string, from: string, to: string): Promise<number> =>
  changeCallers(dir, (node, { password }, editor) => {
    const secret = password !== null && 'secret' in password ? password.secret : null;
    const value = member(member(node, 'password'), 'secret');
    return secret === from && value !== undefined ? editor.replace(value, to) : null;
  });

/** Lets tests that log in as `from` at one of `gateways` log in as `to`. */
export const renameLogin = (dir: string, gateways: readonly string[], from: string, to: string): Promise<number> =>
  changeCallers(dir, (node, { gateway, user, certificate }, editor) => {
    const value = member(node, 'user');
    const isThisUser = user === from && certificate === null && gateways.includes(gateway);
    return isThisUser && value !== undefined ? editor.replace(value, to) : null;
  });

/** Puts a caller into the first file of tests, or into one of its own where there is none; says which. */
export async function addTestCaller(
  dir: string,
  workspace: string,
  caller: JsonValue & { name: string },
): Promise<string> {
  const files = await suiteFiles(dir);
  const taken = files.find(({ suite }) => suite.callers.some(({ name }) => name === caller.name));
  if (taken !== undefined)
    throw new GatehouseError({
      code: 'callers.test-name-taken',
      summary: `${taken.file} has a caller "${caller.name}" already. Choose another name.`,
    });
  const [first] = files;
  if (first === undefined) {
    const present = await readdir(join(dir, 'tests')).catch(() => []);
    const file = `tests/${freeName(present, 'callers')}`;
    const suite = { schema: SUITE_SCHEMA, name: workspace, callers: [caller], tables: [] };
    await write(dir, file, `${JSON.stringify(suite, null, 2)}\n`);
    return file;
  }
  const editor = new JsonTextEditor(first.text);
  await write(
    dir,
    first.file,
    applyChanges(first.text, [editor.insertItem(first.callers, first.callers.items.length, caller)]),
  );
  return first.file;
}

function freeName(taken: readonly string[], stem: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? `${stem}.json` : `${stem}-${number}.json`;
    if (!taken.includes(name)) return name;
  }
}

/**
 * Takes the callers `matches` finds out of all files of tests, with their expectations, so that no test speaks of nobody;
 * the names removed.
 */
export async function removeTestCallers(dir: string, matches: (caller: ProbeCaller) => boolean): Promise<string[]> {
  const removed: string[] = [];
  for (const { file, suite } of await suiteFiles(dir)) {
    const gone = suite.callers.filter(matches).map(({ name }) => name);
    for (const name of gone) {
      // One caller after the other: each removal is read anew, so that neighbours are never cut twice.
      const text = await readFile(join(dir, file), 'utf8');
      await write(dir, file, withoutCaller(text, name));
    }
    removed.push(...gone);
  }
  return removed;
}

function withoutCaller(text: string, name: string): string {
  const once = (present: string, find: (root: JsonNode, editor: JsonTextEditor) => TextChange | null): string => {
    const reading = readJson(present);
    const change = reading.ok ? find(reading.root, new JsonTextEditor(present)) : null;
    return change === null ? present : applyChanges(present, [change]);
  };
  const nameOf = (node: JsonNode): string | null => {
    const value = member(node, 'name');
    return value?.kind === 'string' ? value.value : null;
  };
  let edited = once(text, (root, editor) => {
    const callers = member(root, 'callers');
    const at = callers?.kind === 'array' ? callers.items.findIndex((item) => nameOf(item) === name) : -1;
    return callers?.kind === 'array' && at >= 0 ? editor.removeItem(callers, at) : null;
  });
  edited = once(edited, (root, editor) => {
    const allow = member(root, 'allow');
    return allow?.kind === 'object' ? editor.removeMember(allow, name) : null;
  });
  for (;;) {
    const next = once(edited, (root, editor) => dropFromAdmission(root, name, editor));
    if (next === edited) return edited;
    edited = next;
  }
}

/** The first admission test that names the caller: without it, or the whole test when nobody else is left. */
function dropFromAdmission(root: JsonNode, name: string, editor: JsonTextEditor): TextChange | null {
  const admissions = member(root, 'admissions');
  if (admissions?.kind !== 'array') return null;
  for (const [index, admission] of admissions.items.entries()) {
    const callers = member(admission, 'callers');
    if (callers?.kind !== 'array') continue;
    const at = callers.items.findIndex((item) => item.kind === 'string' && item.value === name);
    if (at < 0) continue;
    return callers.items.length === 1 ? editor.removeItem(admissions, index) : editor.removeItem(callers, at);
  }
  return null;
}
