import { describe, expect, it } from 'vitest';
import { readMysqlAccounts } from '../../../../src-main/domain/users/mysql-accounts';
import { cpuTime } from '../../../support/cpu-time';

const HASH = '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19';
const read = (text: string) => {
  const { accounts, unread } = readMysqlAccounts(text);
  return {
    accounts: accounts.map(({ authentication, ...rest }) => ({ ...rest, authentication: authentication.reveal() })),
    unread,
  };
};

describe('accounts copied from a MySQL server', () => {
  it('reads the table of the interactive client', () => {
    const text = [
      'mysql> SELECT user, authentication_string FROM mysql.user;',
      '+----------+-------------------------------------------+',
      '| user     | authentication_string                     |',
      '+----------+-------------------------------------------+',
      `| myuser1  | ${HASH} |`,
      '| vt app   |                                           |',
      '+----------+-------------------------------------------+',
      '2 rows in set (0.00 sec)',
    ].join('\n');
    expect(read(text)).toEqual({
      accounts: [
        { line: 5, user: 'myuser1', host: null, plugin: null, authentication: HASH },
        { line: 6, user: 'vt app', host: null, plugin: null, authentication: '' },
      ],
      unread: [],
    });
  });

  it('reads batch output with its heading in any order, and NULL as no password', () => {
    const text = `Host\tUser\tplugin\tauthentication_string\r\n10.%\tapp\\tlying\tmysql_native_password\t${HASH}\r\n%\tnone\t\tNULL\r\n`;
    expect(read(text).accounts).toEqual([
      { line: 2, user: 'app\tlying', host: '10.%', plugin: 'mysql_native_password', authentication: HASH },
      { line: 3, user: 'none', host: '%', plugin: null, authentication: '' },
    ]);
  });

  it('reads vertical output', () => {
    const text = `*************************** 1. row ***************************\n                 user: a\n                 host: localhost\nauthentication_string: ${HASH}\n*************************** 2. row ***************************\n user: b\nauthentication_string: $A$005$xyz\n`;
    expect(read(text).accounts).toEqual([
      { line: 1, user: 'a', host: 'localhost', plugin: null, authentication: HASH },
      { line: 5, user: 'b', host: null, plugin: null, authentication: '$A$005$xyz' },
    ]);
  });

  it.each([
    [`CREATE USER \`app\`@\`%\` IDENTIFIED WITH 'mysql_native_password' AS '${HASH}' REQUIRE NONE;`, 'app', '%'],
    [`CREATE USER 'o''neil'@'localhost' IDENTIFIED BY PASSWORD '${HASH}'`, "o'neil", 'localhost'],
    [`CREATE USER \`m\`@\`%\` IDENTIFIED VIA mysql_native_password USING '${HASH}';`, 'm', '%'],
    [`GRANT USAGE ON *.* TO \`g\`@\`h\` IDENTIFIED BY PASSWORD '${HASH}'`, 'g', 'h'],
    [`create user if not exists bare identified with mysql_native_password as '${HASH}'`, 'bare', null],
    [`ALTER USER "q"\n  IDENTIFIED WITH 'mysql_native_password'\n  AS '${HASH}';`, 'q', null],
  ])('reads %s', (text, user, host) => {
    expect(read(text)).toMatchObject({ accounts: [{ line: 1, user, host, authentication: HASH }], unread: [] });
  });

  it('reads a hash that is written in hexadecimal, as SHOW CREATE USER does with print_identified_with_as_hex', () => {
    const hex = Buffer.from(HASH).toString('hex').toUpperCase();
    expect(read(`CREATE USER \`a\`@\`%\` IDENTIFIED WITH 'mysql_native_password' AS 0x${hex};`).accounts).toMatchObject(
      [{ user: 'a', authentication: HASH }],
    );
  });

  it('reads rows without a heading, separated by blanks, commas or tabs', () => {
    expect(read(`a ${HASH}\n"b c","%","${HASH}"\nd\tlocalhost\tmysql_native_password\t${HASH}`).accounts).toEqual([
      { line: 1, user: 'a', host: null, plugin: null, authentication: HASH },
      { line: 2, user: 'b c', host: '%', plugin: null, authentication: HASH },
      { line: 3, user: 'd', host: 'localhost', plugin: 'mysql_native_password', authentication: HASH },
    ]);
  });

  it('says what is wrong with lines that it cannot read, and never quotes a password', () => {
    const { accounts, unread } = read(
      [
        'hello',
        "CREATE USER 'x'@'%' IDENTIFIED BY 'Hunter2Hunter2';",
        "CREATE USER 'x'@'%';",
        'a b c d',
        `z ${'y'.repeat(5_000)}`,
      ].join('\n'),
    );
    expect(accounts).toEqual([]);
    expect(unread.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5]);
    expect(JSON.stringify(unread)).not.toContain('Hunter2');
    expect(unread[1]?.reason).toContain('a password in clear');
  });

  it('is not misled by names of object properties', () => {
    expect(read('constructor\tvalueOf\n__proto__\ttoString').accounts).toEqual([]);
  });

  it.each([
    ['names', `create user ${'a'.repeat(3_900)}\n`],
    ['words', `create user ${'user '.repeat(780)}\n`],
    ['quotes', `create user ${"'".repeat(3_900)}\n`],
    ['dots', `x ${'.'.repeat(3_900)}\n`],
    ['blanks', `x,${' '.repeat(3_900)}y\n`],
    ['open statements', 'create user x identified with\n'],
  ])('reads a megabyte of hostile %s within two seconds', (_, line) => {
    const text = line.repeat(Math.ceil(1_000_000 / line.length));
    const start = cpuTime();
    readMysqlAccounts(text);
    expect(cpuTime() - start).toBeLessThan(2_000);
  });
});
