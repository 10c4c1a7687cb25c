import { expect, type Locator, type Page } from '@playwright/test';
import { createConnection } from 'mysql2/promise';
import { connectControl } from '../../../src-main/servers/store';
import type { ClusterAddresses } from '../../../src-main/services/cluster/cluster';
import { WorkspacePaths } from '../../../src-main/services/workspace/workspace-paths';

/** The screen Callers, as somebody uses it. */
export class CallersPage {
  constructor(readonly page: Page) {}

  /** The line of a caller in the list. */
  caller(name: string): Locator {
    return this.page.getByRole('option', { name: new RegExp(`^${name}\\b`) });
  }

  get name(): Locator {
    return this.page.getByRole('heading', { level: 2 });
  }

  entry(number: number): Locator {
    return this.page.getByRole('listitem', { name: `Entry ${number}`, exact: true });
  }

  async select(name: string): Promise<void> {
    await this.caller(name).click();
    await expect(this.name).toHaveText(name);
  }

  async fromNew(item: RegExp): Promise<void> {
    await this.page.getByRole('button', { name: 'New caller' }).click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  /** The password of an entry, shown as a person would have it shown, and hidden again. */
  async password(entry: number): Promise<string> {
    const place = this.entry(entry);
    await place.getByRole('button', { name: `Show password of entry ${entry}` }).click();
    const shown = await place.getByLabel(`password of entry ${entry}`, { exact: true }).textContent();
    await place.getByRole('button', { name: `Hide password of entry ${entry}` }).click();
    return (shown ?? '').trim();
  }

  /** Applies the draft by the review and waits until nothing is left of it. */
  async apply(): Promise<void> {
    await this.page
      .getByRole('banner')
      .getByRole('button', { name: /^Review changes/ })
      .click();
    const dialog = this.page.getByRole('dialog', { name: 'Review changes' });
    await dialog.getByRole('button', { name: /^Apply/ }).click();
    await expect(dialog).toBeHidden({ timeout: 20_000 });
    // What it tells stays until it is dismissed, and would lie over the next review's buttons.
    await this.page.getByRole('button', { name: 'Dismiss' }).click();
  }
}

/** What somebody outside gets who logs in to the gateway of static users: `in`, or the code of the refusal. */
export async function login(dir: string, user: string, password: string): Promise<string> {
  const control = await connectControl(new WorkspacePaths(dir).socket('control'));
  const { gateways } = (await control.call('status')) as ClusterAddresses;
  control.close();
  const address = gateways.find(({ auth }) => auth === 'static')?.mysql;
  try {
    const connection = await createConnection({
      ...{ host: address?.host ?? '', port: address?.port ?? 0, user, password },
      ssl: { rejectUnauthorized: false },
    });
    await connection.end();
    return 'in';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
