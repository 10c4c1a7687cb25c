import { wireView } from '../../../domain/trace';
import type { Evidence } from '../../../domain/attacks';
import { attackRun } from '../cells';
import { resultOf } from '../evidence';
import { honestCaller, honestConnection } from '../honest';
import { alsoAt, type Demonstration, type Known } from './demonstration';

/** A caller connects without TLS and reads; somebody on the way reads along. */
export const readInClear =
  (protocol: 'mysql' | 'grpc'): Known =>
  ({ gateway }, world): Demonstration | string => {
    if (gateway === null) return 'The finding names no gateway.';
    const honest = honestCaller(world, gateway.name, protocol);
    if (honest === null)
      return `The tests name no caller of gateway ${gateway.name} over ${protocol === 'mysql' ? 'MySQL' : 'gRPC'} with a known password and a table that it may read.`;
    return {
      about: [
        `The caller “${honest.caller.name}” connects to gateway ${gateway.name} without TLS and reads the table ${honest.table}.`,
        'A listener on the way writes down what crosses.',
      ],
      hop: 'A',
      show: async (ground, signal) => {
        const connection = honestConnection(ground, honest);
        const transport = protocol === 'mysql' ? 'mysql-plain' : 'grpc-plain';
        const run = await attackRun(
          ground,
          `fail-open/clear/${gateway.name}/${protocol}`,
          { ...connection, transport, certificate: null, listen: true },
          signal,
        );
        const found = resultOf(run, { settings: [] });
        const view =
          run.capture === null
            ? null
            : wireView(run.capture, run.attempt, {
                ...{ transport, user: connection.user ?? null, sql: connection.sql },
                secret: run.typed,
              });
        const overheard: Evidence[] =
          view?.reads.statement === true
            ? [{ kind: 'bytes', side: 'client', text: 'a listener on the way read the statement' }]
            : [];
        return alsoAt(`downgrade/plaintext/${gateway.name}/${protocol}`, {
          ...found,
          sentence:
            found.outcome === 'got-through'
              ? `Gateway ${gateway.name} answered “${honest.caller.name}” without TLS, for everybody on the way to read.`
              : found.sentence,
          why: found.outcome === 'got-through' ? ['The gateway takes callers that use no TLS.'] : found.why,
          evidence: [...found.evidence, ...overheard],
        });
      },
    };
  };
