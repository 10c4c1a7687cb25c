export { bareTables } from './bare-tables';
export { literalCalls } from './literal-calls';
export { commentDirectives, splitMarginComments } from './comments';
export type { MarginComments } from './comments';
export { gatewayStatement } from './gateway-statement';
export type * from './gateway-statement-types';
export { normalise, printStatement, splitMargins } from './normalise';
export type * from './normalise';
export type * from './options';
export type * from './plan-name';
export { impossibleQuery } from './impossible-query';
export { readStatement } from './read-statement';
export type * from './reading';
export { schemaComparisons } from './schema-comparisons';
export type { SchemaComparison } from './schema-comparisons';
export { splitStatements } from './split-statements';
export { systemVariables } from './system-variables';

export { overwriteBlanks } from './overwrite-blanks';
