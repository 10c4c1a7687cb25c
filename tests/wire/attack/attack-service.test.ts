import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AttackMessage, AttackModel } from '../../../src-main/contract/areas/attack';
import { appSession } from '../../support/app-session';

const ID = 'rogue-component/plaintext/zone1-100';
const THROUGH = 'claimed-identity/principal/main/grpc';

describe('attacks on the open workspace', () => {
  let app: Awaited<ReturnType<typeof appSession>>;
  const attacks = () => app.session.workspace.attacks;
  const task = <T>(...work: Parameters<typeof app.session.task<T>>): Promise<T> => app.session.task(...work);

  /** The last message at which no run is under way. */
  async function finished(): Promise<AttackModel> {
    const abort = new AbortController();
    try {
      for await (const message of attacks().watch(abort.signal) as AsyncIterable<AttackMessage>)
        if (message.kind === 'model' && !['opening', 'running'].includes(message.model.run.state)) return message.model;
    } finally {
      abort.abort();
    }
    throw new Error('the watch ended');
  }

  beforeEach(async () => {
    app = await appSession();
    await app.session.createWorkspace('shop');
  });
  afterEach(() => app.end());

  it('tries some, tells what stopped them, keeps that, and changes nothing of the workspace', async () => {
    const { dir } = app.session.workspace.document;
    const before = await readFile(join(dir, 'gatehouse.json'), 'utf8');
    expect(attacks().model().cards.length).toBeGreaterThan(20);
    expect(attacks().run([ID, THROUGH], task)).toBe(2);
    expect(() => attacks().run([ID], task)).toThrow(/under way/);
    const model = await finished();
    expect(model.run).toMatchObject({ state: 'finished', done: 2, total: 2, failure: null });
    expect(model.results[ID]).toMatchObject({ outcome: 'stopped', stoppedAt: { side: 'tablet' } });
    expect(model.results[THROUGH]).toMatchObject({ outcome: 'got-through', traced: true });
    expect(model.score).toMatchObject({ tried: 2, gotThrough: 1 });
    expect(await readFile(join(dir, 'gatehouse.json'), 'utf8')).toBe(before);
    expect(await stat(join(dir, '.gatehouse', 'data')).catch(() => null)).toBeNull();

    const trace = await attacks().trace(THROUGH);
    expect(trace.verdict).toBe('allowed');
    expect((await app.session.workspace.test.runs.summaries())[0]).toMatchObject({ kind: 'single', id: trace.runId });
    await expect(attacks().trace(ID)).rejects.toThrow(/no trace/);
    expect(attacks().report('text').text).toContain('GOT THROUGH');

    await app.session.closeWorkspace();
    await app.session.openWorkspace(dir);
    expect(attacks().model()).toMatchObject({ results: { [ID]: { outcome: 'stopped' } }, earlier: [], gone: [] });
  }, 60_000);

  it('accepts with a reason in the draft, and takes that back', async () => {
    attacks().run([THROUGH], task);
    await finished();
    await attacks().accept(THROUGH, 'the batch user is trusted');
    expect(attacks().model()).toMatchObject({
      ...{ accepted: {}, acceptedInDraft: { [THROUGH]: 'the batch user is trusted' } },
      score: { gotThrough: 1, accepted: 0 },
    });
    await attacks().accept(THROUGH, null);
    expect(attacks().model()).toMatchObject({ acceptedInDraft: {}, score: { gotThrough: 1, accepted: 0 } });
  }, 60_000);

  it('is stopped early, and keeps what was done', async () => {
    attacks().run(undefined, task);
    attacks().stop();
    expect((await finished()).run.state).toBe('cancelled');
    expect(attacks().running).toBe(false);
  }, 60_000);

  it('says what stands in the way of a ground', async () => {
    const { document } = app.session.workspace;
    await rm(join(document.dir, 'pki'), { recursive: true });
    attacks().run([ID], task);
    const { run } = await finished();
    expect(run).toMatchObject({ state: 'failed', failure: { code: 'workspace.findings' } });
  }, 60_000);
});
