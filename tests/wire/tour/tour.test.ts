import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadWorkspace } from '../../../src-main/services/workspace/load-workspace';
import { appSession } from '../../support/app-session';

/** The tour against a real MariaDB: every step does what it says, and can be taken back. */
let app: Awaited<ReturnType<typeof appSession>>;
beforeEach(async () => {
  app = await appSession();
});
afterEach(() => app.end());

const tour = () => app.session.workspace.tour;
const outcomes = (): [string, string, string | null, boolean][] =>
  tour()
    .view()!
    .results.map(({ id, verdict, stoppedAt, asExpected }) => [id, verdict, stoppedAt, asExpected]);
const sound = [
  ['client-1', 'allowed', null, true],
  ['client-2', 'denied', 'D', true],
  ['no-certificate', 'refused', 'A', true],
  ['claimed', 'allowed', null, true],
];

describe('the tour', () => {
  it('goes from nothing to four tests as expected, breaks three things and mends them', async () => {
    const dir = await app.session.beginTour();
    expect(tour().view()).toMatchObject({ step: 'backend', done: [], left: false, backend: { advice: null } });
    await expect(tour().work('trust')).rejects.toMatchObject({ failure: { code: 'tour.order' } });
    await tour().work('backend');
    await tour().work('trust');
    expect(tour().view()).toMatchObject({ step: 'trust', certificates: 10 });
    await tour().work('callers');
    expect(tour().view()?.user).toBe(true);
    await tour().work('guard');
    await tour().work('start');
    expect(
      tour()
        .view()
        ?.addresses.map(({ gateway }) => gateway),
    ).toContain('mysql-users');
    await tour().work('prove');
    expect(outcomes()).toEqual(sound);
    const files = await loadWorkspace(dir);
    expect(files.ok && files.value.findings.filter(({ level }) => level === 'error')).toEqual([]);

    await tour().break('expired');
    expect(outcomes()[0]).toEqual(['client-1', 'refused', 'A', false]);
    expect(
      tour()
        .view()
        ?.results.map(({ changed }) => changed),
    ).toEqual([true, false, false, false]);
    await tour().break('other-authority');
    expect(outcomes()[0]).toEqual(['client-1', 'refused', 'A', false]);
    await tour().break('not-strict');
    expect(outcomes().map(([, verdict]) => verdict)).toEqual(['allowed', 'not-enforced', 'refused', 'allowed']);
    await tour().mend();
    expect(outcomes()).toEqual(sound);
    await tour().finish();
    expect(tour().view()).toMatchObject({ finished: true, left: true });
  }, 120_000);

  it('takes steps back, and is where it was after reopening', async () => {
    const dir = await app.session.beginTour();
    await tour().work('backend');
    await tour().work('trust');
    await tour().skip('callers');
    await expect(tour().skip('guard')).rejects.toMatchObject({ failure: { code: 'tour.required' } });
    await app.session.closeWorkspace();
    await app.session.openWorkspace(dir);
    expect(tour().view()).toMatchObject({ step: 'guard', done: ['backend', 'trust'], skipped: ['callers'] });
    await tour().undo();
    await tour().undo();
    expect(tour().view()).toMatchObject({ step: 'trust', done: ['backend'], skipped: [] });
    await expect(access(join(dir, 'pki'))).rejects.toThrow();
    const before = await loadWorkspace(dir);
    expect(before.ok && before.value.topology).toMatchObject({ gateways: [], tablets: [] });
    await tour().work('trust');
    expect(tour().view()?.certificates).toBe(10);
  }, 60_000);

  it('is none of a workspace that was not made for it', async () => {
    await app.session.createWorkspace('reference');
    expect(tour().view()).toBeNull();
    await expect(tour().work('backend')).rejects.toMatchObject({ failure: { code: 'tour.none' } });
  });
});
