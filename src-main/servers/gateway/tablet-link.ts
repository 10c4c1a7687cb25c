import type { Recorder } from '../recorder';
import { GrpcStatusError, type CallOptions, type GrpcClient, type MethodDefinition, type query } from '../rpc';
import type { GatewayTablet } from './config';
import { noHealthyTablet } from './router';
import { SchemaTracker } from './schema-tracker';
import { TabletHealth, type HealthTimes } from './tablet-health';
import { tabletTypeName, tabletTypes, type TabletTypeName } from './target';
import { fromTabletStatus, targetPrefix, VitessError } from './vitess-error';

/** `zone1-0000000100` or `zone1-100` as cell and number. */
export function parseAlias(text: string): { readonly cell: string; readonly uid: number } {
  const dash = text.lastIndexOf('-');
  return { cell: text.slice(0, dash), uid: Number(text.slice(dash + 1)) };
}

/** Vitess's text form: the number has ten digits. */
export const aliasText = ({ cell, uid }: { readonly cell: string; readonly uid: number }): string =>
  `${cell}-${String(uid).padStart(10, '0')}`;

/**
 * The gateway's end of its link to one tablet. Everything that reaches a tablet goes through here. What it serves is
 * what the tablet last said of itself; until it has spoken, what the topology says.
 */
export class TabletLink {
  keyspace: string;
  shard: string;
  type: TabletTypeName;
  readonly alias: { readonly cell: string; readonly uid: number };
  /** query.Target of every request. */
  target: query.ITarget = {};
  /** How every error text about this tablet begins. */
  prefix = '';
  readonly health: TabletHealth;
  readonly schema: SchemaTracker;

  constructor(
    readonly tablet: GatewayTablet,
    private readonly client: GrpcClient,
    private readonly facts: LinkFacts,
    times: HealthTimes,
  ) {
    this.keyspace = tablet.keyspace;
    this.shard = tablet.shard;
    this.type = tablet.type;
    this.alias = parseAlias(tablet.alias);
    this.#retarget();
    this.schema = new SchemaTracker(client);
    this.health = new TabletHealth(client, this.alias, times, (message) => this.#heard(message));
  }

  #heard(message: query.StreamHealthResponse): void {
    const { keyspace, shard, tabletType } = message.target ?? { keyspace: '', shard: '', tabletType: 0 };
    const type = tabletTypeName(tabletType);
    if (keyspace !== this.keyspace || shard !== this.shard || type !== this.type) {
      this.keyspace = keyspace;
      this.shard = shard;
      this.type = type;
      this.#retarget();
    }
    this.schema.heard(message, this.health.serving && keyspace === this.tablet.keyspace && shard === this.tablet.shard);
  }

  #retarget(): void {
    const { keyspace, shard, type } = this;
    this.target = { keyspace, shard, tabletType: tabletTypes[type] };
    this.prefix = targetPrefix(keyspace, shard, type);
  }

  /** What is known of the connection that carries the calls; for traces. */
  get connection(): LinkFacts {
    return this.facts;
  }

  /** One unary call. Throws VitessError with vtgate's text. */
  async call<Request, Response, RequestInit, ResponseInit>(
    method: MethodDefinition<Request, Response, RequestInit, ResponseInit>,
    request: RequestInit,
    options: CallOptions,
  ): Promise<Response> {
    try {
      const response = await this.client.unary(method, request, options);
      if (this.facts.lastFailure !== null) this.facts.lastFailure = null;
      return response;
    } catch (error) {
      throw this.asVitessError(error);
    }
  }

  /** One streaming call. Throws VitessError with vtgate's text. */
  async *stream<Request, Response, RequestInit, ResponseInit>(
    method: MethodDefinition<Request, Response, RequestInit, ResponseInit>,
    request: RequestInit,
    options: CallOptions,
  ): AsyncGenerator<Response> {
    try {
      yield* this.client.stream(method, request, options);
    } catch (error) {
      throw this.asVitessError(error);
    }
  }

  /**
   * Resolves when the tablet says that it serves, after hearing what can be heard of it right now; throws vtgate's
   * VitessError otherwise. Not for calls that belong to what the tablet already holds.
   */
  async demandServing(): Promise<void> {
    await this.health.news();
    if (this.health.serving) return;
    this.facts.lastFailure = this.health.lastError ?? 'the tablet does not serve';
    throw noHealthyTablet(this.keyspace, this.shard, this.type);
  }

  private asVitessError(error: unknown): Error {
    if (error instanceof VitessError) return error;
    if (!(error instanceof GrpcStatusError)) return error instanceof Error ? error : new Error(String(error));
    if (isConnectionFailure(error)) {
      this.facts.lastFailure = error.message;
      // A tablet that takes no new connection but still says on the old one that it serves has not left (GOAWAY).
      if (this.health.serving) return fromTabletStatus(this.prefix, error.code, error.message);
      return noHealthyTablet(this.keyspace, this.shard, this.type);
    }
    return fromTabletStatus(this.prefix, error.code, error.message);
  }

  /** New calls go over a connection made with `tls`; those under way end where they are. Throws for unusable `tls`. */
  update(tls: GatewayTablet['tls']): void {
    this.client.update(tls);
    this.health.renew();
  }

  close(): Promise<void> {
    this.health.stop();
    this.schema.stop();
    return this.client.close();
  }
}

/** True for a call that never reached the tablet because no connection came about. */
const isConnectionFailure = (error: GrpcStatusError): boolean =>
  error.code === 14 && error.message.startsWith('connection error: desc = ');

/** What the gateway saw of its connection to a tablet: its own end of the TLS handshake, and why the last one failed. */
export interface LinkFacts {
  tls: Parameters<Recorder['record']>[4] | null;
  lastFailure: string | null;
}

/**
 * Hears what the gRPC client records of its handshakes and keeps the latest, so that every trace that uses the
 * connection can show how the link is protected.
 */
export function watchLink(recorder: Recorder): { readonly recorder: Recorder; readonly facts: LinkFacts } {
  const facts: LinkFacts = { tls: null, lastFailure: null };
  return {
    facts,
    recorder: {
      enabled: (part, traceId) => part === 'link' || recorder.enabled(part, traceId),
      open: (listener, peer) => recorder.open(listener, peer),
      record(traceId, part, name, outcome, data = {}) {
        if (part === 'link' && name === 'tls.handshake') facts.tls = { outcome, ...data };
        if (traceId !== '') recorder.record(traceId, part, name, outcome, data);
      },
    },
  };
}
