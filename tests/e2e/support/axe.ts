import { expect, type Page } from '@playwright/test';
import axe from 'axe-core';

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly help: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary: string }[];
}

const options = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
};

/**
 * Violations of accessibility in what the page shows at this moment, a text for each element. axe runs in a world of its own
 * beside the page's scripts: it sees the same document, the content policy needs no exception, and the page cannot see it.
 */
export async function violations(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  try {
    const { frameTree } = await session.send('Page.getFrameTree');
    const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', {
      frameId: frameTree.frame.id,
      worldName: 'axe',
    });
    await session.send('Runtime.evaluate', { expression: axe.source, contextId });
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      expression: `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => JSON.stringify(violations))`,
      awaitPromise: true,
      returnByValue: true,
      contextId,
    });
    if (exceptionDetails !== undefined)
      throw new Error(`axe: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    return (JSON.parse(result.value as string) as Violation[]).flatMap(({ id, impact, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} (${impact}): ${help} — ${target.join(' ')} — ${failureSummary}`),
    );
  } finally {
    await session.detach();
  }
}

/** Fails with every violation that the page shows; what follows is looked at all the same. */
export const expectAccessible = async (page: Page): Promise<void> => expect.soft(await violations(page)).toEqual([]);
