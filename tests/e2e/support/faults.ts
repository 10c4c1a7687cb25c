import type { Page } from '@playwright/test';

/**
 * What a page must not do, collected while it runs: errors and warnings in the console (breaches of the content policy among
 * them), exceptions nobody caught, requests that failed or went anywhere but to the shell.
 */
export class Faults {
  readonly #seen: string[] = [];
  readonly #expected: RegExp[] = [];

  watch(page: Page): void {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.#note(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.#note(`exception: ${error.stack ?? error.message}`));
    page.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? '';
      // What a page that is left or reloaded no longer waits for.
      if (why !== 'net::ERR_ABORTED') this.#note(`request: ${request.url().replace(/#.*/, '')} ${why}`);
    });
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      const own =
        hostname === '127.0.0.1' || hostname.endsWith('localhost') || protocol === 'app:' || protocol === 'data:';
      if (!own) this.#note(`request to another place: ${request.url()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) this.#note(`answer ${response.status()}: ${response.url()}`);
    });
  }

  /** Allows what fits, for specs that break something on purpose. */
  expect(...patterns: readonly RegExp[]): void {
    this.#expected.push(...patterns);
  }

  get all(): readonly string[] {
    return this.#seen.filter((fault) => !this.#expected.some((pattern) => pattern.test(fault)));
  }

  #note(fault: string): void {
    this.#seen.push(fault);
  }
}
