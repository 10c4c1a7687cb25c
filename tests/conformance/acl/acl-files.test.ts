import { describe, expect, test } from 'vitest';
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
import type { TableRole } from '../../../src-main/domain/sql/reading';
import { readRecording } from './recordings';

const fidelity = { mode: 'vitess', version: '24.0-recorded' } as const;
const file = '/etc/acl.json';

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
  readonly tables?: readonly (readonly [string, string, boolean])[];
  readonly decisions?: readonly (readonly [string, TableRole, readonly (readonly [string, string[], boolean])[]])[];
}
interface StartCase {
  readonly id: string;
  readonly kind: 'start';
  readonly note: string;
  readonly flags: readonly string[];
  readonly content: string | null;
  readonly started: boolean;
  readonly error?: string;
  readonly log: readonly string[];
  readonly debugAcl?: readonly [number, unknown];
  readonly steps?: readonly {
    readonly action: string;
    readonly log: readonly string[];
    readonly debugAcl: readonly [number, unknown];
  }[];
}

const { cases } = readRecording('acl-files') as { cases: (FileCase | LookupCase | StartCase)[] };
const ofKind = <K extends FileCase | LookupCase | StartCase>(kind: K['kind']): K[] =>
  cases.filter((one): one is K => one.kind === kind);

/** Cases that cannot be replayed here, with the reason. */
const exceptions = new Map([
  ['start-26', 'the error comes from the reader of the command line, before any flag of the ACL is looked at'],
]);

const bytesOf = (one: FileCase): Buffer =>
  one.content === undefined ? Buffer.from(one.contentBase64 ?? '', 'base64') : Buffer.from(one.content, 'utf8');

function loadedAcl(acl: unknown): TableAcl {
  const { acl: loaded } = parseAclFile(Buffer.from(JSON.stringify(acl)), { file, fidelity });
  if (loaded === null) throw new Error('the ACL of a recording must load');
  return loaded;
}

describe('files: what vtaclcheck and vttablet say', () => {
  const files = ofKind<FileCase>('file');

  test.each(files.map((one) => [one.id, one] as const))('%s', (_id, one) => {
    const bytes = bytesOf(one);
    const content = bytes.toString('utf8');
    const { acl, vitess, findings } = parseAclFile(bytes, { file: '{file}', fidelity });
    expect({ accepted: vitess.accepted, message: vitess.message, log: vitess.log }).toEqual({
      accepted: one.verdict === 'accept',
      message: one.error === undefined ? null : one.error.replace('{content}', () => content),
      log: one.log === undefined ? null : one.log.replaceAll('\u00a0', ' '),
    });
    expect(acl !== null).toBe(vitess.accepted);
    expect(findings.some(({ level }) => level === 'error')).toBe(!vitess.accepted);
    if (acl === null) return;
    const wanted: unknown = one.loaded === 'as written' ? JSON.parse(content) : one.loaded;
    expect(JSON.parse(debugAcl(acl))).toEqual(wanted);
  });

  test('the count', () => {
    console.log(
      `acl-files.json: ${files.length} files replayed, ${exceptions.size} exception of ${cases.length} cases`,
    );
    expect(files.length).toBe(214);
    expect(exceptions.size / cases.length).toBeLessThan(0.01);
  });
});

describe('lookup: which group applies to a table', () => {
  for (const one of ofKind<LookupCase>('lookup')) {
    const acl = loadedAcl(one.acl);
    for (const [table, group, allowed] of one.tables ?? []) {
      test(`${one.id} ${JSON.stringify(table)}`, () => {
        expect(lookupTable(acl, table)?.group.name ?? '').toBe(group);
        const answer = answerTable(acl, { username: 'r', groups: [] }, { table, role: 'READER' });
        expect(answer.principal !== null).toBe(allowed);
      });
    }
    for (const [table, role, callers] of one.decisions ?? []) {
      test.each(callers)(`${one.id} ${table} ${role} %j %j`, (username, groups, allowed) => {
        expect(answerTable(acl, { username, groups }, { table, role }).granted).toBe(allowed);
      });
    }
  }
});

describe('start and reload of a tablet', () => {
  const flagValue = (flags: readonly string[], name: string): string => {
    for (const [index, flag] of flags.entries()) {
      const spelling = flag.replaceAll('_', '-');
      if (spelling === `--${name}`) return flags[index + 1] ?? '';
      if (spelling.startsWith(`--${name}=`)) return flag.slice(name.length + 3);
    }
    return '';
  };
  const unreadable = (path: string): AclFileContent => ({
    unreadable: path === '/' ? 'read /: is a directory' : `open ${path}: no such file or directory`,
  });
  const contentOf = (content: string | null, path: string): AclFileContent =>
    content === null || path === '/' ? unreadable(path) : { bytes: Buffer.from(content, 'utf8') };
  const debugPage = (acl: TableAcl | null): readonly [number, unknown] =>
    acl === null ? [404, ''] : [200, JSON.parse(debugAcl(acl))];

  test.each(ofKind<StartCase>('start').map((one) => [one.id, one.note, one] as const))('%s: %s', (id, _note, one) => {
    const reason = exceptions.get(id);
    if (reason !== undefined) {
      console.log(`${id} is not replayed: ${reason}`);
      return;
    }
    const settings = {
      file: flagValue(one.flags, 'table-acl-config'),
      enforce: one.flags.includes('--enforce-tableacl-config'),
      exempt: flagValue(one.flags, 'queryserver-config-acl-exempt-acl'),
      fidelity,
    };
    const start = startAcl(settings, contentOf(one.content, settings.file));
    expect(start.error).toBe(one.error ?? null);
    expect(start.error === null).toBe(one.started);
    expect(start.log).toEqual(one.log);
    if (one.debugAcl !== undefined) expect(debugPage(start.acl)).toEqual(one.debugAcl);

    let running = { acl: start.acl, reloads: start.reloads };
    for (const step of one.steps ?? []) {
      const became = /after the file became (.*)$/su.exec(step.action)?.[1];
      const reload = reloadAcl(running, settings, contentOf(became ?? null, settings.file));
      expect(reload.log).toEqual(step.log);
      running = { ...running, acl: reload.acl };
      expect(debugPage(running.acl)).toEqual(step.debugAcl);
    }
  });
});
