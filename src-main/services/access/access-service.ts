import { readAclForm, type AclEdit, type TableAcl } from '../../domain/acl';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import { formatJsonText, GatehouseError, readJson } from '../../domain/kernel';
import type { TableRole } from '../../domain/sql';
import type { Tablet } from '../../domain/topology';
import type { AccessPart, AccessPreview, AccessWhy, AclImportReport, AclMode } from '../../contract/areas/access';
import type { WorkspaceDocument } from '../document/workspace-document';
import { fidelityOf } from '../workspace/load-workspace';
import { editedText, labelOf, noTablet, setTabletAcl, writeAcl } from './access-edits';
import { accessView } from './access-view';
import { AccessWorld } from './access-world';
import { fewest } from './acl-file-view';
import { readAclImport } from './acl-import';
import { LastGood, readAcl, readAclText, versionOf, type AclText } from './acl-texts';
import { BackendTables, type ClusterSource } from './backend-tables';
import { explainAccess, namedTables, predictAccess, versionFor } from './predict-access';

export interface AccessServiceOptions {
  readonly document: WorkspaceDocument;
  readonly cluster: ClusterSource;
  readonly now: () => Date;
}

/** The table ACLs of one open workspace: what the page shows of them, edits of the draft, and predictions. */
export class AccessService {
  readonly document: WorkspaceDocument;
  readonly tables: BackendTables;
  readonly #good = new LastGood();
  readonly #saved = new Map<string, { readonly version: string; readonly acl: TableAcl | null }>();
  readonly #listeners = new Set<() => void>();
  #world: { readonly revision: number; readonly tables: number; readonly world: AccessWorld } | null = null;

  constructor(readonly options: AccessServiceOptions) {
    this.document = options.document;
    this.tables = new BackendTables(options.cluster, () => {
      for (const listener of this.#listeners) listener();
    });
  }

  /** Tells when the tables of the backends are known anew; edits are told by the document. */
  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  dispose(): void {
    this.tables.dispose();
    this.#listeners.clear();
  }

  /** What the page shows. */
  view(): Promise<AccessPart> {
    return accessView(this.document, this.#currentWorld(), this.tables, this.#good);
  }

  /** One edit of the form, as one step of undo. */
  async edit(file: string, edit: AclEdit): Promise<void> {
    this.#requireFile(file);
    const { text } = await this.#draftText(file);
    await this.document.edit(labelOf(edit, readAclForm(text) ?? []), async (dir) => {
      const present = await this.#read(dir, file);
      await writeAcl(dir, file, editedText(present.text, present.state, file, edit));
    });
  }

  /** Stores a whole text, broken or not; the version it has then. */
  async setText(file: string, text: string, base: string | null): Promise<{ version: string }> {
    this.#requireFile(file);
    const change = async (dir: string): Promise<void> => {
      const present = await this.#read(dir, file);
      if (base !== null && present.version !== base)
        throw new GatehouseError({
          code: 'access.changed-elsewhere',
          summary: `${file} was changed elsewhere while it was being edited here. Both versions are kept until one is chosen.`,
        });
      await writeAcl(dir, file, text);
    };
    await this.document.edit(`Edit ${file}`, change, { merge: `access-text:${file}` });
    return { version: versionOf(Buffer.from(text, 'utf8')) };
  }

  async format(file: string): Promise<void> {
    this.#requireFile(file);
    await this.document.edit(`Format ${file}`, async (dir) => {
      const { text } = await this.#read(dir, file);
      const reading = readJson(text);
      if (!reading.ok || readAclForm(text) === null)
        throw new GatehouseError({
          code: 'access.text-broken',
          summary: `${file} is not JSON${reading.ok ? '' : ` (line ${reading.error.line})`}. Mend its text first.`,
        });
      await writeAcl(dir, file, formatJsonText(text, reading.root));
    });
  }

  async restoreGood(file: string): Promise<void> {
    this.#requireFile(file);
    const applied = await this.#read(this.document.dir, file);
    const text = this.#good.form(file)?.text ?? (readAclForm(applied.text) === null ? null : applied.text);
    if (text === null)
      throw new GatehouseError({
        code: 'access.nothing-good',
        summary: `No version of ${file} is known that could be read. Mend its text, or import another file.`,
      });
    await this.document.edit(`Bring back the last good ${file}`, (dir) => writeAcl(dir, file, text));
  }

  async setMode(alias: string, mode: AclMode): Promise<void> {
    const { acl } = this.#tablet(alias);
    const wanted = mode === 'dry-run' ? { dryRun: true } : { strict: mode === 'strict', dryRun: false };
    const change = Object.fromEntries(
      Object.entries(wanted).filter(([key, value]) => acl[key as keyof typeof wanted & keyof typeof acl] !== value),
    );
    const words = { strict: 'strict', 'dry-run': 'dry run', off: 'off' }[mode];
    await this.document.edit(`Set the access check of ${alias} to ${words}`, (dir) => setTabletAcl(dir, alias, change));
  }

  async setSettings(
    alias: string,
    settings: { readonly enforce?: boolean | undefined; readonly exempt?: string | undefined },
  ): Promise<void> {
    this.#tablet(alias);
    const { enforce, exempt } = settings;
    const label =
      exempt === undefined
        ? `Change how ${alias} starts with a broken ACL`
        : exempt === ''
          ? `Remove the exemption of ${alias}`
          : `Exempt ${exempt} at ${alias}`;
    const change = { ...(enforce === undefined ? {} : { enforce }), ...(exempt === undefined ? {} : { exempt }) };
    await this.document.edit(label, (dir) => setTabletAcl(dir, alias, change));
  }

  /** An empty ACL file for a tablet; its path. */
  async createFile(alias: string): Promise<string> {
    this.#tablet(alias);
    return this.document.edit('Create an ACL file', async (dir) => {
      const file = await this.#freeFile(dir, alias);
      await writeAcl(dir, file, '{\n  "table_groups": []\n}\n');
      await setTabletAcl(dir, alias, { file });
      return file;
    });
  }

  async useFile(alias: string, file: string | null): Promise<void> {
    this.#tablet(alias);
    if (file !== null) this.#requireFile(file);
    await this.document.edit(file === null ? `Take the ACL file from ${alias}` : `Use ${file} for ${alias}`, (dir) =>
      setTabletAcl(dir, alias, { file }),
    );
  }

  async inspectImport(alias: string, name: string, content: string): Promise<AclImportReport> {
    return (await this.#readImport(alias, name, content)).report;
  }

  async import(alias: string, name: string, content: string): Promise<void> {
    const { text } = await this.#readImport(alias, name, content);
    await this.document.edit(`Import ${name}`, async (dir) => {
      const present = this.#tablet(alias).acl.file;
      const file = present ?? (await this.#freeFile(dir, alias));
      await writeAcl(dir, file, text);
      if (present === null) await setTabletAcl(dir, alias, { file });
    });
  }

  /** What a text (null: the draft's) would allow, against the draft and what is applied. Writes nothing. */
  async preview(alias: string, text: string | null, extra: readonly string[] = []): Promise<AccessPreview> {
    const { tablet, world, now, draft, applied, shows, reading } = await this.#versions(alias, text);
    const names = [...world.tablesOf(tablet.keyspace), ...namedTables(now), ...namedTables(draft), ...extra];
    const appliedTablet = this.document.applied.topology.tablets.find((candidate) => candidate.alias === alias);
    return {
      tablet: alias,
      vitess: { accepted: reading.vitess.accepted, message: reading.vitess.message },
      shows,
      findings: fewest(reading.findings),
      ...predictAccess(
        {
          now: versionFor(tablet, now),
          draft: versionFor(tablet, draft),
          applied: appliedTablet === undefined ? null : versionFor(appliedTablet, applied),
        },
        world.callers,
        names,
      ),
    };
  }

  /** Why a cell of the preview of that text is as it is. `key` as in the preview. */
  async why(alias: string, text: string | null, key: string, table: string, role: TableRole): Promise<AccessWhy> {
    const { tablet, world, now } = await this.#versions(alias, text);
    const named = world.callers.find((candidate) => candidate.key === key);
    if (named === undefined)
      throw new GatehouseError({ code: 'access.stale', summary: 'This caller is no longer in the draft.' });
    return explainAccess(versionFor(tablet, now), named.caller, table, role, fidelityOf(this.document.draft, null));
  }

  async #versions(alias: string, text: string | null) {
    const tablet = this.#tablet(alias);
    const { file } = tablet.acl;
    const world = this.#currentWorld();
    const { document } = this;
    const fidelity = fidelityOf(document.draft, null);
    const appliedFile = document.applied.topology.tablets.find((one) => one.alias === alias)?.acl.file ?? null;
    const applied = appliedFile === null ? null : (document.applied.acls.get(appliedFile) ?? null);
    if (file === null) {
      const reading = { vitess: { accepted: true, message: null }, findings: [] };
      return { tablet, world, now: null, draft: null, applied, shows: 'nothing' as const, reading };
    }
    const saved = await this.#draftText(file);
    const known = world.knownNames(document.draft.topology.tablets.filter((one) => one.acl.file === file));
    const savedAcl = this.#savedAcl(saved, fidelity);
    const lastGood: TableAcl | null = this.#good.acl(file) ?? null;
    const draft = savedAcl ?? lastGood ?? applied;
    const { reading } = readAcl(text ?? (saved.state === 'binary' ? saved.text : saved.bytes), {
      file,
      fidelity,
      ...known,
    });
    const now = reading.acl ?? lastGood ?? applied;
    const shows =
      reading.acl !== null ? 'text' : lastGood !== null ? 'last-good' : applied !== null ? 'applied' : 'nothing';
    return { tablet, world, now, draft, applied, shows: shows as AccessPreview['shows'], reading };
  }

  /** What Vitess makes of the saved text; read once for each version of it. */
  #savedAcl(saved: AclText, fidelity: Fidelity): TableAcl | null {
    const known = this.#saved.get(saved.path);
    if (known?.version === saved.version) return known.acl;
    const { reading, groups } = readAcl(saved.state === 'binary' ? saved.text : saved.bytes, {
      file: saved.path,
      fidelity,
    });
    if (saved.state === 'text' || saved.state === 'binary')
      this.#good.note(saved.path, saved.text, groups, reading.acl);
    this.#saved.set(saved.path, { version: saved.version, acl: reading.acl });
    return reading.acl;
  }

  #currentWorld(): AccessWorld {
    const { revision } = this.document;
    if (this.#world?.revision !== revision || this.#world.tables !== this.tables.version)
      this.#world = {
        revision,
        tables: this.tables.version,
        world: new AccessWorld(this.document.draft, this.tables, this.options.now()),
      };
    return this.#world.world;
  }

  async #readImport(alias: string, name: string, content: string) {
    const tablet = this.#tablet(alias);
    const present = tablet.acl.file === null ? null : readAclForm((await this.#draftText(tablet.acl.file)).text);
    return readAclImport(name, content, {
      fidelity: fidelityOf(this.document.draft, null),
      replaced: present?.length ?? 0,
      ...this.#currentWorld().knownNames([tablet]),
    });
  }

  #draftText(file: string): Promise<AclText> {
    return this.#read(this.document.draftDir, file);
  }

  #read(dir: string, file: string): Promise<AclText> {
    return readAclText(dir, file);
  }

  #tablet(alias: string): Tablet {
    const tablet = this.document.draft.topology.tablets.find((candidate) => candidate.alias === alias);
    if (tablet === undefined) throw noTablet(alias);
    return tablet;
  }

  /** Only files that a tablet of the draft uses are read and written. */
  #requireFile(file: string): void {
    if (this.document.draft.topology.tablets.some(({ acl }) => acl.file === file)) return;
    throw new GatehouseError({ code: 'access.no-file', summary: `No tablet of the draft uses ${file}.` });
  }

  async #freeFile(dir: string, alias: string): Promise<string> {
    const used = new Set(this.document.draft.topology.tablets.map(({ acl }) => acl.file));
    for (const file of ['acl.json', `acl.${alias}.json`])
      if (!used.has(file) && (await this.#read(dir, file)).state === 'missing') return file;
    for (let number = 2; ; number += 1) {
      const file = `acl.${alias}-${number}.json`;
      if ((await this.#read(dir, file)).state === 'missing') return file;
    }
  }
}
