import { describe, expect, it } from 'vitest';
import { emitReason, type QueryLogFilter } from '../../../../src-main/domain/kernel';

const never = (): number => 0.999;
const facts = { sql: 'select name from t1 /* audit */', rows: 3, milliseconds: 100, failed: false };
const reason = (filter: QueryLogFilter, changed: Partial<typeof facts> = {}, random = never) =>
  emitReason(filter, { ...facts, ...changed }, random);

describe('without --querylog-emit-on-any-condition-met', () => {
  it('a log without conditions gets everything, with no reason', () => {
    expect(reason({})).toBe('');
    expect(reason({}, { failed: true, rows: 0, milliseconds: 0 })).toBe('');
  });

  it('the row threshold is the least number of rows', () => {
    expect(reason({ rowThreshold: 3 })).toBe('row');
    expect(reason({ rowThreshold: 4 })).toBeNull();
  });

  it('the time threshold is the least time', () => {
    expect(reason({ timeThresholdMs: 100 })).toBe('time');
    expect(reason({ timeThresholdMs: 101 })).toBeNull();
  });

  it('both thresholds have to be met', () => {
    expect(reason({ rowThreshold: 3, timeThresholdMs: 100 })).toBe('row,time');
    expect(reason({ rowThreshold: 3, timeThresholdMs: 101 })).toBeNull();
    expect(reason({ rowThreshold: 4, timeThresholdMs: 100 })).toBeNull();
  });

  it('the tag must be in the text, and decides alone', () => {
    expect(reason({ filterTag: 'audit' })).toBe('filtertag');
    expect(reason({ filterTag: 'AUDIT' })).toBeNull();
    expect(reason({ filterTag: 'audit', rowThreshold: 100 })).toBe('filtertag');
    expect(reason({ filterTag: 'other', rowThreshold: 1 })).toBeNull();
  });

  it('mode error takes failures only', () => {
    expect(reason({ mode: 'error' })).toBeNull();
    expect(reason({ mode: 'error' }, { failed: true })).toBe('error');
    expect(reason({ mode: 'all' })).toBe('');
  });

  it('the sample rate is the share that is logged whatever else is asked', () => {
    expect(reason({ sampleRate: 0.5, rowThreshold: 100 }, {}, () => 0.49)).toBe('sample');
    expect(reason({ sampleRate: 0.5, rowThreshold: 100 }, {}, () => 0.5)).toBeNull();
    expect(reason({ sampleRate: 1, mode: 'error' }, {}, never)).toBe('sample');
    expect(reason({ sampleRate: 0, rowThreshold: 100 }, {}, () => 0)).toBeNull();
  });
});

describe('with --querylog-emit-on-any-condition-met', () => {
  const anyOf = (filter: QueryLogFilter, changed: Partial<typeof facts> = {}, random = never) =>
    reason({ ...filter, anyCondition: true }, changed, random);

  it('one condition is enough', () => {
    expect(anyOf({ rowThreshold: 3, timeThresholdMs: 5000 })).toBe('row');
    expect(anyOf({ rowThreshold: 100, timeThresholdMs: 100 })).toBe('time');
    expect(anyOf({ rowThreshold: 100, filterTag: 'audit' })).toBe('filtertag');
    expect(anyOf({ rowThreshold: 100, mode: 'error' }, { failed: true })).toBe('error');
    expect(anyOf({ rowThreshold: 100, sampleRate: 0.5 }, {}, () => 0)).toBe('sample');
  });

  it('all that are met are told, in the order of the alphabet', () => {
    const filter = { rowThreshold: 1, timeThresholdMs: 1, filterTag: 'audit', mode: 'error', sampleRate: 1 } as const;
    expect(anyOf(filter, { failed: true })).toBe('error,filtertag,row,sample,time');
  });

  it('nothing is logged when none is met, or none is asked for', () => {
    expect(anyOf({ rowThreshold: 100, timeThresholdMs: 5000, filterTag: 'x', mode: 'error' })).toBeNull();
    expect(anyOf({})).toBeNull();
  });
});
