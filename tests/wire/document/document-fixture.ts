import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../src-main/domain/kernel';
import { scanFiles } from '../../../src-main/servers/store';
import { openDocument } from '../../../src-main/services/document/open-document';
import type { DocumentOptions, WorkspaceDocument } from '../../../src-main/services/document/workspace-document';
import { makeWorkspace, type MadeWorkspace } from '../../support/workspace';
import type { SampleName } from '../../../src-main/services/workspace/init-workspace';

/** A workspace with its document; `end` closes what is open and removes it. */
export class DocumentFixture {
  #open: WorkspaceDocument[] = [];

  private constructor(readonly made: MadeWorkspace) {}

  static async make(sample: SampleName = 'shop'): Promise<DocumentFixture> {
    return new DocumentFixture(await makeWorkspace(sample));
  }

  get dir(): string {
    return this.made.dir;
  }

  /** Opens the document; nothing watches the disk unless told. */
  async open(more: Partial<DocumentOptions> = {}): Promise<WorkspaceDocument> {
    const document = await openDocument(this.dir, {
      unlocker: { kind: 'key-file' },
      clock: systemClock,
      watch: false,
      ...more,
    });
    this.#open.push(document);
    return document;
  }

  /** As if the program that has the document open were gone. */
  async forget(): Promise<void> {
    this.#open = [];
    await rm(join(this.dir, '.gatehouse', 'draft', 'lock'), { force: true });
  }

  applied(path: string): Promise<string> {
    return readFile(join(this.dir, path), 'utf8');
  }

  /** What all files of the workspace hold. */
  async appliedSet(): Promise<string> {
    const { files } = await scanFiles(this.dir);
    return JSON.stringify([...files].map(([path, { ref }]) => `${path} ${ref.hash} ${ref.mode}`).sort());
  }

  async end(): Promise<void> {
    for (const document of this.#open) await document.close();
    await this.made.remove();
  }
}

/** An edit that replaces text in a file of the draft. */
export const replaceIn =
  (path: string, from: string | RegExp, to: string) =>
  async (dir: string): Promise<void> => {
    const text = await readFile(join(dir, path), 'utf8');
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`${path} does not hold ${String(from)}`);
    await writeFile(join(dir, path), changed);
  };

/** `shop_web` may no longer read payments' neighbours, and analysts may read payments. */
export const letAnalystsReadPayments = replaceIn(
  'acl.json',
  '"readers": ["billing", "auditor", "operations"]',
  '"readers": ["billing", "auditor", "operations", "analysts"]',
);
