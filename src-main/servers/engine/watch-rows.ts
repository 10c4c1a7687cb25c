import type { Decision } from '../../domain/acl';
import { hideBinds, maskError, maskStatement, type WatchVerdict } from '../../domain/watch';
import { queryLogColumns, type QueryLogRecord } from '../gateway';
import { tabletLogColumns, type TabletLogRecord } from '../tablet';
import type { Brief, RowMaker } from './part-watch';

/** vttablet's own denials, as they arrive at a gateway; MySQL's speak of commands that are denied, too. */
const aclDenial = /command denied to user .*\(ACL check error\)|missing caller id/s;

const redacted = '"[REDACTED]"';

/** Columns whose texts may hold a password, and how they are shown. */
function masked(
  columns: readonly (readonly [string, string])[],
  statement: string,
  values: boolean,
): (readonly [string, string])[] {
  const { secret } = maskStatement(statement);
  return columns.map(([name, value]) => {
    if (name === 'BindVars') return [name, secret ? redacted : value];
    if (name === 'SQL' || name === 'OriginalSQL' || name === 'RewrittenSQL') return [name, maskStatement(value).text];
    if (name === 'Error') return [name, shownError(value, secret, values)];
    return [name, value];
  });
}

const shownError = (text: string, secret: boolean, values: boolean): string =>
  maskError(values && !secret ? text : hideBinds(text), secret);

/** Rows of vtgate's query log. Only the tablet knows what its ACL said of a statement that went through. */
export const gatewayRows: RowMaker<QueryLogRecord> = {
  brief(record, name): Brief {
    const { text, secret } = maskStatement(record.sql);
    return {
      part: 'gateway',
      name,
      at: record.start.getTime(),
      micros: Math.round(record.totalSeconds * 1e6),
      caller: record.immediateCaller,
      names: [record.username, record.effectiveCaller],
      tables: record.tablesUsed,
      groups: [],
      verdict: record.error === '' ? 'answered' : aclDenial.test(record.error) ? 'denied' : 'failed',
      reason: '',
      sql: text,
      error: shownError(record.error, secret, false),
      traceId: record.traceId ?? '',
    };
  },
  columns: (record, values) => masked(queryLogColumns(record, !values), record.sql, values),
};

/** Rows of vttablet's query log. */
export const tabletRows: RowMaker<TabletLogRecord> = {
  brief(record, name): Brief {
    const { text, secret } = maskStatement(record.originalSql);
    const tables = record.decision?.tables ?? [];
    return {
      part: 'tablet',
      name,
      at: record.startMicros / 1000,
      micros: record.endMicros - record.startMicros,
      caller: record.immediateCaller,
      names: [record.effectiveCaller],
      tables: unique(tables.map(({ permission }) => permission.table)),
      groups: unique(tables.map(({ group }) => group).filter((group) => group !== '')),
      verdict: verdictOf(record),
      reason: record.decision?.reason ?? '',
      sql: text,
      error: shownError(record.error, secret, false),
      traceId: record.traceId ?? '',
    };
  },
  columns: (record, values) => masked(tabletLogColumns(record, !values), record.originalSql, values),
};

function verdictOf({ decision, error }: TabletLogRecord): WatchVerdict {
  if (decision == null) return error === '' ? 'answered' : aclDenial.test(error) ? 'denied' : 'failed';
  if (decision.verdict !== 'allow') return 'denied';
  if (error !== '') return 'failed';
  return letThrough(decision);
}

/** As a test shows it: who passes without being listed is never plainly allowed. */
function letThrough({ enforcement, wouldBe }: Decision): WatchVerdict {
  if (enforcement === 'no-acl') return 'not-enforced';
  if (wouldBe === undefined || enforcement === 'exempt' || enforcement === 'dual') return 'allowed';
  return enforcement === 'dry-run' ? 'would-be-denied' : 'not-enforced';
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];
