import { randomInt } from 'node:crypto';
import { GatehouseError } from '../../../domain/kernel';
import type { AttackGround, RootRow } from '../ground';

/** A column as an attacker would use it. */
export interface BaitColumn {
  readonly name: string;
  readonly text: boolean;
}

/** What lies in a table that nobody but its readers may see. */
export interface Bait {
  readonly table: string;
  /** The column that holds the canary; the canary is the greatest value in it. */
  readonly column: string;
  /** Exists nowhere else, and stands in no statement, so that whoever shows it has read the table. */
  readonly canary: string;
}

/** `name` as an identifier. */
export const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

const cell = (row: RootRow, key: string): string => {
  const value = row[key] ?? row[key.toUpperCase()];
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
};

/** Columns of a table in their order, with the longest text that each holds. */
export async function columnsOf(
  ground: AttackGround,
  table: string,
): Promise<readonly (BaitColumn & { readonly longest: number; readonly key: boolean; readonly integer: boolean })[]> {
  const rows = await ground.atMysql(
    'select column_name as name, data_type as kind, character_maximum_length as longest, column_key as role ' +
      'from information_schema.columns where table_schema = database() and table_name = ? order by ordinal_position',
    [table],
  );
  return rows.map((row) => {
    const kind = cell(row, 'kind').toLowerCase();
    return {
      name: cell(row, 'name'),
      text: /^(var)?char$|text$/.test(kind),
      integer: /^(int|bigint|mediumint)$/.test(kind),
      longest: Number(cell(row, 'longest') || 0),
      key: cell(row, 'role') !== '',
    };
  });
}

const letters = 'abcdefghijkmnpqrstuvwxyz';
const random = (length: number): string =>
  Array.from({ length }, () => letters[randomInt(letters.length)] ?? 'x').join('');

/** Everything laid on a ground, so that a table gets one bait of a kind. */
const laid = new WeakMap<AttackGround, Map<string, Promise<Bait>>>();

/**
 * Lays a canary into a table as MySQL's root, once for a ground: the greatest value of its column, or (`row`) one among
 * others. Rejects with GatehouseError `attack.bait` where that cannot be done.
 */
export function layBait(ground: AttackGround, table: string, kind: 'greatest' | 'row' = 'greatest'): Promise<Bait> {
  const known = laid.get(ground) ?? new Map<string, Promise<Bait>>();
  laid.set(ground, known);
  const key = JSON.stringify([kind, table]);
  const found = known.get(key) ?? lay(ground, table, kind);
  known.set(key, found);
  return found;
}

async function lay(ground: AttackGround, table: string, kind: 'greatest' | 'row'): Promise<Bait> {
  const columns = await columnsOf(ground, table);
  const column =
    columns.find(({ text, longest, key }) => text && longest >= 10 && !key) ??
    columns.find(({ text, longest }) => text && longest >= 10) ??
    columns.find(({ integer }) => integer);
  const failed = (why: string): GatehouseError =>
    new GatehouseError({ code: 'attack.bait', summary: `No bait could be laid in the table "${table}": ${why}.` });
  if (column === undefined) throw failed('it has no column for a text of 10 characters or a whole number');
  const greatest = kind === 'greatest';
  const canary = column.text ? `${greatest ? 'zz' : 'yz'}${random(8)}` : String(8_300_000 + randomInt(80_000));
  const name = quoted(column.name);
  const id = columns.find(({ integer, key }) => integer && key && column.text);
  // IGNORE fills the columns without a default; what a foreign key still refuses is seen below.
  if (id === undefined) await ground.atMysql(`insert ignore into ${quoted(table)} (${name}) values (?)`, [canary]);
  else
    await ground.atMysql(`insert ignore into ${quoted(table)} (${quoted(id.name)}, ${name}) values (?, ?)`, [
      1_900_000_000 + randomInt(100_000_000),
      canary,
    ]);
  const [row] = await ground.atMysql(
    greatest
      ? `select max(${name}) as found from ${quoted(table)}`
      : `select ${name} as found from ${quoted(table)} where ${name} = ?`,
    greatest ? [] : [canary],
  );
  if (cell(row ?? {}, 'found') !== canary) throw failed('MySQL does not keep it, or has something greater');
  return { table, column: column.name, canary };
}

/** What tables amount to: their definitions and everything in them. */
export async function fingerprints(ground: AttackGround, tables: readonly string[]): Promise<readonly string[]> {
  const sums = await ground.atMysql(`checksum table ${tables.map(quoted).join(', ')}`);
  return Promise.all(
    tables.map(async (table, index) => {
      try {
        const [made] = await ground.atMysql(`show create table ${quoted(table)}`);
        return JSON.stringify([made, sums[index]]).replaceAll(/ AUTO_INCREMENT=\d+/g, '');
      } catch {
        return 'there is no such table';
      }
    }),
  );
}

const copyOf = (table: string): string => quoted(`gatehouse_kept_${table}`.slice(0, 64));

/** Keeps copies of tables, says which have changed, and puts them back as they were. */
export class KeptTables {
  #prints: readonly string[] = [];

  constructor(
    readonly ground: AttackGround,
    readonly tables: readonly string[],
  ) {}

  /** Takes the tables as they are for right; copies what is not as it was at the last time. */
  async begin(): Promise<void> {
    const prints = await fingerprints(this.ground, this.tables);
    for (const [index, table] of this.tables.entries()) {
      if (prints[index] === this.#prints[index]) continue;
      await this.ground.atMysql(`drop table if exists ${copyOf(table)}`);
      await this.ground.atMysql(`create table ${copyOf(table)} like ${quoted(table)}`);
      await this.ground.atMysql(`insert into ${copyOf(table)} select * from ${quoted(table)}`);
    }
    this.#prints = prints;
  }

  /** Tables that are not as they were at `begin`. */
  async changed(): Promise<readonly string[]> {
    const prints = await fingerprints(this.ground, this.tables);
    return this.tables.filter((_, index) => prints[index] !== this.#prints[index]);
  }

  /** Puts back what changed. */
  async putBack(changed: readonly string[]): Promise<void> {
    for (const table of changed) {
      await this.ground.atMysql(`drop table if exists ${quoted(table)}`);
      await this.ground.atMysql(`create table ${quoted(table)} like ${copyOf(table)}`);
      await this.ground.atMysql(`insert into ${quoted(table)} select * from ${copyOf(table)}`);
    }
  }
}
