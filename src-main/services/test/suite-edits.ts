import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestCaller, TransportId } from '../../contract/areas/test';
import { GatehouseError } from '../../domain/kernel';
import { SUITE_SCHEMA, type Cell, type PasswordSource } from '../../domain/probes';
import type { UserEntry } from '../../domain/users';
import { writeFileAtomic } from '../../servers/store';
import type { Cluster } from '../cluster/cluster';
import type { WorkspaceDocument } from '../document/workspace-document';
import { knownNames } from '../workspace/known-names';
import { loadWorkspace, type Workspace } from '../workspace/load-workspace';
import { backendTables, type BackendTable } from './backend-tables';
import { freeName, gatewayTrust, suiteCaller, suiteTable } from './default-suite';
import { coverageOfPlan } from './coverage';
import { planMatrix, type MatrixPlan } from './matrix-model';
import type { CellFailure, CellOutcome } from './run-cells';
import type { SavedPasswords } from './saved-password';
import {
  changeExpectations,
  readSuiteFiles,
  withItem,
  writeSuiteFile,
  type ExpectationWish,
  type SuiteFile,
} from './suite-files';
import { testCallers } from './test-choices';
import { testFor, wantedWords, type TestMaterial } from './test-maker';

/** How many expectations were changed, and how many could not be. */
export interface Counted {
  readonly changed: number;
  readonly kept: number;
}

const DEFAULT_FILE = 'tests/access.json';
const DEFAULT_NAME = 'access';

const wishes = {
  allow: { verdict: 'allow', stoppedAt: null },
  deny: { verdict: 'deny', stoppedAt: 'tablet' },
  refuse: { verdict: 'refused', stoppedAt: null },
} as const;

/** Edits of the draft's suites: expectations, tables, callers, and the first suite of a workspace that has none. */
export class SuiteEdits {
  constructor(
    readonly document: WorkspaceDocument,
    readonly passwords: SavedPasswords,
    readonly cluster: () => Cluster | null,
  ) {}

  suites(): Promise<SuiteFile[]> {
    return readSuiteFiles(this.document.draftDir);
  }

  /** Changes what is expected of cells; `actual`: what happened. */
  expect(
    cells: readonly Cell[],
    wanted: 'allow' | 'deny' | 'refuse' | 'actual',
    results: ReadonlyMap<string, CellOutcome | CellFailure>,
  ): Promise<Counted> {
    const asked = cells.flatMap((cell) => wishOf(cell, wanted, results));
    const label =
      wanted === 'actual'
        ? 'Accept results as expectations'
        : wanted === 'allow'
          ? 'Expect allowed'
          : wanted === 'deny'
            ? 'Expect denied'
            : 'Expect refused';
    return this.document.edit(label, async (dir) => {
      const { changed, kept, touched } = changeExpectations(await readSuiteFiles(dir), asked);
      for (const file of touched) await writeSuiteFile(file);
      return { changed, kept: kept + cells.length - asked.length };
    });
  }

  /** What `expect(…, 'actual')` would do; nothing is written. */
  async countActual(cells: readonly Cell[], results: ReadonlyMap<string, CellOutcome | CellFailure>): Promise<Counted> {
    const asked = cells.flatMap((cell) => wishOf(cell, 'actual', results));
    const { changed, kept } = changeExpectations(await this.suites(), asked);
    return { changed, kept: kept + cells.length - asked.length };
  }

  /** Tables that can be tested: the running backend's and those that the workspace's files name. */
  async tables(): Promise<{ readonly name: string; readonly tested: boolean; readonly inBackend: boolean }[]> {
    const listed = await this.#listed();
    const tested = new Set((await this.suites()).flatMap(({ suite }) => suite.tables.map(({ name }) => name)));
    const names = [...new Set([...listed.keys(), ...knownTables(this.document), ...tested])].sort();
    return names.map((name) => ({ name, tested: tested.has(name), inBackend: listed.has(name) }));
  }

  /** Adds a table to the first suite of the draft. */
  async addTable(table: string): Promise<void> {
    const comment = (await this.#listed().catch(() => new Map<string, BackendTable>())).get(table)?.comment ?? '';
    await this.#change(`Add table ${table} to the tests`, ({ suite }) => {
      if (suite.tables.some(({ name }) => name === table)) throw taken(`The tests already have a table ${table}.`);
      return (text) => withItem(text, 'tables', suiteTable(table, comment));
    });
  }

  /** Adds somebody who can be tested as to the first suite of the draft. Throws GatehouseError `test.caller`, `test.password`. */
  async addCaller(id: string, transports: readonly TransportId[], now: Date): Promise<void> {
    const caller = testCallers(this.document.draft, this.passwords, now).find((one) => one.id === id);
    if (caller === undefined)
      throw new GatehouseError({ code: 'test.caller', summary: 'This caller is no longer in the workspace.' });
    const password = await this.#keptPassword(caller, transports);
    await this.#change(`Add caller ${caller.name} to the tests`, ({ suite }) => {
      const name = freeName(caller.name, new Set(suite.callers.map((one) => one.name)));
      return (text) => withItem(text, 'callers', suiteCaller(caller, name, password, transports));
    });
  }

  /** Makes tests/access.json from everybody whose password is known and every table that is known; all of it expected to be denied. */
  async createSuite(now: Date): Promise<{ readonly callers: number; readonly tables: number }> {
    const { draft } = this.document;
    const present = await this.suites();
    if (present.some(({ file }) => file === DEFAULT_FILE)) throw taken(`${DEFAULT_FILE} is there already.`);
    const names = new Set<string>();
    const callers = [];
    for (const caller of testCallers(draft, this.passwords, now)) {
      const [transport] = caller.transports;
      if (caller.kind === 'nobody' || caller.password === 'typed' || transport === undefined) continue;
      if (caller.proof.endsWith(', refused now')) continue;
      const name = freeName(caller.name, names);
      names.add(name);
      callers.push(suiteCaller(caller, name, await this.#keptPassword(caller, [transport]), [transport]));
    }
    const listed = await this.#listed().catch(() => new Map<string, BackendTable>());
    const tables = [...new Set([...listed.keys(), ...knownTables(this.document)])].sort();
    if (callers.length === 0)
      throw new GatehouseError({
        code: 'test.no-caller',
        summary: 'The matrix needs a caller whose password or certificate the workspace has.',
      });
    if (tables.length === 0)
      throw new GatehouseError({
        code: 'test.no-table',
        summary: 'No tables are known. Start the cluster, or add a table by name.',
      });
    const { trust, name } = gatewayTrust(draft);
    const suite = {
      schema: SUITE_SCHEMA,
      name: freeName(DEFAULT_NAME, new Set(present.map(({ suite: one }) => one.name))),
      ...(trust === null ? {} : { gatewayTrust: trust }),
      gatewayName: name,
      callers,
      tables: tables.map((table) => suiteTable(table, listed.get(table)?.comment ?? '')),
      allow: {},
    };
    await this.document.edit(`Create ${DEFAULT_FILE}`, async (dir) => {
      await mkdir(join(dir, 'tests'), { recursive: true });
      await writeFileAtomic(join(dir, DEFAULT_FILE), `${JSON.stringify(suite, null, 2)}\n`, 0o644);
    });
    return { callers: callers.length, tables: tables.length };
  }

  /** Suites name secrets; a password that stands in clear in a users file is kept among the secrets for it. */
  async #keptPassword(
    caller: {
      readonly gateway: string;
      readonly user: string | null;
      readonly password: string;
      readonly name: string;
    },
    transports: readonly TransportId[],
  ): Promise<PasswordSource | null> {
    if (caller.user === null) return null;
    const overMysql = transports[0]?.startsWith('mysql-') ?? true;
    if (caller.password === 'none') return overMysql ? { text: '' } : null;
    const source = this.passwords.sourceFor(this.document.draft, caller.gateway, caller.user, overMysql);
    if (source === null)
      throw new GatehouseError({
        code: 'test.password',
        summary: `The workspace does not know the password of ${caller.user}, so its tests cannot use it.`,
      });
    return 'secret' in source ? source : this.passwords.keep(caller.user, source.text);
  }

  /** What tests can be made of: for `testFor`. */
  async testMaker(now: Date): Promise<TestMaterial> {
    const { draft } = this.document;
    const listed = await this.#listed().catch(() => new Map<string, BackendTable>());
    const known = this.passwords.known;
    return {
      suites: (await this.suites()).map(({ suite }) => suite),
      callers: testCallers(draft, this.passwords, now),
      tables: [...new Set([...listed.keys(), ...knownTables(this.document)])].sort(),
      now,
      knowsPassword: (entry) => known.of(entry) !== null || entry.password !== null,
    };
  }

  /** Adds a test for a line that none touches: its caller, its table and what is expected. Throws GatehouseError `test.untouchable`. */
  async addTestFor(
    workspace: Workspace,
    plan: MatrixPlan,
    file: string,
    id: string,
    now: Date,
  ): Promise<{ readonly test: string }> {
    const material = await this.testMaker(now);
    const line = coverageOfPlan(workspace, plan, new Map())
      .files.find((one) => one.file === file)
      ?.lines.find((one) => one.id === id);
    const wanted =
      line === undefined ? { obstacle: 'The file has changed.' } : testFor(workspace, plan, material, file, line);
    if ('obstacle' in wanted) throw new GatehouseError({ code: 'test.untouchable', summary: wanted.obstacle });
    const comment =
      (await this.#listed().catch(() => new Map<string, BackendTable>())).get(wanted.table)?.comment ?? '';
    const { caller } = wanted;
    const password = caller.kind === 'there' ? null : await this.#passwordOfEntry(caller.caller, caller.entry);
    await this.document.edit(`Add a test: ${wantedWords(wanted)}`, async (dir) => {
      const target = (await readSuiteFiles(dir))[wanted.suite];
      if (target === undefined)
        throw new GatehouseError({ code: 'test.no-suite', summary: 'The workspace has no tests yet.' });
      if (wanted.isNewTable) target.text = withItem(target.text, 'tables', suiteTable(wanted.table, comment));
      let name = caller.kind === 'there' ? caller.name : '';
      if (caller.kind === 'new') {
        name = freeName(caller.caller.name, new Set(target.suite.callers.map((one) => one.name)));
        const way = caller.caller.transports.slice(0, 1);
        target.text = withItem(target.text, 'callers', suiteCaller(caller.caller, name, password, way));
      }
      await writeSuiteFile(target);
      await this.#expectPredicted(dir, wanted.suite, now, (cell) =>
        cell.caller.name === name
          ? caller.kind === 'new' || (cell.table === wanted.table && (wanted.isNewTable || cell.role === wanted.role))
          : wanted.isNewTable && cell.table === wanted.table,
      );
    });
    return { test: wantedWords(wanted) };
  }

  /** Expects of cells what the files predict: a test that is there to touch a line must not fail by being added. */
  async #expectPredicted(dir: string, at: number, now: Date, wanted: (cell: Cell) => boolean): Promise<void> {
    const loaded = await loadWorkspace(dir);
    const files = await readSuiteFiles(dir);
    const target = files[at];
    if (!loaded.ok || target === undefined) return;
    const plan = planMatrix(loaded.value, this.document.secrets, now);
    const wishes = plan.cells
      .filter((cell) => cell.suite === target.suite.name && cell.table !== null && wanted(cell))
      .map((cell) => ({ cell, wanted: plan.predict(cell).outcome }));
    for (const file of changeExpectations([target], wishes).touched) await writeSuiteFile(file);
  }

  /** The password of one entry of a users file, or of whoever has no entries. */
  async #passwordOfEntry(caller: TestCaller, entry: UserEntry | null): Promise<PasswordSource | null> {
    if (entry === null) return this.#keptPassword(caller, caller.transports);
    const known = this.passwords.known.of(entry);
    if (known !== null) return { secret: known.secret };
    if (entry.password !== null) return this.passwords.keep(caller.user ?? caller.name, entry.password.reveal());
    throw new GatehouseError({
      code: 'test.untouchable',
      summary: 'The workspace does not know the password of this entry.',
    });
  }

  async #change(label: string, change: (file: SuiteFile) => (text: string) => string): Promise<void> {
    await this.document.edit(label, async (dir) => {
      const [file] = await readSuiteFiles(dir);
      if (file === undefined)
        throw new GatehouseError({
          code: 'test.no-suite',
          summary: 'The workspace has no tests yet. Create them first.',
        });
      file.text = change(file)(file.text);
      await writeSuiteFile(file);
    });
  }

  async #listed(): Promise<ReadonlyMap<string, BackendTable>> {
    const cluster = this.cluster();
    const tables = cluster === null ? [] : await backendTables(cluster);
    return new Map(tables.map((table) => [table.name, table]));
  }
}

const taken = (summary: string): GatehouseError => new GatehouseError({ code: 'test.taken', summary });

const knownTables = ({ draft }: WorkspaceDocument): readonly string[] => [...(knownNames(draft).knownTables ?? [])];

function wishOf(
  cell: Cell,
  wanted: 'allow' | 'deny' | 'refuse' | 'actual',
  results: ReadonlyMap<string, CellOutcome | CellFailure>,
): ExpectationWish[] {
  if (wanted !== 'actual') return [{ cell, wanted: wishes[wanted] }];
  const result = results.get(cell.id);
  if (result === undefined || 'failure' in result) return [];
  const { verdict, stoppedAt } = result.outcome;
  return [{ cell, wanted: { verdict, stoppedAt } }];
}
