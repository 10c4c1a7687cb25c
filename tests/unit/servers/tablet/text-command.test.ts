import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextCommand, type CommandConnection } from '../../../../src-main/servers/tablet/text-command';

const tracking = 0x0080_0000;

interface Run {
  readonly written: Buffer[];
  readonly columns: string[];
  readonly rows: { lengths: number[]; values: string }[];
  readonly events: string[];
}

/** Runs a command against the payloads that a server answers with. */
function run(sql: string, payloads: readonly (Buffer | number[])[], capabilityFlags = tracking, wanted = true): Run {
  const written: Buffer[] = [];
  const columns: string[] = [];
  const rows: Run['rows'] = [];
  const events: string[] = [];
  const connection: CommandConnection = {
    clientEncoding: 'utf8',
    _handshakePacket: { capabilityFlags },
    _resetSequenceId: () => undefined,
    _bumpSequenceId: (count) => void events.push(`packets ${count}`),
    write: (bytes) => void written.push(bytes),
    addCommand: () => undefined,
  };
  const command = new TextCommand(
    sql,
    {
      columns: (list) =>
        void columns.push(
          ...list.map(({ name, columnType, characterSet, flags, decimals, columnLength }) =>
            [name, columnType, characterSet, flags, decimals, columnLength].join(' '),
          ),
        ),
      row: ({ lengths, values }) => {
        rows.push({ lengths: [...(lengths ?? [])], values: Buffer.from(values ?? []).toString('latin1') });
        return wanted;
      },
    },
    {
      pause: () => void events.push('pause'),
      done: ({ affectedRows, insertId, info, warnings, results }) =>
        void events.push(`done ${affectedRows} ${insertId} '${info}' ${warnings} ${results}`),
      failed: (error) => void events.push(`failed ${(error as Error).message}`),
    },
  );
  let over = command.execute(undefined, connection);
  for (const payload of payloads) {
    expect(over).toBe(false);
    // A packet lies in the middle of what the socket delivered.
    const buffer = Buffer.concat([Buffer.from('xxxx'), Buffer.from(payload), Buffer.from('yyyyyyyyyyyy')]);
    const packet = { buffer, offset: 4, end: 4 + payload.length, asError: () => new Error('as mysql2 reads it') };
    over = command.execute(packet, connection);
  }
  events.push(over ? 'over' : 'waiting');
  return { written, columns, rows, events };
}

const text = (value: string): number[] => [value.length, ...Buffer.from(value, 'latin1')];
const column = (name: string): number[] => [
  ...[...text('def'), ...text('shop'), ...text('t'), ...text('orders'), ...text(name), ...text(`org_${name}`)],
  ...[12, 45, 0, 0x10, 0x20, 0, 0, 253, 0x03, 0x10, 31],
];
const eof = (status = 2): number[] => [0xfe, 0, 0, status, 0];

describe('a statement as packets', () => {
  it('is COM_QUERY with its text in UTF-8', () => {
    const { written, events } = run('select "ä"', []);
    expect(written[0]).toEqual(Buffer.concat([Buffer.from([12, 0, 0, 0, 3]), Buffer.from('select "ä"')]));
    expect(events).toEqual(['packets 1', 'waiting']);
  });

  it.each([
    [0xff_fffd, [0xff_fffe]],
    [0xff_fffe, [0xff_ffff, 0]],
    [0xff_ffff, [0xff_ffff, 1]],
  ])('of %i bytes is cut where MySQL cuts', (length, sizes) => {
    const [bytes] = run('x'.repeat(length), []).written;
    const seen: number[] = [];
    for (let at = 0; at < bytes!.length; at += 4 + seen.at(-1)!) {
      expect(bytes![at + 3]).toBe(seen.length);
      seen.push(bytes!.readUIntLE(at, 3));
    }
    expect(seen).toEqual(sizes);
  });
});

describe('an answer', () => {
  it('with rows gives lengths and values', () => {
    const { columns, rows, events } = run('s', [
      [2],
      column('a'),
      column('b'),
      eof(),
      [...text('one'), 0xfb],
      [0, ...text('two')],
      [0xfc, 2, 0, 120, 121, ...text('')],
      eof(),
    ]);
    expect(columns).toEqual(['a 253 45 4099 31 8208', 'b 253 45 4099 31 8208']);
    expect(rows).toEqual([
      { lengths: [3, -1], values: 'one' },
      { lengths: [0, 3], values: 'two' },
      { lengths: [2, 0], values: 'xy' },
    ]);
    expect(events).toEqual(['packets 1', "done 0 0 '' 0 1", 'over']);
  });

  it.each([
    ['with a length before its text', tracking, [0, 1, 5, 2, 0, 3, 0, ...text('Rows matched: 1')]],
    ['with its text to the end', 0, [0, 1, 5, 2, 0, 3, 0, ...Buffer.from('Rows matched: 1')]],
  ])('without rows, %s', (_what, flags, payload) => {
    expect(run('s', [payload], flags).events).toEqual(['packets 1', "done 1 5 'Rows matched: 1' 3 0", 'over']);
  });

  it('keeps numbers of 64 bits', () => {
    const max = [0xfe, 255, 255, 255, 255, 255, 255, 255, 255];
    expect(run('s', [[0, ...max, ...max, 2, 0, 0, 0]]).events[1]).toBe(
      "done 18446744073709551615 18446744073709551615 '' 0 0",
    );
  });

  it('of several results counts them and gives the rows of the first', () => {
    const one = [[1], column('a'), eof(), text('1'), eof(10)];
    const { rows, events } = run('s', [...one, [1], column('b'), eof(), text('2'), eof(10), [0, 0, 0, 2, 0, 0, 0]]);
    expect(rows).toHaveLength(1);
    expect(events.at(-2)).toBe("done 0 0 '' 0 2");
  });

  it('that is an error ends the command, at its beginning and among rows', () => {
    expect(run('s', [[0xff, 1, 2]]).events).toEqual(['packets 1', 'failed as mysql2 reads it', 'over']);
    expect(run('s', [[1], column('a'), eof(), text('1'), [0xff, 1, 2]]).events.at(-1)).toBe('over');
  });

  it('asks for a pause when the sink has enough', () => {
    expect(run('s', [[1], column('a'), eof(), text('1')], tracking, false).events).toContain('pause');
  });

  it('that asks for a file is refused', () => {
    expect(() => run('s', [[0xfb, 47, 101]])).toThrow('never allowed');
  });

  it('out of form throws RangeError and nothing else', () => {
    const payload = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.constantFrom(Uint8Array.from(column('a')), Uint8Array.from(eof()), Uint8Array.from([1])),
    );
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 6 }), (payloads) => {
        const events: unknown[] = [];
        const command = new TextCommand(
          's',
          { columns: () => undefined, row: () => true },
          { pause: () => undefined, done: (out) => void events.push(out), failed: (error) => void events.push(error) },
        );
        const connection = {
          clientEncoding: 'utf8',
          _handshakePacket: { capabilityFlags: tracking },
          _resetSequenceId: () => undefined,
          _bumpSequenceId: () => undefined,
          write: () => undefined,
          addCommand: () => undefined,
        };
        try {
          let over = command.execute(undefined, connection);
          for (const bytes of payloads) {
            if (over) break;
            const buffer = Buffer.from(bytes);
            over = command.execute(
              { buffer, offset: 0, end: buffer.length, asError: () => new Error('x') },
              connection,
            );
          }
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
        expect(events.length).toBeLessThanOrEqual(1);
      }),
      { seed: 5, numRuns: 5_000 },
    );
  });
});
