import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  QueryRulesEditData,
  QueryRulesEffect,
  QueryRulesFile,
  QueryRulesPart,
} from '../../contract/areas/query-rules';
import { GatehouseError, type JsonValue } from '../../domain/kernel';
import { editRulesText, parseQueryRules, planNames, readRulesForm, type RulesEdit } from '../../domain/query-rules';
import type { Tablet } from '../../domain/topology';
import { setJson } from '../../domain/workspace';
import { writeFileAtomic } from '../../servers/store';
import { accessImpact } from '../document/impact';
import type { WorkspaceDocument } from '../document/workspace-document';
import type { Workspace } from '../workspace/load-workspace';
import { schemaTables } from '../workspace/schema-tables';
import { noTablet } from './access-edits';

/** The condition of a rule that is made: a rule without any would refuse every statement at once. */
const FIRST_QUERY = 'select \\* from example';
/** Changed cells that are sent; the numbers are of all. */
const SHOWN = 200;

const versionOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** The query rules of one open workspace: what the page shows of them, edits of the draft, and what they change. */
export class QueryRulesService {
  constructor(
    private readonly document: WorkspaceDocument,
    private readonly now: () => Date,
  ) {}

  async view(): Promise<QueryRulesPart> {
    const { topology, files } = this.document.draft;
    const tables: Record<string, string[]> = {};
    for (const { name, schemaFile } of topology.keyspaces) {
      const schema = schemaFile === null ? undefined : files.get(schemaFile);
      tables[name] = schema === undefined ? [] : schemaTables(schema.toString('utf8')).sort();
    }
    return {
      tablets: topology.tablets.map(({ alias, keyspace, queryRules, queryRulesWatch }) => ({
        alias,
        keyspace,
        file: queryRules,
        watch: queryRulesWatch,
      })),
      files: await Promise.all([...this.#paths()].map((path) => this.#file(path, tables))),
      tables,
      plans: [...planNames],
    };
  }

  async edit(file: string, data: QueryRulesEditData): Promise<void> {
    this.#requireFile(file);
    const edit = editOf(data);
    await this.document.edit(labelOf(data), async (dir) => {
      const { text, state } = await this.#read(dir, file);
      if (state !== 'text') throw noFile(file);
      await write(dir, file, editRulesText(text, file, edit));
    });
  }

  /** Stores a whole text, broken or not; the version it has then. */
  async setText(file: string, text: string, base: string | null): Promise<{ version: string }> {
    this.#requireFile(file);
    const change = async (dir: string): Promise<void> => {
      const present = await this.#read(dir, file);
      if (base !== null && present.version !== base)
        throw new GatehouseError({
          code: 'query-rules.changed-elsewhere',
          summary: `${file} was changed elsewhere while it was being edited here. Both versions are kept until one is chosen.`,
        });
      await write(dir, file, text);
    };
    await this.document.edit(`Edit ${file}`, change, { merge: `query-rules-text:${file}` });
    return { version: versionOf(Buffer.from(text, 'utf8')) };
  }

  /** An empty file of rules for a tablet; its path. */
  async createFile(alias: string): Promise<string> {
    this.#tablet(alias);
    return this.document.edit('Create query rules', async (dir) => {
      const wanted = ['query-rules.json', `query-rules.${alias}.json`];
      const free = await Promise.all(wanted.map(async (path) => (await this.#read(dir, path)).state === 'missing'));
      const path = wanted[free.indexOf(true)];
      if (path === undefined)
        throw new GatehouseError({
          code: 'query-rules.file-exists',
          summary: `${wanted.join(' and ')} are there already. Choose one of them for ${alias} in gatehouse.json.`,
        });
      await write(dir, path, '[]\n');
      await setTablet(dir, alias, { queryRules: path });
      return path;
    });
  }

  async setTablet(
    alias: string,
    { file, watch }: { readonly file?: string | null | undefined; readonly watch?: boolean | undefined },
  ): Promise<void> {
    this.#tablet(alias);
    if (file != null) this.#requireFile(file);
    const label =
      file === undefined
        ? watch === true
          ? 'Read query rules again when they change'
          : 'Read query rules at the start only'
        : file === null
          ? `Take the query rules from ${alias}`
          : `Use ${file} for ${alias}`;
    await this.document.edit(label, (dir) =>
      setTablet(dir, alias, {
        ...(file === undefined ? {} : { queryRules: file }),
        ...(watch === undefined ? {} : { queryRulesWatch: watch }),
      }),
    );
  }

  /** What a text (null: the draft's) does to the saved tests, against the same workspace without rules. Writes nothing. */
  async effect(alias: string, text: string | null): Promise<QueryRulesEffect> {
    const { draft, secrets } = this.document;
    const { queryRules: path } = this.#tablet(alias);
    const without: Workspace = { ...draft, queryRules: new Map() };
    const content = path === null ? undefined : text === null ? draft.files.get(path) : Buffer.from(text, 'utf8');
    if (path === null || content === undefined)
      return {
        tablet: alias,
        vitess: { accepted: true, message: null },
        findings: [],
        cells: [],
        total: 0,
        loses: 0,
        contradicts: 0,
        broken: false,
      };
    const reading = parseQueryRules(content, { file: path, ...this.#known(alias) });
    const { rules } = reading;
    const after: Workspace = {
      ...draft,
      files: new Map([...draft.files, [path, content]]),
      queryRules: rules === null ? new Map() : new Map([...draft.queryRules, [path, rules]]),
    };
    const { cells, loses } = await accessImpact(without, after, { secrets, now: this.now() });
    const tested = cells.filter(({ suite }) => suite !== null);
    return {
      tablet: alias,
      vitess: reading.vitess,
      findings: [...reading.findings],
      cells: tested.slice(0, SHOWN).map(({ suite, caller, table, role, before, after: now, contradicts }) => ({
        suite,
        caller,
        table,
        role,
        before,
        after: now,
        contradicts,
      })),
      total: tested.length,
      loses,
      contradicts: tested.filter(({ contradicts }) => contradicts).length,
      broken: rules === null,
    };
  }

  #paths(): Set<string> {
    return new Set(this.document.draft.topology.tablets.flatMap(({ queryRules }) => queryRules ?? []));
  }

  #requireFile(path: string): void {
    if (!this.#paths().has(path))
      throw new GatehouseError({
        code: 'query-rules.no-file',
        summary: `No tablet of the draft has its query rules in ${path}.`,
      });
  }

  #tablet(alias: string): Tablet {
    const tablet = this.document.draft.topology.tablets.find((one) => one.alias === alias);
    if (tablet === undefined) throw noTablet(alias);
    return tablet;
  }

  #known(alias: string): { readonly tables?: ReadonlySet<string> } {
    const { topology, files } = this.document.draft;
    const schemaFile = topology.keyspaces.find(({ name }) => name === this.#tablet(alias).keyspace)?.schemaFile ?? null;
    const schema = schemaFile === null ? undefined : files.get(schemaFile);
    return schema === undefined ? {} : { tables: new Set(schemaTables(schema.toString('utf8'))) };
  }

  async #read(dir: string, path: string) {
    try {
      const bytes = await readFile(join(dir, path));
      return { state: 'text' as const, bytes, text: bytes.toString('utf8'), version: versionOf(bytes) };
    } catch (error) {
      const state = (error as NodeJS.ErrnoException).code === 'ENOENT' ? ('missing' as const) : ('unreadable' as const);
      return { state, bytes: Buffer.alloc(0), text: '', version: state };
    }
  }

  async #file(path: string, tables: Readonly<Record<string, readonly string[]>>): Promise<QueryRulesFile> {
    const { state, bytes, text, version } = await this.#read(this.document.draft.paths.dir, path);
    const keyspace = this.document.draft.topology.tablets.find(({ queryRules }) => queryRules === path)?.keyspace ?? '';
    const known = tables[keyspace] ?? [];
    const { vitess, findings } =
      state === 'text'
        ? parseQueryRules(bytes, { file: path, ...(known.length === 0 ? {} : { tables: new Set(known) }) })
        : { vitess: { accepted: false, message: null }, findings: [] };
    const rules = state === 'text' ? readRulesForm(text) : null;
    return {
      path,
      state,
      version,
      text,
      rules:
        rules?.map(({ line, endLine, ...rule }) => ({
          ...rule,
          plans: [...rule.plans],
          tableNames: [...rule.tableNames],
          bindVarConds: [...rule.bindVarConds],
          line,
          findings: findings.filter((one) => one.line >= line && one.line < Math.max(endLine, line + 1)),
        })) ?? null,
      vitess,
      findings: [...findings],
    };
  }
}

/** Writes a file of rules of the draft; others may read it, as vttablet's own. */
const write = (dir: string, path: string, text: string): Promise<void> => writeFileAtomic(join(dir, path), text, 0o644);

const noFile = (file: string): GatehouseError =>
  new GatehouseError({ code: 'query-rules.no-file', summary: `${file} is not there or cannot be read. Make it anew.` });

async function setTablet(dir: string, alias: string, change: Readonly<Record<string, JsonValue>>): Promise<void> {
  const path = join(dir, 'gatehouse.json');
  let text = await readFile(path, 'utf8');
  const index =
    (JSON.parse(text) as { tablets?: { alias?: unknown }[] }).tablets?.findIndex((one) => one.alias === alias) ?? -1;
  if (index < 0) throw noTablet(alias);
  for (const [key, value] of Object.entries(change)) text = setJson(text, ['tablets', index, key], value);
  await writeFileAtomic(path, text, 0o644);
}

function editOf(data: QueryRulesEditData): RulesEdit {
  switch (data.kind) {
    case 'add':
      return { kind: 'add', rule: { Name: data.name, Description: data.description, Query: FIRST_QUERY } };
    case 'set-text':
      return { kind: 'set', index: data.index, key: data.key, value: data.value };
    case 'set-list':
      return { kind: 'set', index: data.index, key: data.key, value: data.values.length === 0 ? null : data.values };
    case 'set-binds': {
      const conditions = data.conditions.map((one) => JSON.parse(JSON.stringify(one)) as JsonValue);
      return {
        kind: 'set',
        index: data.index,
        key: 'BindVarConds',
        value: conditions.length === 0 ? null : conditions,
      };
    }
    default:
      return data;
  }
}

function labelOf(data: QueryRulesEditData): string {
  switch (data.kind) {
    case 'add':
      return 'Add query rule';
    case 'remove':
      return 'Delete query rule';
    case 'move':
      return 'Move query rule';
    case 'set-binds':
      return 'Change bind variables of query rule';
    default:
      return `Change ${data.key} of query rule`;
  }
}
