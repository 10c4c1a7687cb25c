/** An error's text in the parts that belong to different tiers. */
export interface ErrorText {
  /** Tier a: what went wrong. */
  readonly text: string;
  /** Tier b: where a syntax error is, the statement as Vitess prints it, and what MySQL quotes of that. */
  readonly printed: string;
}

const position = / at position \d+(?: near '[\s\S]*?')?(?=$|\n| \(CallerID: )/;
const statement = /: Sql: "[\s\S]*$/;
const quotedSql = /(for the right syntax to use )near '[\s\S]*?' at line \d+/;

/** Takes the positions and the printed SQL out of an error's text. */
export function splitErrorText(message: string): ErrorText {
  const printed: string[] = [];
  const keep = (found: string): string => {
    printed.push(found);
    return '';
  };
  const text = message
    // Which end notices a deadline first is a matter of luck; the same for what a gRPC library calls it.
    .replace(/stream terminated by RST_STREAM with error code: CANCEL|^Deadline Exceeded$/, 'context deadline exceeded')
    .replace(/(?<=killing query ID )\d+/, '{id}')
    .replace(/\n\{stack trace\}$/, '')
    .replace(statement, keep)
    .replace(/(?<=larger than max \()\d+(?= vs\. )/, keep)
    .replace(/(?<=LOCK function and other expression: )\[[\s\S]*\](?= in same)/, keep)
    .replace(quotedSql, (all, before: string) => before + keep(all.slice(before.length)))
    .replace(/syntax error at position/.test(message) ? position : /$^/, keep);
  return { text, printed: printed.join('') };
}
