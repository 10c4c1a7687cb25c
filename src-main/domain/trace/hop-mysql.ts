import type { RecordedStep, TraceFacts } from './input';
import { numberIn, textIn } from './input';
import { code, rich } from './rich';
import type { Hop, Protection, Step } from './trace';

export interface MysqlHop {
  readonly hop: Hop;
  readonly protection: Protection;
}

const rowsWord = (rows: number): string => (rows === 1 ? '1 row' : `${rows} rows`);

function merged(answers: readonly RecordedStep[]): RecordedStep {
  const [first] = answers as readonly [RecordedStep, ...RecordedStep[]];
  const sum = (key: string): number => answers.reduce((total, answer) => total + (numberIn(answer, key) ?? 0), 0);
  return { ...first, data: { ...first.data, micros: sum('micros'), rows: sum('rows'), affected: sum('affected') } };
}

/** Hop E: what MySQL was asked and what it said, in its own words. */
export function mysqlHop(facts: TraceFacts): MysqlHop {
  const answers = (facts.recorded ?? []).filter(
    (step): step is RecordedStep => step.part === 'mysql' && step.name === 'mysql.answered',
  );
  const { topology } = facts.world;
  const backend = topology.backends.find((candidate) => candidate.name === facts.tablet?.backend) ?? null;
  const protection: Protection =
    backend === null ? 'unknown' : backend.tls !== null ? 'tls' : backend.kind === 'managed' ? 'socket' : 'plain';
  const base = { id: 'E' as const, title: 'Tablet to MySQL', bothSides: null, remediesTitle: null, remedies: [] };
  if (answers.length === 0) {
    // Only what is recorded may be shown; what came back with rows must have been asked of MySQL.
    const decided = facts.part('tablet', 'acl.decided');
    const went =
      facts.attempt.stage === 'done' &&
      facts.part('tablet', 'request.received') !== undefined &&
      decided?.outcome === 'ok';
    return {
      protection: 'unknown',
      hop: {
        ...base,
        summary: rich``,
        mark: went ? 'not-recorded' : 'not-reached',
        milliseconds: null,
        steps: [],
        said: null,
        why: [],
      },
    };
  }
  const user = backend?.kind === 'external' ? backend.user : 'vt_app';
  const way =
    protection === 'tls'
      ? rich`TLS, MySQL's certificate checked against ${code(backend?.tls?.ca ?? "the system's authorities")}`
      : protection === 'socket'
        ? rich`Unix socket`
        : rich`No TLS: MySQL was not checked`;
  const steps: Step[] = [
    { mark: protection === 'plain' ? 'warning' : 'passed', text: way, details: [], side: 'tablet', milliseconds: null },
    {
      mark: 'passed',
      text: rich`As ${code(user)}, connection ${String(numberIn(answers[0], 'connection') ?? '?')} of the pool`,
      details: [],
      side: 'tablet',
      milliseconds: null,
    },
  ];
  const failed = answers.find(({ outcome }) => outcome === 'failed');
  // A change outside a transaction gets one of its own from the tablet, so that several statements are answered.
  const shown = failed === undefined ? [merged(answers)] : answers;
  for (const answer of shown) {
    const micros = numberIn(answer, 'micros');
    const errno = numberIn(answer, 'errno');
    const affected = numberIn(answer, 'affected') ?? 0;
    steps.push({
      mark: answer.outcome === 'ok' ? 'passed' : 'failed',
      text:
        answer.outcome === 'ok'
          ? rich`MySQL answered: ${rowsWord(numberIn(answer, 'rows') ?? 0)}${affected > 0 ? `, ${affected} changed` : ''}${answers.length > 1 ? `; ${answers.length} statements, with those of the transaction around it` : ''}`
          : rich`MySQL refused${errno === null ? '' : ` (${errno})`}`,
      details: [],
      side: 'mysql',
      milliseconds: micros === null ? null : micros / 1000,
    });
  }
  const total = answers.reduce((sum, answer) => sum + (numberIn(answer, 'micros') ?? 0), 0);
  const refusedBy1142 =
    failed !== undefined && [1142, 1143, 1044, 1045, 1227, 1370].includes(numberIn(failed, 'errno') ?? 0);
  return {
    protection,
    hop: {
      ...base,
      summary:
        protection === 'tls'
          ? rich`TLS, MySQL checked`
          : protection === 'socket'
            ? rich`Unix socket`
            : rich`not encrypted`,
      mark: failed !== undefined ? 'failed' : protection === 'plain' ? 'warning' : 'passed',
      milliseconds: total / 1000,
      steps,
      said: failed === undefined ? null : textIn(failed, 'message'),
      why:
        failed === undefined
          ? []
          : refusedBy1142
            ? [rich`The table ACL let it through; MySQL's own rights of ${code(user)} did not.`]
            : [rich`The table ACL let it through; MySQL itself did not accept the statement.`],
    },
  };
}
