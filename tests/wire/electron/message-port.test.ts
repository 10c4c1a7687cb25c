import { RPCLink } from '@orpc/client/message-port';
import { RPCHandler } from '@orpc/server/message-port';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessageChannel } from 'node:worker_threads';
import { handlerOptions, router } from '../../../src-main/ipc/router';
import { createCalls, type Calls } from '../../../src-renderer/bridge/client';
import { appSession } from '../../support/app-session';

/** The page's calls over a message channel, as in the desktop window; Node's channel stands in for Electron's. */
let app: Awaited<ReturnType<typeof appSession>>;
let calls: Calls;
let close: () => void;
beforeEach(async () => {
  app = await appSession();
  const { port1, port2 } = new MessageChannel();
  new RPCHandler(
    router,
    handlerOptions((text) => app.log.push(text)),
  ).upgrade(port2 as never, {
    context: { session: app.session },
  });
  calls = createCalls(new RPCLink({ port: port1 as never }));
  close = () => port1.close();
});
afterEach(async () => {
  close();
  await app.end();
});

describe('the page over a message port', () => {
  it('calls, and gets failures as PageFailure', async () => {
    const { dir } = await calls.app.create({ sample: 'empty' });
    expect(app.session.hub.parts.app.workspace?.dir).toBe(dir);
    await expect(calls.app.open({ dir: '/nowhere' })).rejects.toMatchObject({
      name: 'PageFailure',
      code: 'workspace.missing',
    });
    await expect(calls.app.open({ dir: 7 } as never)).rejects.toMatchObject({ code: 'call.invalid' });
    await expect((calls as unknown as { app: { format(): Promise<void> } }).app.format()).rejects.toMatchObject({
      code: 'call.unknown',
    });
  });

  it('watches the state: a snapshot, then changes without a gap', async () => {
    const revisions: number[] = [];
    for await (const message of await calls.state.watch()) {
      revisions.push(message.revision);
      if (revisions.length === 1) await calls.app.create({ sample: 'empty' });
      if (message.kind === 'change' && message.part === 'app' && message.value.workspace !== null) break;
    }
    expect(revisions.length).toBeGreaterThan(2);
    expect(revisions).toEqual(revisions.map((_, index) => revisions[0]! + index));
  });

  it('takes Svelte’s proxies and undefined members', async () => {
    const proxy = new Proxy({ sample: 'empty', dir: undefined } as const, {});
    await expect(calls.app.create(proxy as never)).resolves.toMatchObject({ dir: expect.any(String) as string });
  });
});
