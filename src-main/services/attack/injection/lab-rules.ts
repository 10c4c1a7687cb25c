/** The file of the lab's own query rules in the private copy. */
export const LAB_RULES = 'lab-query-rules.json';

/** The comment by which the lab's application marks its statements, as applications do for logs and rules. */
export const labMark = '/* careless application */ ';

const rule = (name: string, description: string, condition: { readonly [key: string]: string }) => ({
  Name: name,
  Description: description,
  LeadingComment: '/\\* careless application \\*/ ?',
  ...condition,
  Action: 'FAIL',
});

/** A value as the gateway prints it: a bind variable, with its type behind it. */
const value = ':\\w+( /\\* \\w+ \\*/)?';

/**
 * What an application's simple queries never hold. Rules see the statement's shape with bind variables in place of its
 * values, and `User` is what vttablet sees: not the caller, so that the mark in the comment tells the application.
 */
export const labRules = [
  rule('lab-union', 'no UNION', { Query: '(?i).* union .*' }),
  rule('lab-subquery', 'no subqueries', { Query: '(?i).*\\(select .*' }),
  rule('lab-or', 'no OR', { Query: '(?i).* or .*' }),
  rule('lab-constant', 'no comparison of two values', { Query: `(?i).*(where|and) ${value} = .*` }),
  rule('lab-chain', 'no chains of comparisons', { Query: `(?i).* = ${value} (=|-|\\+|\\*|/|\\^|\\|) .*` }),
  rule('lab-function', 'no functions', { Query: '(?i).*(extractvalue|updatexml|sleep|benchmark|load_file)\\(.*' }),
  rule('lab-change', 'reads only', { Query: '(?i)(delete|update|insert|replace) .*' }),
];

export const labRulesText = `${JSON.stringify(labRules, null, 2)}\n`;
