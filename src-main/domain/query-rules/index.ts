export { bindTest, type RuleBind } from './bind-condition';
export {
  CONTINUE,
  decideQueryRules,
  RuleBook,
  StatementRules,
  type RuleDecision,
  type RuleRequest,
  type RuleStatement,
} from './decide';
export {
  editRulesText,
  readRulesForm,
  ruleKeys,
  type FormBindCond,
  type FormRule,
  type RuleKey,
  type RulesEdit,
} from './edit-text';
export { ruleLabel, type KnownSchema } from './meaning-findings';
export { parseQueryRules, type QueryRulesOptions } from './parse';
export * from './query-rules';
export { exactPattern, type ExactPattern, type PatternReading } from './regexp';
