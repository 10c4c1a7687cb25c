import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aclMatrix,
  compareMatrices,
  decide,
  tableRoles,
  type AclLetter,
  type Decision,
} from '../../../../src-main/domain/acl';
import { caller, current, load } from './acl-builder';

const settings = (rest: object = {}) => ({ strict: true, dryRun: false, exempt: '', ...rest });

const letterOf = ({ verdict, enforcement, wouldBe }: Decision): AclLetter =>
  verdict !== 'allow'
    ? 'D'
    : wouldBe === undefined
      ? 'A'
      : enforcement === 'exempt'
        ? 'E'
        : enforcement === 'dry-run'
          ? 'W'
          : 'N';

describe('aclMatrix', () => {
  const acl = load({
    table_groups: [
      { table_names_or_prefixes: ['orders', 'order_%'], readers: ['web', 'ops'], writers: ['web'], admins: ['ops'] },
      { table_names_or_prefixes: ['payments'], readers: ['billing'] },
    ],
  });
  const callers = [caller('web'), caller('olga', 'ops'), caller('')];
  const tables = ['orders', 'order_items', 'payments', 'elsewhere', 'dual'];

  it('answers reading, writing and administering of each table', () => {
    expect(aclMatrix({ acl, aclFileGiven: true, settings: settings(), callers, tables })).toEqual([
      'AADAADDDDDDDAAA',
      'ADAADADDDDDDAAA',
      'DDDDDDDDDDDDAAA',
    ]);
  });

  it('says why who is not listed gets through', () => {
    const row = (rest: object, given = true): string =>
      aclMatrix({
        acl: null,
        aclFileGiven: given,
        settings: settings(rest),
        callers: [caller('web', 'g')],
        tables: ['t'],
      })[0] ?? '';
    expect(row({})).toBe('DDD');
    expect(row({ strict: false })).toBe('NNN');
    expect(row({ dryRun: true })).toBe('WWW');
    expect(row({ exempt: 'g' })).toBe('EEE');
    expect(row({ exempt: 'g' }, false)).toBe('DDD');
    expect(row({ exempt: 'other' })).toBe('DDD');
  });

  it('says what decide says, for any file, caller and settings', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'gRPC', '');
    const names = fc.array(name, { maxLength: 3 });
    const entry = fc.constantFrom('t', 'tt', 'u%', 'v', 'dual', 'w%');
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { maxLength: 5 }),
        fc.array(fc.record({ readers: names, writers: names, admins: names }), { minLength: 1, maxLength: 3 }),
        fc.record({ strict: fc.boolean(), dryRun: fc.boolean(), exempt: name }),
        fc.boolean(),
        fc.record({ username: name, groups: names }),
        (entries, lists, chosen, hasFile, who) => {
          const groups = lists.map((each, index) => ({
            ...each,
            table_names_or_prefixes: entries.filter((_, at) => at % lists.length === index),
          }));
          const loaded = hasFile ? load({ table_groups: groups }) : null;
          const asked = ['t', 'tt', 'ttt', 'u', 'u_1', 'v', 'dual', 'w0'];
          const [row] = aclMatrix({
            acl: loaded,
            aclFileGiven: hasFile,
            settings: chosen,
            callers: [who],
            tables: asked,
          });
          const expected = asked.flatMap((table) =>
            tableRoles.map((role) =>
              letterOf(
                decide({
                  acl: loaded,
                  aclFileGiven: hasFile,
                  settings: chosen,
                  caller: who,
                  plan: {
                    kind: 'plan',
                    name: 'Select',
                    permissions: [{ table, role }],
                    undetermined: null,
                    dualOnly: false,
                  },
                  fidelity: current,
                }),
              ),
            ),
          );
          expect(row).toBe(expected.join(''));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('answers 50 callers on 200 tables well under 100 ms', () => {
    const big = load({
      table_groups: Array.from({ length: 40 }, (_, group) => ({
        name: `group${group}`,
        table_names_or_prefixes: Array.from({ length: 5 }, (_table, table) => `table_${group}_${table}`),
        readers: Array.from({ length: 20 }, (_name, name) => `caller${(group + name) % 50}`),
        writers: ['caller1'],
      })),
    });
    const question = {
      acl: big,
      aclFileGiven: true,
      settings: settings(),
      callers: Array.from({ length: 50 }, (_, index) => caller(`caller${index}`, 'one', 'two')),
      tables: Array.from({ length: 200 }, (_, index) => `table_${Math.floor(index / 5)}_${index % 5}`),
    };
    aclMatrix(question);
    const before = process.cpuUsage();
    const rows = aclMatrix(question);
    // Of the processor's time: the machine does other things too.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(50);
    expect(rows).toHaveLength(50);
    expect(rows[0]).toHaveLength(600);
  });
});

describe('compareMatrices', () => {
  it('marks and counts the cells that differ', () => {
    expect(compareMatrices(['ADWN', 'AAAA'], ['DAAE', 'AAAA'])).toEqual({
      rows: ['-+~~', '....'],
      gains: 1,
      loses: 1,
      others: 2,
    });
  });
});
