import {
  answerTable,
  debugAcl,
  lookupTable,
  parseAclFile,
  reloadAcl,
  startAcl,
  type AclFileContent,
  type TableAcl,
} from '../../../src-main/domain/acl';
import type { TableRole } from '../../../src-main/domain/sql';
import { compare } from './compare';
import type { Replay, ReplaySettings } from './outcome';

type Page = readonly [status: number, body: unknown];
interface FileCase {
  readonly id: string;
  readonly kind: 'file';
  readonly content?: string;
  readonly contentBase64?: string;
  readonly verdict: 'accept' | 'reject';
  readonly loaded?: unknown;
  readonly error?: string;
  readonly log?: string;
}
interface LookupCase {
  readonly id: string;
  readonly kind: 'lookup';
  readonly acl: unknown;
  readonly tables?: readonly (readonly [table: string, group: string, allowed: boolean])[];
  readonly decisions?: readonly (readonly [
    table: string,
    role: TableRole,
    callers: readonly (readonly [username: string, groups: string[], allowed: boolean])[],
  ])[];
}
interface StartCase {
  readonly id: string;
  readonly kind: 'start';
  readonly flags: readonly string[];
  readonly content: string | null;
  readonly started: boolean;
  readonly error?: string;
  readonly log: readonly string[];
  readonly debugAcl?: Page;
  readonly steps?: readonly { readonly action: string; readonly log: readonly string[]; readonly debugAcl: Page }[];
}
type Case = FileCase | LookupCase | StartCase;
type Fidelity = ReplaySettings['fidelity'];

/** acl-files.json: files read, groups found for tables, and the start and the reloads of a tablet, by the rules alone. */
export const replayAclFiles: Replay = async function* (recording, { fidelity, only }) {
  for (const one of (recording as { cases: Case[] }).cases) {
    if (only !== undefined && !only(one.id)) continue;
    const [expected, seen] = play(one, fidelity);
    yield { id: one.id, compared: ['a'], differences: compare(expected, seen), recorded: one };
  }
};

function play(one: Case, fidelity: Fidelity): readonly [expected: unknown, seen: unknown] {
  switch (one.kind) {
    case 'file':
      return playFile(one, fidelity);
    case 'lookup':
      return playLookup(one, fidelity);
    case 'start':
      return playStart(one, fidelity);
    default:
      return [(one as Case).kind, 'a kind that cannot be played'];
  }
}

function playFile(one: FileCase, fidelity: Fidelity): readonly [unknown, unknown] {
  const bytes =
    one.content === undefined ? Buffer.from(one.contentBase64 ?? '', 'base64') : Buffer.from(one.content, 'utf8');
  const content = bytes.toString('utf8');
  const { acl, vitess, findings } = parseAclFile(bytes, { file: '{file}', fidelity });
  const accepted = one.verdict === 'accept';
  const expected = {
    accepted,
    message: one.error === undefined ? null : one.error.replace('{content}', () => content),
    log: one.log === undefined ? null : one.log.replaceAll('\u00a0', ' '),
    faults: !accepted,
    loaded: !accepted ? null : one.loaded === 'as written' ? JSON.parse(content) : one.loaded,
  };
  const faults = findings.some(({ level }) => level === 'error');
  const loaded: unknown = acl === null ? null : JSON.parse(debugAcl(acl));
  return [expected, { accepted: vitess.accepted, message: vitess.message, log: vitess.log, faults, loaded }];
}

function playLookup(one: LookupCase, fidelity: Fidelity): readonly [unknown, unknown] {
  const { acl } = parseAclFile(Buffer.from(JSON.stringify(one.acl)), { file: 'acl.json', fidelity });
  if (acl === null) return ['an ACL', 'none'];
  const reader = { username: 'r', groups: [] };
  const tables = (one.tables ?? []).map(([table]) => [
    table,
    lookupTable(acl, table)?.group.name ?? '',
    answerTable(acl, reader, { table, role: 'READER' }).principal !== null,
  ]);
  const decisions = (one.decisions ?? []).map(([table, role, callers]) => [
    table,
    role,
    callers.map(([username, groups]) => [
      username,
      groups,
      answerTable(acl, { username, groups }, { table, role }).granted,
    ]),
  ]);
  return [
    { tables: one.tables ?? [], decisions: one.decisions ?? [] },
    { tables, decisions },
  ];
}

/** The value of a flag in either spelling; '' without it. */
function flagValue(flags: readonly string[], name: string): string {
  for (const [index, flag] of flags.entries()) {
    const spelling = flag.replaceAll('_', '-');
    if (spelling === `--${name}`) return flags[index + 1] ?? '';
    if (spelling.startsWith(`--${name}=`)) return flag.slice(name.length + 3);
  }
  return '';
}

const switches =
  /^--(?:queryserver-config-strict-table-acl|queryserver-config-enable-table-acl-dry-run|enforce-tableacl-config)$/;

/** A word after a flag that takes none is a command to a program that knows no commands. */
function strayWord(flags: readonly string[]): string | null {
  const at = flags.findIndex(
    (flag, index) => !flag.startsWith('-') && switches.test((flags[index - 1] ?? '').replaceAll('_', '-')),
  );
  return at < 0 ? null : `unknown command "${flags[at] as string}" for "vttablet"`;
}

const contentOf = (content: string | null, path: string): AclFileContent => {
  if (path === '/') return { unreadable: 'read /: is a directory' };
  return content === null
    ? { unreadable: `open ${path}: no such file or directory` }
    : { bytes: Buffer.from(content, 'utf8') };
};

const page = (acl: TableAcl | null): Page => (acl === null ? [404, ''] : [200, JSON.parse(debugAcl(acl))]);

function playStart(one: StartCase, fidelity: Fidelity): readonly [unknown, unknown] {
  const { flags, content, started, error, log, debugAcl: shown, steps = [] } = one;
  const settings = {
    file: flagValue(flags, 'table-acl-config'),
    enforce: flags.includes('--enforce-tableacl-config'),
    exempt: flagValue(flags, 'queryserver-config-acl-exempt-acl'),
    fidelity,
  };
  const stray = strayWord(flags);
  if (stray !== null)
    return [
      { started, error },
      { started: false, error: stray },
    ];
  const start = startAcl(settings, contentOf(content, settings.file));
  let running = { acl: start.acl, reloads: start.reloads };
  const seenSteps = steps.map(({ action }) => {
    const became = /after the file became (.*)$/su.exec(action)?.[1];
    const reload = reloadAcl(running, settings, contentOf(became ?? null, settings.file));
    running = { ...running, acl: reload.acl };
    return { log: reload.log, debugAcl: page(running.acl) };
  });
  return [
    {
      started,
      error: error ?? null,
      log,
      debugAcl: shown,
      steps: steps.map((step) => ({ log: step.log, debugAcl: step.debugAcl })),
    },
    {
      started: start.error === null,
      error: start.error,
      log: start.log,
      debugAcl: shown === undefined ? undefined : page(start.acl),
      steps: seenSteps,
    },
  ];
}
