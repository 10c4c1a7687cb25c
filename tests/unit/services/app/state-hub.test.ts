import { describe, expect, it } from 'vitest';
import type { PageState, StateMessage } from '../../../../src-main/contract/state';
import { StateHub } from '../../../../src-main/services/app/state-hub';

const empty = { app: { version: '1' }, cluster: null, findings: null, document: null } as unknown as PageState;
const findings = (message: string): PageState['findings'] => [
  { code: 'x', level: 'info', file: 'a', line: 1, column: 1, message, remedy: '' },
];

describe('StateHub', () => {
  it('gives a snapshot and then numbered changes without a gap', async () => {
    const hub = new StateHub(empty);
    hub.set('findings', findings('before'));
    const abort = new AbortController();
    const got: StateMessage[] = [];
    const reading = (async () => {
      for await (const message of hub.watch(abort.signal)) {
        got.push(message);
        if (got.length === 1) {
          hub.set('findings', findings('one'));
          hub.set('findings', findings('two'));
        }
        if (got.length === 3) abort.abort();
      }
    })();
    await reading;
    expect(got[0]).toMatchObject({ kind: 'snapshot', revision: 1, parts: { findings: findings('before') } });
    expect(got.slice(1).map(({ revision }) => revision)).toEqual([2, 3]);
    expect(got[2]).toMatchObject({ part: 'findings', value: findings('two') });
  });

  it('does not send a part that is the same as before', () => {
    const hub = new StateHub(empty);
    hub.set('findings', findings('a'));
    hub.set('findings', findings('a'));
    expect(hub.revision).toBe(1);
  });

  it('gives a fresh snapshot to a watcher that fell behind', async () => {
    const hub = new StateHub(empty);
    const abort = new AbortController();
    const watching = hub.watch(abort.signal);
    await watching.next();
    const waiting = watching.next();
    for (let index = 0; index < 1_000; index++) hub.set('findings', findings(String(index)));
    const snapshot = await waiting;
    expect(snapshot.value).toMatchObject({ kind: 'snapshot' });
    const next = await watching.next();
    expect(next.value?.revision).toBe((snapshot.value as StateMessage).revision + 1);
    abort.abort();
    await watching.return();
  });
});
