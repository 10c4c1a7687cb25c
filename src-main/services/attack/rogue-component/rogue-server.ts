import { createRecorder } from '../../../servers/recorder';
import { createGrpcServer, queryMethods, serve } from '../../../servers/rpc';
import { createTlsAcceptor } from '../../../servers/tls';
import { dial } from '../../../clients';
import type { OnTheLink } from '../link-relay';
import { refusalText } from './direct-call';

/** What a rogue tablet answers in place of every row. */
export const FORGED = 'forged by a rogue tablet';

/** A tablet of an attacker, ready to be put on a link. */
export interface RogueTablet {
  readonly onTheLink: OnTheLink;
  /** What was seen of gateways that did not want to talk to it. */
  refusals(): readonly string[];
  /** Statements that gateways sent to it. */
  statements(): number;
  close(): Promise<void>;
}

/** proto/query.proto Type VARCHAR; proto/topodata.proto TabletType PRIMARY. */
const VARCHAR = 6165;
const PRIMARY = 1;

/**
 * Starts a tablet that says it serves the shard and answers each statement with one row of its own. `pair`: the
 * certificate that it shows; null: it speaks no TLS.
 */
export async function openRogueTablet(
  serves: { readonly keyspace: string; readonly shard: string },
  pair: { readonly cert: string; readonly key: string } | null,
): Promise<RogueTablet> {
  const recorder = createRecorder();
  let statements = 0;
  const refused: string[] = [];
  recorder.subscribe((step) => {
    if (step.name === 'tls.handshake' && step.outcome === 'refused') refused.push(refusalText(step));
  });
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const result = () => {
    statements += 1;
    return {
      fields: [{ name: 'answer', type: VARCHAR, charset: 255 }],
      rows: [{ lengths: [FORGED.length], values: Buffer.from(FORGED) }],
    };
  };
  const service = serve(queryMethods, {
    async *StreamHealth(_request, { signal }) {
      yield { target: { ...serves, tabletType: PRIMARY }, serving: true, realtimeStats: {} };
      await Promise.race([ended, new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))]);
    },
    async *GetSchema() {
      // It has no tables to tell of.
    },
    Execute: () => Promise.resolve({ result: result() }),
    async *StreamExecute() {
      yield { result: result() };
    },
    ReserveExecute: () => Promise.resolve({ result: result() }),
  });
  const tls =
    pair === null
      ? null
      : createTlsAcceptor({ ...pair, alpn: ['h2'] }, { part: 'tablet', name: 'a rogue tablet', recorder });
  const server = await createGrpcServer(
    {
      name: 'a rogue tablet',
      listen: { host: '127.0.0.1', port: 0 },
      recorder,
      part: 'tablet',
      ...(tls === null ? {} : { tls }),
    },
    [service],
  );
  return {
    onTheLink: (near) => {
      const { socket: far, connected } = dial(server.address);
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroySoon());
      near.pipe(far);
      far.pipe(near);
      connected.catch(() => near.destroy());
    },
    refusals: () => refused,
    statements: () => statements,
    close: async () => {
      end();
      await server.stop({ graceMs: 0 });
      tls?.dispose();
    },
  };
}
