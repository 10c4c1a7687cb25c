import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GatehouseError, systemClock } from '../../../domain/kernel';
import { writeFileAtomic } from '../../../servers/store';
import { initWorkspace } from '../../workspace/init-workspace';

export interface WideOptions {
  readonly callers: number;
  readonly tables: number;
  /** Names as long as files allow people to make them. */
  readonly longNames?: boolean;
}

/** Digests of nothing that anybody knows: nobody signs in with them. */
const native = `*${'5F8B8A2B'.repeat(5)}`;
const sha2 = `*${'02F8D9A6'.repeat(8)}`;
const GROUP_SIZE = 5;

const numbered = (name: string, number: number, long: boolean): string => {
  const short = `${name}_${String(number).padStart(3, '0')}`;
  return long && number % 7 === 0 ? `${short}_of_the_department_for_extraordinarily_long_names_${number}` : short;
};

/** A workspace with the links of the sample shop and many users and tables, five tables a group. */
export async function makeWideWorkspace(dir: string, samples: string, options: WideOptions): Promise<void> {
  const made = await initWorkspace({
    dir,
    sample: 'shop',
    samples,
    clock: systemClock,
    unlocker: { kind: 'key-file' },
  });
  if (!made.ok) throw new GatehouseError(made.failure);
  const long = options.longNames === true;
  const callers = Array.from({ length: options.callers }, (_, at) => numbered('caller', at + 1, long));
  const tables = Array.from({ length: options.tables }, (_, at) => numbered('table', at + 1, long));
  const everyNth = (names: readonly string[], step: number, from = 0): string[] =>
    names.filter((_, at) => (at + from) % step === 0);
  const groups = Array.from({ length: Math.ceil(tables.length / GROUP_SIZE) }, (_, at) => {
    const readers = everyNth(callers, 3, at);
    const writers = everyNth(readers, 2);
    return {
      name: numbered('group', at + 1, long),
      table_names_or_prefixes: tables.slice(at * GROUP_SIZE, (at + 1) * GROUP_SIZE),
      readers,
      writers,
      admins: everyNth(writers, 4),
    };
  });
  const users = Object.fromEntries(
    callers.map((name) => [name, [{ MysqlNativePassword: native, CachingSha2Password: sha2, UserData: name }]]),
  );
  const schema = tables.map((name) => `CREATE TABLE ${name} (id BIGINT NOT NULL PRIMARY KEY, note VARCHAR(80));\n`);
  await writeFileAtomic(join(dir, 'users.json'), `${JSON.stringify(users, null, 2)}\n`, 0o600);
  await writeFileAtomic(join(dir, 'acl.json'), `${JSON.stringify({ table_groups: groups }, null, 2)}\n`, 0o644);
  await writeFileAtomic(join(dir, 'schema.sql'), schema.join(''), 0o644);
  // Its cells are of callers and tables that are not there any more.
  await rm(join(dir, 'tests', 'shop.json'));
}
