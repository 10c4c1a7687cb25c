import { expect, type Locator, type Page } from '@playwright/test';

/** The pane of the guided tour, and the results that it shows in the main pane. */
export class TourPage {
  readonly pane: Locator;

  constructor(readonly page: Page) {
    this.pane = page.getByRole('complementary', { name: 'Guided tour' });
  }

  /** The step of this title is shown. */
  async shows(title: string): Promise<void> {
    await expect(this.pane.getByRole('heading', { level: 2 })).toHaveText(title);
  }

  /** Presses one of the pane's buttons. */
  async press(name: string): Promise<void> {
    await this.pane.getByRole('button', { name, exact: true }).last().click();
  }

  /** The sentence above the four results. */
  async says(sentence: string): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1 })).toHaveText(sentence, { timeout: 30_000 });
  }

  /** The result of the test with this name. */
  result(name: string): Locator {
    return this.page.getByRole('main').getByRole('listitem').filter({ hasText: name });
  }
}
