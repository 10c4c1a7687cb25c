import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQueryRules } from '../../../../src-main/domain/query-rules';

const parse = (text: string, tables?: readonly string[]) =>
  parseQueryRules(Buffer.from(text), {
    file: 'query-rules.json',
    ...(tables === undefined ? {} : { tables: new Set(tables) }),
  });
const condition = (rest: string): string => `[{"BindVarConds": [{"Name": "a", ${rest}}]}]`;

describe('a file of query rules', () => {
  it.each([
    ['', 'EOF'],
    ['[{', 'unexpected EOF'],
    ['\ufeff[]', "invalid character 'ï' looking for beginning of value"],
    ['[1, 2 3]', "invalid character '3' after array element"],
    ['{}', 'json: cannot unmarshal object into Go value of type []map[string]interface {}'],
    ['[{"Nme": 1}, 1]', 'json: cannot unmarshal number into Go value of type map[string]interface {}'],
    ['[{"Name": null}]', 'want string for Name'],
    ['[{"Querry": ".*"}]', 'unrecognized tag Querry'],
    ['[{"query": ".*"}]', 'unrecognized tag query'],
    ['[{"Plans": "Select"}]', 'want list for Plans'],
    ['[{"Plans": [1]}]', 'want string for Plans'],
    ['[{"Plans": ["select"]}]', 'invalid plan name: select'],
    ['[{"TableNames": [null]}]', 'want string for TableNames'],
    ['[{"Action": "CONTINUE"}]', 'invalid Action CONTINUE'],
    ['[{"RequestIP": "("}]', 'could not set IP condition: ('],
    ['[{"User": "["}]', 'could not set User condition: ['],
    ['[{"Query": "(?=a)"}]', 'could not set Query condition: (?=a)'],
    ['[{"LeadingComment": "*"}, {"TrailingComment": "a**"}]', 'could not set TrailingComment condition: a**'],
    ['[{"BindVarConds": [1]}]', 'want json object for bind var conditions'],
    ['[{"BindVarConds": [{}]}]', 'Name missing in BindVarConds'],
    [condition('"OnAbsent": 1'), 'want bool for OnAbsent'],
    [condition('"OnAbsent": true'), 'Operator missing in BindVarConds'],
    [condition('"OnAbsent": true, "Operator": "=~"'), 'invalid Operator =~'],
    [condition('"OnAbsent": true, "Operator": "=="'), 'Value missing in BindVarConds'],
    [
      condition('"OnAbsent": true, "Operator": "==", "Value": {"b": [1, null], "a": "x"}'),
      'want string or number: map[a:x b:[1 <nil>]]',
    ],
    [condition('"OnAbsent": true, "Operator": "==", "Value": 1.5'), 'want int64/uint64: 1.5'],
    [
      condition('"OnAbsent": true, "Operator": "==", "Value": 18446744073709551616'),
      'want int64/uint64: 18446744073709551616',
    ],
    [condition('"OnAbsent": true, "Operator": "MATCH", "Value": 1'), 'want string: 1'],
    [condition('"OnAbsent": true, "Operator": "==", "Value": 1'), 'OnMismatch missing in BindVarConds'],
    [
      condition('"OnAbsent": true, "OnMismatch": true, "Operator": "MATCH", "Value": "("'),
      'processing (: error parsing regexp: missing closing ): `^($`',
    ],
  ])('%s is refused as by vttablet', (text, message) => {
    const reading = parse(text);
    expect(reading.vitess).toEqual({ accepted: false, message });
    expect(reading.rules).toBeNull();
    expect(reading.findings.some(({ level }) => level === 'error')).toBe(true);
  });

  it('tells every fault with its place and what to write', () => {
    const { findings } = parse('[\n  {"Plans": ["select"],\n   "Action": "DENY",\n   "querry": 1}\n]');
    expect(findings.filter(({ level }) => level === 'error')).toEqual([
      expect.objectContaining({ code: 'query-rules.plan', line: 2, column: 14, remedy: 'Write "Select".' }),
      expect.objectContaining({ code: 'query-rules.action', line: 3, column: 14 }),
      expect.objectContaining({ code: 'query-rules.unknown-key', line: 4, column: 4 }),
    ]);
  });

  it('does not take what it cannot decide, though vttablet does', () => {
    const { rules, vitess, findings } = parse('[{"Query": "\\\\pL+"}]');
    expect({ rules, vitess }).toEqual({ rules: null, vitess: { accepted: true, message: null } });
    expect(findings[0]).toMatchObject({ code: 'query-rules.regexp-unknown', level: 'error', line: 1, column: 12 });
  });

  const quiet = ['tables-partly', 'no-description', 'user-everybody', 'address-of-gateway', 'query-literal'];
  it.each([
    ['[{"User": "web", "Query": "a"}]', ['user-never']],
    ['[{"User": "gRPC"}]', ['refuses-all']],
    ['[{"RequestIP": "127\\\\.0\\\\.0\\\\.1", "Query": "a"}]', ['address-never']],
    ['[{"RequestIP": "127.*", "Query": "a"}]', []],
    ['[{"Query": "select a|select b"}]', ['not-exact']],
    ['[{"Query": "SELECT .*"}]', ['query-upper-case']],
    ['[{"Query": "(?i)SELECT .*"}]', []],
    ['[{}, {"Query": "a"}]', ['refuses-all', 'never-asked']],
    ['[null]', ['refuses-all']],
    ['[{"Plans": [], "Query": "a"}]', ['empty-list']],
    ['[{"Action": "BUFFER", "Query": "a"}]', ['buffer']],
    ['[{"Query": "a", "Query": "b"}]', ['duplicate-key']],
    ['[{"Query": "a"}] [{}]', ['trailing-data']],
    ['[{"TableNames": ["order_%"]}]', ['table-pattern']],
    ['[{"TableNames": ["shop.orders"]}]', ['table-qualified']],
    ['[{"TableNames": ["Orders"]}]', ['table-unknown']],
    ['[{"TableNames": ["orders"]}]', []],
    [condition('"OnAbsent": false, "Operator": "", "Extra": 1'), ['ignored-key', 'bind-dodged']],
    ['[{"BindVarConds": [{"Name": ":a", "OnAbsent": true, "Operator": ""}]}]', ['bind-name']],
    ['null', []],
    ['[]', []],
  ])('%s is warned of', (text, codes) => {
    const { vitess, findings } = parse(text, ['orders']);
    expect(vitess.accepted).toBe(true);
    const found = findings.map(({ code }) => code.replace('query-rules.', '')).filter((code) => !quiet.includes(code));
    expect(found.sort()).toEqual([...codes].sort());
  });

  it('reads whatever it is given', () => {
    const key = fc.constantFrom(
      'Name',
      'Description',
      'RequestIP',
      'User',
      'Query',
      'LeadingComment',
      'TrailingComment',
      'Action',
      'Plans',
      'TableNames',
      'BindVarConds',
      'x',
    );
    const value = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('FAIL', 'BUFFER', 'gRPC', '(', 'a|b', '[[:x:]]', '\\', '\\x{110000}', 'a{2}{2}', '(?i)ß'),
      fc.array(fc.oneof(fc.constantFrom('Select', 'DDL', 't'), fc.jsonValue())),
      fc.array(
        fc.record(
          {
            Name: fc.string(),
            OnAbsent: fc.boolean(),
            OnMismatch: fc.boolean(),
            Operator: fc.constantFrom('', '==', 'MATCH', '<'),
            Value: fc.oneof(fc.string(), fc.integer(), fc.jsonValue()),
          },
          { requiredKeys: [] },
        ),
      ),
    );
    const text = fc.oneof(
      fc.array(fc.dictionary(key, value)).map((list) => JSON.stringify(list)),
      fc
        .tuple(
          fc.array(fc.dictionary(key, value)).map((list) => JSON.stringify(list)),
          fc.nat(),
          fc.string(),
        )
        .map(([whole, at, put]) => whole.slice(0, at % (whole.length + 1)) + put),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (content) => {
        const { rules, vitess, findings } = parse(content, ['t']);
        const errors = findings.filter(({ level }) => level === 'error');
        // Nothing is refused in silence, and nothing at fault is enforced.
        expect(rules === null).toBe(errors.length > 0);
        if (!vitess.accepted) expect(rules).toBeNull();
        for (const { line, column, message, remedy } of findings) {
          expect(line).toBeLessThanOrEqual(content.split('\n').length);
          expect(column).toBeGreaterThanOrEqual(0);
          expect(message.length * remedy.length).toBeGreaterThan(0);
        }
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseQueryRules(bytes, { file: 'q' })));
  });
});
