import type { MessagePort } from 'node:worker_threads';
import type { WatchTake, WatchWish } from '../../domain/watch';
import { createGateway, type Gateway, type GatewayConfig, type GatewayUpdate } from '../gateway';
import { createSentRecorder, createTraceTime } from '../recorder';
import { createTablet, type Tablet, type TabletConfig } from '../tablet';
import { pack, unpack } from './carry';
import type { TabletUpdate } from './hosts';
import { updateTablet, watchGateway, watchTablet } from './inline-host';
import { carryError, type Ask, type FromThread, type Started, type ThreadData, type ToThread } from './protocol';

/** How often a tablet's word on its MySQL is looked at, milliseconds. */
const LOOK_EVERY_MS = 1_000;
/** How long lines of a query log are gathered for a listener, milliseconds. */
const GATHER_MS = 20;

interface Part {
  readonly tablet?: Tablet;
  readonly gateway?: Gateway;
  readonly watched: { take(wish: WatchWish): WatchTake; end(): void };
  leaveQueries: (() => void) | null;
  readonly timer?: NodeJS.Timeout;
}

/** Serves the other end of `threadHost` in a thread: starts parts, tells what they record, ends with the last word. */
export function serveEngineThread(port: MessagePort, { time }: ThreadData): void {
  const say = (message: FromThread): void => port.postMessage(message);
  const recorder = createSentRecorder({
    time: createTraceTime(undefined, time),
    send: (events) => say({ kind: 'traced', events }),
  });
  const parts = new Map<number, Part>();

  const startTablet = async (part: number, config: TabletConfig): Promise<Started> => {
    const tablet = await createTablet(config, { recorder });
    let said: string | null = null;
    const look = (): void => {
      if (tablet.backendError === said) return;
      said = tablet.backendError;
      say({ kind: 'backend', part, error: said });
    };
    look();
    parts.set(part, {
      tablet,
      watched: watchTablet(tablet),
      leaveQueries: null,
      timer: setInterval(look, LOOK_EVERY_MS).unref(),
    });
    return { alias: tablet.alias, address: tablet.address };
  };

  const startGateway = async (part: number, config: GatewayConfig): Promise<Started> => {
    const signedIn = (signIn: unknown): void => say({ kind: 'signed-in', part, signIn: pack(signIn) });
    const gateway = await createGateway(config, { recorder, signedIn });
    parts.set(part, { gateway, watched: watchGateway(gateway), leaveQueries: null });
    const { mysql, mysqlSocket, grpc } = gateway;
    return {
      ...(mysql === undefined ? {} : { mysql }),
      ...(mysqlSocket === undefined ? {} : { mysqlSocket }),
      ...(grpc === undefined ? {} : { grpc }),
    };
  };

  const stop = async (number: number, graceMs: number | undefined): Promise<void> => {
    const part = parts.get(number);
    if (part === undefined) return;
    clearInterval(part.timer);
    part.leaveQueries?.();
    part.watched.end();
    await (part.tablet ?? part.gateway)?.stop(graceMs === undefined ? {} : { graceMs });
    parts.delete(number);
    recorder.flush();
  };

  const update = ({ tablet, gateway }: Part, packed: unknown): void => {
    if (tablet !== undefined) updateTablet(tablet, unpack<TabletUpdate>(packed));
    gateway?.update(unpack<GatewayUpdate>(packed));
  };

  const answer = async (ask: Ask): Promise<unknown> => {
    switch (ask.what) {
      case 'start-tablet':
        return startTablet(ask.part, unpack<TabletConfig>(ask.config));
      case 'start-gateway':
        return startGateway(ask.part, unpack<GatewayConfig>(ask.config));
      case 'update':
        update(parts.get(ask.part)!, ask.update);
        return null;
      case 'report': {
        const { tablet, gateway } = parts.get(ask.part)!;
        return tablet === undefined ? gateway?.stats : { counters: tablet.counters, queryLog: tablet.queryLogLines() };
      }
      case 'counters':
        return parts.get(ask.part)!.tablet?.counters;
      case 'watch':
        return parts.get(ask.part)!.watched.take(ask.wish);
      case 'stop':
        await stop(ask.part, ask.graceMs);
        return null;
      case 'settle':
        recorder.flush();
        return null;
    }
  };

  const hearQueries = (number: number, wanted: boolean): void => {
    const part = parts.get(number);
    if (part === undefined) return;
    part.leaveQueries?.();
    part.leaveQueries = null;
    if (!wanted) return;
    let lines: string[] = [];
    const heard = (_record: unknown, line: string): void => {
      lines.push(line);
      if (lines.length > 1) return;
      setTimeout(() => {
        say({ kind: 'queries', part: number, lines });
        lines = [];
      }, GATHER_MS).unref();
    };
    part.leaveQueries = part.tablet?.onQuery(heard) ?? part.gateway?.subscribeQueryLog(heard) ?? null;
  };

  port.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'ask':
        void answer(message.ask).then(
          (value) => say({ kind: 'answer', id: message.id, value }),
          (error: unknown) => say({ kind: 'failed', id: message.id, error: carryError(error) }),
        );
        break;
      case 'wishes':
        recorder.wish(message.wishes);
        break;
      case 'hear-queries':
        hearQueries(message.part, message.wanted);
        break;
      case 'close':
        recorder.flush();
        port.close();
    }
  });
}
