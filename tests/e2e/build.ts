import { buildPage, buildProgram } from '../support/cli/build';

/** Playwright's global set-up: what the specs start is as new as its source. */
export default async function build(): Promise<void> {
  await buildProgram();
  await buildPage();
}
