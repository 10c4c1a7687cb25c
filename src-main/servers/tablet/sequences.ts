import type { BackendAccess } from './backend-access';
import type { query } from '../rpc';
import { askRows } from './schema-tables';
import { VtError } from './vt-error';

interface Range {
  next: bigint;
  last: bigint;
}

const INT64 = 265;

/**
 * `select next N values from seq` (go/vt/vttablet/tabletserver/query_executor.go, execNextval): values come from a range
 * that is reserved in the sequence's row 0, `cache` values at a time, so that most calls need no MySQL at all.
 */
export class Sequences {
  readonly #ranges = new Map<string, Range>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly backend: BackendAccess) {}

  /** The first of `count` values. Throws VtError or BackendError. */
  take(table: string, count: bigint): Promise<query.IQueryResult> {
    const mine = this.#turn.then(() => this.#take(table, count));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #take(table: string, count: bigint): Promise<query.IQueryResult> {
    if (count < 1n) throw new VtError('INVALID_ARGUMENT', `invalid increment for sequence ${table}: ${count}`);
    let range = this.#ranges.get(table);
    if (range === undefined || range.next + count > range.last) {
      range = await this.#reserve(table, range, count);
      this.#ranges.set(table, range);
    }
    const value = Buffer.from(String(range.next));
    range.next += count;
    return { fields: [{ name: 'nextval', type: INT64 }], rows: [{ lengths: [value.length], values: value }] };
  }

  async #reserve(table: string, known: Range | undefined, count: bigint): Promise<Range> {
    const quoted = `\`${table.replaceAll('`', '``')}\``;
    const connection = await this.backend.transactions.take();
    try {
      await connection.run('begin', null);
      const rows = await askRows(connection, `select next_id, cache from ${quoted} where id = 0 for update`);
      const [nextText, cacheText] = rows[0] ?? [];
      if (rows.length !== 1)
        throw new VtError(
          'UNKNOWN',
          `unexpected rows from reading sequence ${table} (possible mis-route): ${rows.length}`,
        );
      const stored = BigInt(nextText ?? '0');
      const cache = BigInt(cacheText ?? '0');
      if (cache < 1n) throw new VtError('UNKNOWN', `invalid cache value for sequence ${table}: ${cache}`);
      const next = known !== undefined && known.last === stored ? known.next : stored;
      let last = stored;
      while (last < next + count) last += cache;
      await connection.run(`update ${quoted} set next_id = ${last} where id = 0`, null);
      await connection.run('commit', null);
      return { next, last };
    } catch (error) {
      connection.dirty = true;
      throw error;
    } finally {
      this.backend.transactions.give(connection);
    }
  }
}
