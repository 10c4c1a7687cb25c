import { oc } from '@orpc/contract';
import { z } from 'zod';
import { finding } from '../finding';

/** A condition on one bind variable, as it is written. */
export const ruleBindCond = z.object({
  name: z.string(),
  onAbsent: z.boolean(),
  onMismatch: z.boolean(),
  operator: z.string(),
  value: z.string(),
  isNumber: z.boolean(),
});
export type RuleBindCond = z.infer<typeof ruleBindCond>;

export const rulePatternKey = z.enum(['RequestIP', 'User', 'Query', 'LeadingComment', 'TrailingComment']);
export type RulePatternKey = z.infer<typeof rulePatternKey>;

/** One rule of the form, in the order of the file. */
export const queryRule = z.object({
  name: z.string(),
  description: z.string(),
  patterns: z.partialRecord(rulePatternKey, z.string()),
  plans: z.array(z.string()),
  tableNames: z.array(z.string()),
  bindVarConds: z.array(ruleBindCond),
  action: z.string(),
  line: z.number(),
  /** Findings between this rule's first line and the next one's. */
  findings: z.array(finding),
});
export type QueryRuleData = z.infer<typeof queryRule>;

const vitess = z.object({ accepted: z.boolean(), message: z.string().nullable() });

/** One file of query rules of the draft. */
export const queryRulesFile = z.object({
  path: z.string(),
  /** Changes with every change of the text. */
  version: z.string(),
  state: z.enum(['text', 'missing', 'unreadable']),
  text: z.string(),
  /** Null: the text is broken, or says what a form cannot show. */
  rules: z.array(queryRule).nullable(),
  vitess,
  findings: z.array(finding),
});
export type QueryRulesFile = z.infer<typeof queryRulesFile>;

export const queryRulesTablet = z.object({
  alias: z.string(),
  keyspace: z.string(),
  file: z.string().nullable(),
  watch: z.boolean(),
});
export type QueryRulesTablet = z.infer<typeof queryRulesTablet>;

export const queryRulesPart = z.object({
  tablets: z.array(queryRulesTablet),
  files: z.array(queryRulesFile),
  /** Tables that conditions can name, as far as known, by keyspace. */
  tables: z.record(z.string(), z.array(z.string())),
  /** Every plan of vttablet. */
  plans: z.array(z.string()),
});
export type QueryRulesPart = z.infer<typeof queryRulesPart>;

const mark = z.enum(['allow', 'deny', 'refuse', 'would-deny', 'not-enforced', 'unknown']);

/** What the rules do to the saved tests, against the same workspace without them. */
export const queryRulesEffect = z.object({
  tablet: z.string(),
  vitess,
  findings: z.array(finding),
  /** Changed cells, at most `shown` of `total`. */
  cells: z.array(
    z.object({
      suite: z.string().nullable(),
      caller: z.string(),
      table: z.string().nullable(),
      role: z.enum(['read', 'write', 'admin']).nullable(),
      before: mark,
      after: mark,
      contradicts: z.boolean(),
    }),
  ),
  total: z.number(),
  loses: z.number(),
  contradicts: z.number(),
  /** The rules cannot be read: the cells are of no rules at all. */
  broken: z.boolean(),
});
export type QueryRulesEffect = z.infer<typeof queryRulesEffect>;

const path = z.string().min(1).max(1_000);
const alias = z.string().min(1).max(200);
const rulesText = z.string().max(4_000_000);
const index = z.number().int().min(0).max(1_000_000);
const word = z.string().max(10_000);

const bindCond = z.strictObject({
  Name: word,
  OnAbsent: z.boolean(),
  OnMismatch: z.boolean().optional(),
  Operator: word,
  Value: z.union([word, z.number()]).optional(),
});

/** domain/query-rules RulesEdit. */
export const queryRulesEdit = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('add'), name: word, description: word }),
  z.strictObject({ kind: z.literal('remove'), index }),
  z.strictObject({ kind: z.literal('move'), index, to: index }),
  z.strictObject({
    kind: z.literal('set-text'),
    index,
    key: z.enum(['Name', 'Description', 'Action', ...rulePatternKey.options]),
    value: word.nullable(),
  }),
  z.strictObject({
    kind: z.literal('set-list'),
    index,
    key: z.enum(['Plans', 'TableNames']),
    values: z.array(word).max(10_000),
  }),
  z.strictObject({ kind: z.literal('set-binds'), index, conditions: z.array(bindCond).max(1_000) }),
]);
export type QueryRulesEditData = z.infer<typeof queryRulesEdit>;

export const queryRulesContract = {
  /** One step of undo each. Failures: `query-rules.*`. */
  edit: oc.input(z.strictObject({ file: path, edit: queryRulesEdit })).output(z.void()),
  /** The whole text, broken or not; `base` as in `access.setText`, refused with `query-rules.changed-elsewhere`. */
  setText: oc
    .input(z.strictObject({ file: path, text: rulesText, base: z.string().max(100).nullable() }))
    .output(z.object({ version: z.string() })),
  /** An empty file of rules for a tablet that has none. */
  createFile: oc.input(z.strictObject({ tablet: alias })).output(z.object({ file: z.string() })),
  /** The tablet's file, null for none, and whether it is read again when it changes. */
  setTablet: oc
    .input(z.strictObject({ tablet: alias, file: path.nullable().optional(), watch: z.boolean().optional() }))
    .output(z.void()),
  /** What a text (null: the draft's) does to the saved tests. Nothing is written. */
  effect: oc.input(z.strictObject({ tablet: alias, text: rulesText.nullable() })).output(queryRulesEffect),
};
