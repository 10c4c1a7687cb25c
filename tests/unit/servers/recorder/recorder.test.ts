import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FixedClock } from '../../../../src-main/domain/kernel';
import { createRecorder, noRecorder, redactedValue } from '../../../../src-main/servers/recorder';

const runs = Number(process.env['FUZZ_RUNS'] ?? 10_000);

describe('createRecorder', () => {
  it('keeps the steps of a connection under one id with micros of the wall clock', () => {
    const clock = new FixedClock('2026-11-22T08:00:00Z');
    const recorder = createRecorder({ clock });
    const id = recorder.open('gateway-1', '127.0.0.1:4000');
    recorder.record(id, 'gateway', 'tcp.accepted', 'ok');
    clock.advance(1.25);
    recorder.record(id, 'tablet', 'acl.decided', 'refused', { table: 'orders' });
    const start = Date.parse('2026-11-22T08:00:00Z') * 1000;
    expect(recorder.steps(id)).toEqual([
      { traceId: id, part: 'gateway', name: 'tcp.accepted', outcome: 'ok', atMicros: start, data: {} },
      {
        traceId: id,
        part: 'tablet',
        name: 'acl.decided',
        outcome: 'refused',
        atMicros: start + 1250,
        data: { table: 'orders' },
      },
    ]);
    expect(recorder.steps('000000000000000000000000')).toEqual([]);
  });

  it('finds the latest connection of a peer on a listener', () => {
    const recorder = createRecorder();
    const first = recorder.open('gateway-1', '127.0.0.1:4000');
    const second = recorder.open('gateway-1', '127.0.0.1:4000');
    recorder.open('gateway-2', '127.0.0.1:4000');
    expect(first).not.toBe(second);
    expect(recorder.findByPeer('gateway-1', '127.0.0.1:4000')).toBe(second);
    expect(recorder.findByPeer('gateway-1', '127.0.0.1:4001')).toBeNull();
  });

  it('forgets the trace that was quiet for longest, and its peer', () => {
    const recorder = createRecorder({ capacity: 2 });
    const first = recorder.open('g', 'a');
    const second = recorder.open('g', 'b');
    recorder.record(first, 'gateway', 'query', 'ok');
    recorder.open('g', 'c');
    expect(recorder.findByPeer('g', 'b')).toBeNull();
    expect(recorder.steps(second)).toEqual([]);
    expect(recorder.steps(first)).toHaveLength(1);
  });

  it('takes only samples of a trace that is full, and everything of it while somebody listens', () => {
    const clock = new FixedClock('2026-06-01T12:00:00Z');
    const recorder = createRecorder({ clock, stepsPerTrace: 8, sampleEveryMs: 250 });
    const busy = recorder.open('main', '127.0.0.1:1');
    const fresh = recorder.open('main', '127.0.0.1:2');
    for (let step = 0; step < 8; step += 1) {
      expect(recorder.enabled('gateway', busy)).toBe(true);
      recorder.record(busy, 'gateway', 'statement.forwarded', 'ok');
    }
    clock.advance(1_000);
    expect(recorder.enabled('gateway', busy)).toBe(true);
    clock.advance(5);
    expect(recorder.enabled('tablet', busy)).toBe(true);
    clock.advance(20);
    expect(recorder.enabled('gateway', busy)).toBe(false);
    expect(recorder.enabled('gateway', fresh)).toBe(true);
    expect(recorder.enabled('gateway')).toBe(true);
    const stop = recorder.subscribe(() => undefined);
    expect(recorder.enabled('gateway', busy)).toBe(true);
    stop();
    expect(recorder.enabled('gateway', busy)).toBe(false);
    clock.advance(250);
    expect(recorder.enabled('gateway', busy)).toBe(true);
  });

  it('keeps the beginning and the latest of a long trace and counts the rest', () => {
    const recorder = createRecorder({ stepsPerTrace: 8 });
    const id = recorder.open('g', 'a');
    for (let n = 0; n < 20; n += 1) recorder.record(id, 'gateway', `n${n}`, 'ok');
    expect(recorder.steps(id).map((step) => step.name)).toEqual(['n0', 'n1', 'n14', 'n15', 'n16', 'n17', 'n18', 'n19']);
    expect(recorder.dropped(id)).toBe(12);
  });

  it('records nothing of a part that is switched off', () => {
    const recorder = createRecorder();
    const id = recorder.open('g', 'a');
    recorder.disable('tablet');
    expect(recorder.enabled('tablet')).toBe(false);
    recorder.record(id, 'tablet', 'acl.decided', 'ok');
    recorder.record(id, 'gateway', 'tls.handshake', 'ok');
    recorder.enable('tablet');
    recorder.record(id, 'tablet', 'mysql.answered', 'ok');
    expect(recorder.steps(id).map((step) => step.name)).toEqual(['tls.handshake', 'mysql.answered']);
  });

  it('adopts ids of its own form only', () => {
    const recorder = createRecorder();
    const gateway = recorder.open('g', 'a');
    const own = recorder.open('t', 'b');
    expect(recorder.adopt(gateway, own)).toBe(gateway);
    for (const claimed of [undefined, '', 'x', `${gateway} `, gateway.toUpperCase() + 'A', '../../etc']) {
      expect(recorder.adopt(claimed, own)).toBe(own);
    }
  });

  it('tells subscribers until they leave', () => {
    const recorder = createRecorder();
    const seen: string[] = [];
    const leave = recorder.subscribe((step) => seen.push(step.name));
    const id = recorder.open('g', 'a');
    recorder.record(id, 'client', 'one', 'ok');
    leave();
    recorder.record(id, 'client', 'two', 'ok');
    expect(seen).toEqual(['one']);
  });

  it('follows the wall clock after the monotonic one stood still', () => {
    let wall = Date.parse('2026-11-22T08:00:00Z');
    const recorder = createRecorder({ clock: { now: () => new Date(wall), monotonicMs: () => 5 } });
    wall += 3_600_000;
    const id = recorder.open('g', 'a');
    recorder.record(id, 'gateway', 'x', 'ok');
    expect(recorder.steps(id)[0]?.atMicros).toBe(wall * 1000);
  });
});

describe('redaction', () => {
  const kept = (data: Parameters<ReturnType<typeof createRecorder>['record']>[4]) => {
    const recorder = createRecorder();
    const id = recorder.open('g', 'a');
    recorder.record(id, 'gateway', 'x', 'ok', data);
    return recorder.steps(id)[0]?.data;
  };

  it.each([
    'password',
    'Password',
    'MysqlNativePassword',
    'caching_sha2_password',
    'userPasswd',
    'pwd',
    'passphrase',
    'clientSecret',
    'token',
    'session-token',
    'credentials',
    'nativeHash',
    'salt',
    'scramble',
    'authResponse',
    'auth_data',
    'privateKey',
    'private_key_pem',
    'key',
    'tlsKey',
  ])('replaces the value of %s', (key) => {
    expect(kept({ [key]: 'hunter2', deep: { list: [{ [key]: 'hunter2' }] } })).toEqual({
      [key]: redactedValue,
      deep: { list: [{ [key]: redactedValue }] },
    });
  });

  it('leaves harmless keys and truth values', () => {
    const data = {
      keyspace: 'ks',
      keyUsage: 'x',
      publicKey: 'p',
      table: 't',
      usingPassword: true,
      password: null,
      passing: 1,
    };
    expect(kept(data)).toEqual(data);
  });

  it('replaces a private key wherever it stands and cuts long text', () => {
    const data = kept({ note: '-----BEGIN PRIVATE KEY-----\nabc', long: 'x'.repeat(10_000) });
    expect(data?.['note']).toBe(redactedValue);
    expect(String(data?.['long']).length).toBe(4097);
  });

  it('never lets a secret through at any depth', () => {
    const secret = 'S3CR3T-S3CR3T';
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        fc.string(),
        fc.integer(),
        fc.dictionary(fc.string(), tie('node'), { maxKeys: 3 }),
        fc.array(tie('node'), { maxLength: 3 }),
      ),
    })).node;
    fc.assert(
      fc.property(tree, fc.array(fc.string(), { maxLength: 4 }), (other, path) => {
        let data: unknown = { other, password: secret };
        for (const name of path) data = { [name]: [data] };
        expect(JSON.stringify(kept(data as never))).not.toContain(secret);
      }),
      { numRuns: runs },
    );
  });
});

describe('noRecorder', () => {
  it('is off for every part', () => {
    expect(noRecorder.enabled('gateway')).toBe(false);
    expect(noRecorder.open('g', 'a')).toBe('');
  });
});
