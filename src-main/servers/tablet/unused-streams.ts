import { GrpcStatusError, type Handlers, type query, type queryMethods } from '../rpc';
import type { BackendAccess } from './backend-access';
import type { TabletConfig } from './config';
import type { AskTablet } from './exec-request';
import { demandTarget } from './target-check';
import { codeNumber, VtError } from './vt-error';

const refused = (code: VtError['code'], message: string): GrpcStatusError =>
  new GrpcStatusError(codeNumber(code), message);

/** Message tables and change streams: none is served, and each refuses as vttablet does what it would refuse too. */
export function unusedStreams(config: TabletConfig, backend: BackendAccess, ask: AskTablet) {
  // eslint-disable-next-line require-yield -- a stream that is refused
  async function* changes({ target }: { readonly target: query.Target | null }): AsyncGenerator<never> {
    try {
      demandTarget(target, config);
    } catch (error) {
      throw error instanceof VtError ? refused(error.code, error.message) : error;
    }
    throw refused('UNIMPLEMENTED', 'change streams are not served by this tablet');
  }
  return {
    // eslint-disable-next-line require-yield -- no table is a message table
    MessageStream: async function* (message, context): AsyncGenerator<never> {
      await ask('MessageStream', 'stream', message, context, () => {
        if (!backend.schema.has(message.name))
          throw new VtError('INVALID_ARGUMENT', `table ${message.name} not found in schema`);
        throw new VtError('FAILED_PRECONDITION', `'${message.name}' is not a message table`);
      });
    },
    MessageAck: ({ name }) => Promise.reject(refused('INVALID_ARGUMENT', `message table ${name} not found in schema`)),
    VStream: changes,
    VStreamRows: changes,
    VStreamTables: changes,
    VStreamResults: changes,
    BinlogDumpGTID: changes,
  } satisfies Handlers<typeof queryMethods>;
}
