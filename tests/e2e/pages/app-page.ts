import { expect, type Locator, type Page } from '@playwright/test';

export type ScreenName =
  'Overview' | 'Certificates' | 'Callers' | 'Access' | 'Test' | 'Export' | 'Watch' | 'History' | 'Settings';
export const screenNames: readonly ScreenName[] = [
  'Overview',
  'Certificates',
  'Callers',
  'Access',
  'Test',
  'Export',
  'Watch',
  'History',
  'Settings',
];

/** The window around the screens. */
export class AppPage {
  readonly heading: Locator;
  readonly navigation: Locator;
  readonly status: Locator;
  readonly palette: Locator;

  constructor(readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1 });
    this.navigation = page.getByRole('navigation', { name: 'Screens' });
    this.status = page.getByRole('contentinfo', { name: 'Status' });
    this.palette = page.getByRole('dialog', { name: /command/i });
  }

  /** Resolves when the page is connected and shows something other than that it connects. */
  async ready(): Promise<void> {
    await expect(this.heading).not.toHaveText('Connecting to Gatehouse');
  }

  /** Goes to a screen by the sidebar. */
  async go(screen: ScreenName): Promise<void> {
    await this.navigation.getByRole('button', { name: screen, exact: true }).click();
    await this.shows(screen);
  }

  /** The screen is the current one, and its one heading is there. */
  async shows(screen: ScreenName): Promise<void> {
    await expect(this.navigation.getByRole('button', { name: screen, exact: true })).toHaveAttribute(
      'aria-current',
      'page',
    );
    await expect(this.heading).toBeVisible();
  }

  /** Runs a command by its name in the palette. */
  async command(name: string | RegExp): Promise<void> {
    await this.page.keyboard.press('Control+k');
    await this.page.getByRole('dialog').getByRole('option', { name }).click();
  }

  /** Starts the cluster by the palette and waits until it runs. */
  async startCluster(): Promise<void> {
    await this.command(/^Start Cluster/);
    await expect(this.status).toContainText('running', { timeout: 30_000 });
  }
}
