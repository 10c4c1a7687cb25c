import { describe, expect, it } from 'vitest';
import { FixedClock } from '../../../../src-main/domain/kernel';
import {
  createRecorder,
  createSentRecorder,
  createTraceTime,
  type TraceEvent,
} from '../../../../src-main/servers/recorder';

/** A recorder here and one that sends to it, on one clock. */
function pair(options: { stepsPerTrace?: number; sampleEveryMs?: number } = {}) {
  const clock = new FixedClock('2026-06-01T12:00:00Z');
  const kept = createRecorder({ clock });
  const batches: (readonly TraceEvent[])[] = [];
  const sent = createSentRecorder({
    ...options,
    time: createTraceTime(clock, kept.time.shared),
    send: (events) => {
      batches.push(events);
      kept.take(structuredClone(events));
    },
  });
  kept.onWishes((wishes) => sent.wish(structuredClone(wishes)));
  return { clock, kept, sent, batches };
}

describe('a recorder that sends to another thread', () => {
  it('gathers steps and hands them over when asked, in the order of time', () => {
    const { clock, kept, sent, batches } = pair();
    const id = kept.open('main', 'a');
    kept.record(id, 'gateway', 'forwarded', 'ok');
    clock.advance(1);
    sent.record(id, 'tablet', 'received', 'info');
    sent.record(id, 'tablet', 'decided', 'refused');
    clock.advance(1);
    kept.record(id, 'gateway', 'answered', 'refused');
    expect(kept.steps(id).map(({ name }) => name)).toEqual(['forwarded', 'answered']);
    sent.flush();
    expect(batches).toHaveLength(1);
    expect(kept.steps(id).map(({ name }) => name)).toEqual(['forwarded', 'received', 'decided', 'answered']);
    const times = kept.steps(id).map(({ atMicros }) => atMicros);
    expect([times[1]! - times[0]!, times[3]! - times[2]!]).toEqual([1000, 1000]);
  });

  it('hands them over without being asked', async () => {
    const { kept, sent } = pair();
    const id = sent.open('main', '127.0.0.1:1');
    sent.record(id, 'gateway', 'tls.handshake', 'ok');
    await expect.poll(() => kept.findByPeer('main', '127.0.0.1:1')).toBe(id);
    expect(kept.steps(id)).toHaveLength(1);
  });

  it('loses no step that another thread told earlier than the connection’s own', () => {
    const { kept, sent } = pair();
    const id = 'a'.repeat(24);
    sent.record(id, 'tablet', 'received', 'info');
    sent.flush();
    kept.take([{ kind: 'opened', traceId: id, listener: 'main', peer: 'p' }]);
    expect(kept.findByPeer('main', 'p')).toBe(id);
    expect(kept.steps(id).map(({ name }) => name)).toEqual(['received']);
  });

  it('lets no secret out of its thread', () => {
    const { sent, batches } = pair();
    sent.record('a'.repeat(24), 'gateway', 'login', 'ok', { password: 'geheim', user: 'web' });
    sent.flush();
    expect(JSON.stringify(batches)).not.toContain('geheim');
  });

  it('sends samples of a busy trace, everything of it while somebody listens, and nothing of a part that is off', () => {
    const { clock, kept, sent } = pair({ stepsPerTrace: 4, sampleEveryMs: 250 });
    const id = kept.open('main', 'a');
    for (let step = 0; step < 4; step += 1) {
      expect(sent.enabled('tablet', id)).toBe(true);
      sent.record(id, 'tablet', 'received', 'info');
    }
    expect(sent.enabled('tablet', id)).toBe(true);
    clock.advance(20);
    expect(sent.enabled('tablet', id)).toBe(false);
    expect(sent.enabled('tablet')).toBe(true);
    const leave = kept.subscribe(() => undefined);
    expect(sent.enabled('tablet', id)).toBe(true);
    leave();
    expect(sent.enabled('tablet', id)).toBe(false);
    clock.advance(250);
    expect(sent.enabled('tablet', id)).toBe(true);
    kept.disable('tablet');
    expect(sent.enabled('tablet')).toBe(false);
    sent.record(id, 'tablet', 'decided', 'ok');
    kept.enable('tablet');
    sent.flush();
    expect(kept.steps(id)).toHaveLength(4);
  });

  it('takes its samples of the same moments as the recorder of the gateway', () => {
    const { clock, kept, sent } = pair({ stepsPerTrace: 4 });
    const id = kept.open('main', 'a');
    for (let step = 0; step < 256; step += 1) kept.record(id, 'gateway', 'x', 'ok');
    for (let step = 0; step < 4; step += 1) sent.record(id, 'tablet', 'x', 'ok');
    const both = new Set<string>();
    for (let ms = 0; ms < 2_000; ms += 1) {
      clock.advance(1);
      both.add(`${String(kept.enabled('gateway', id))} ${String(sent.enabled('tablet', id))}`);
    }
    expect([...both].sort()).toEqual(['false false', 'true true']);
  });
});
