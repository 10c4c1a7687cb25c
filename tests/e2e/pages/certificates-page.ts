import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import { createConnection } from 'mysql2/promise';
import { connectControl } from '../../../src-main/servers/store';
import type { ClusterAddresses } from '../../../src-main/services/cluster/cluster';
import { WorkspacePaths } from '../../../src-main/services/workspace/workspace-paths';

/** The screen Certificates, as somebody uses it. */
export class CertificatesPage {
  readonly tree: Locator;
  readonly checks: Locator;
  readonly details: Locator;

  constructor(readonly page: Page) {
    this.tree = page.getByRole('treegrid', { name: 'Certificates by issuer' });
    this.checks = page.getByRole('grid', { name: 'Who checks whom' });
    this.details = page.getByRole('complementary');
  }

  row(name: RegExp): Locator {
    return this.tree.getByRole('row', { name }).first();
  }

  async select(name: RegExp): Promise<void> {
    await this.row(name).click();
    await expect(this.details.getByRole('heading', { level: 2 })).toHaveText(name);
  }

  async fromMore(item: string | RegExp): Promise<void> {
    await this.details.getByRole('button', { name: 'More', exact: true }).click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  /** The notice that says this. */
  notice(text: string | RegExp): Locator {
    return this.page.getByRole('group', { name: text });
  }

  /** Resolves when a notice says this. */
  async told(text: string | RegExp): Promise<void> {
    await expect(this.notice(text)).toBeVisible({ timeout: 15_000 });
  }

  /** Undoes what a notice tells. */
  async undo(text: string | RegExp): Promise<void> {
    await this.notice(text).getByRole('button', { name: 'Undo' }).click();
  }

  /** Drops files on the window, as from a file manager. */
  async drop(files: readonly { readonly name: string; readonly content: string | Buffer }[]): Promise<void> {
    const data = files.map(({ name, content }) => ({
      name,
      content: Buffer.from(content as Buffer).toString('base64'),
    }));
    const transfer = await this.page.evaluateHandle((list) => {
      const made = new DataTransfer();
      for (const { name, content } of list)
        made.items.add(new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], name));
      return made;
    }, data);
    await this.page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
  }

  /** Applies the draft by the review and waits until nothing is left of it. */
  async apply(): Promise<void> {
    await this.page.keyboard.press('Control+s');
    const dialog = this.page.getByRole('dialog', { name: 'Review changes' });
    await dialog.getByRole('button', { name: /^Apply/ }).click();
    await expect(dialog).toBeHidden({ timeout: 20_000 });
  }
}

/** What a caller gets who shows a certificate of the workspace to a gateway over MySQL: `in`, or the refusal in its words. */
export async function showCertificate(dir: string, gateway: string, certificate: string): Promise<string> {
  const control = await connectControl(new WorkspacePaths(dir).socket('control'));
  const { gateways } = (await control.call('status')) as ClusterAddresses;
  control.close();
  const address = gateways.find(({ name }) => name === gateway)?.mysql;
  const [cert, key] = await Promise.all(
    ['cert', 'key'].map((kind) => readFile(join(dir, `pki/${certificate}-${kind}.pem`), 'utf8')),
  );
  try {
    const connection = await createConnection({
      ...{ host: address?.host ?? '', port: address?.port ?? 0, user: certificate.replace(/^.*\//, ''), password: 'x' },
      ssl: { ca: await readFile(join(dir, 'pki/root/ca-cert.pem'), 'utf8'), cert, key },
      enableCleartextPlugin: true,
    } as Parameters<typeof createConnection>[0]);
    await connection.end();
    return 'in';
  } catch (error) {
    return (error as Error).message;
  }
}
