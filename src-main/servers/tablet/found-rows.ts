const updatesDuplicates = /\bon\s+duplicate\s+key\s+update\b/i;

/**
 * The number of affected rows as a connection with CLIENT_FOUND_ROWS counts them (MySQL manual, mysql_affected_rows): rows
 * that were found, not those that changed. Calculated from MySQL's words, so that clients with and without the flag share
 * connections.
 */
export function foundRows(sql: string, affected: bigint, info: string): bigint {
  const matched = /^Rows matched: (\d+)/.exec(info)?.[1];
  if (matched !== undefined) return BigInt(matched);
  if (!updatesDuplicates.test(sql)) return affected;
  // Of one row there are no words: 1 inserted, 2 changed, 0 found as it was, which counts 1.
  const [, records, duplicates] = /^Records: (\d+)\s+Duplicates: (\d+)/.exec(info) ?? [];
  if (records === undefined || duplicates === undefined) return affected === 0n ? 1n : affected;
  return BigInt(records) + BigInt(duplicates);
}
