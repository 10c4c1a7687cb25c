/** Which statements a query log gets (`--querylog-…` of vtgate and vttablet; go/streamlog/streamlog.go). */
export interface QueryLogFilter {
  /** `--querylog-mode`. */
  readonly mode?: 'all' | 'error' | undefined;
  /** `--querylog-filter-tag`: only texts that contain it. */
  readonly filterTag?: string | undefined;
  /** `--querylog-row-threshold`: rows returned or affected at least. */
  readonly rowThreshold?: number | undefined;
  /** `--querylog-time-threshold`, in milliseconds. */
  readonly timeThresholdMs?: number | undefined;
  /** `--querylog-sample-rate`, from 0 to 1: this share is logged whatever the other conditions say. */
  readonly sampleRate?: number | undefined;
  /** `--querylog-emit-on-any-condition-met`: one of the conditions is enough, and no condition at all is none. */
  readonly anyCondition?: boolean | undefined;
}

/** What is known of a statement that was run. */
export interface LoggedFacts {
  readonly sql: string;
  readonly rows: number;
  readonly milliseconds: number;
  readonly failed: boolean;
}

/**
 * The reason why a statement is logged, as the log's last field has it ('' without conditions), or null when it is not.
 * `random` is a number from 0 to 1, excluding 1.
 */
export function emitReason(
  filter: QueryLogFilter,
  facts: LoggedFacts,
  random: () => number = Math.random,
): string | null {
  const { mode, filterTag = '', rowThreshold = 0, timeThresholdMs = 0, sampleRate = 0, anyCondition } = filter;
  const any = anyCondition === true;
  const reasons: string[] = [];
  const met = (condition: boolean, reason: string): boolean => {
    if (condition) reasons.push(reason);
    return condition;
  };
  if (sampleRate > 0 && met(random() < sampleRate, 'sample') && !any) return 'sample';
  if (rowThreshold > 0 && !met(facts.rows >= rowThreshold, 'row') && !any && filterTag === '') return null;
  if (timeThresholdMs > 0 && !met(facts.milliseconds >= timeThresholdMs, 'time') && !any && filterTag === '')
    return null;
  if (filterTag !== '') {
    const tagged = met(facts.sql.includes(filterTag), 'filtertag');
    if (!any) return tagged ? 'filtertag' : null;
  }
  if (mode === 'error') {
    const failed = met(facts.failed, 'error');
    if (!any) return failed ? 'error' : null;
  }
  if (any && reasons.length === 0) return null;
  return reasons.sort().join(',');
}
