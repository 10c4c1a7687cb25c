import { companion } from '../companion';
import { createGrpcClient, GrpcStatusError, queryMethods } from '../../../../src-main/servers/rpc';
import { createRecorder } from '../../../../src-main/servers/recorder';
import { createTablet, type Tablet } from '../../../../src-main/servers/tablet';
import { asRoot, startBackend, tabletConfig, type Backend } from '../../../wire/tablet/tablet-fixture';
import { compare } from '../compare';
import { codeName } from '../grpc/caller';
import type { CaseOutcome, ReplaySettings } from '../outcome';
import { fromJson, kindOf, mapValues, rpcName, toJson, type Json, type Rpc } from './messages';
import type { RecordedRpc, SessionCase } from './recorded-session';

/** The tables that these recordings work on, which another recording lists. */
function setting(folder: string): readonly string[] {
  const { schema, fixture } = companion<Record<'schema' | 'fixture', readonly string[]>>(folder, 'mysql-protocol');
  return [...schema, ...fixture];
}

/** A recorded gateway before our tablet: its requests are sent as they are, and what the tablet answers is compared. */
export class TabletHalf {
  #backend!: Backend;
  #tablet!: Tablet;
  #client!: ReturnType<typeof createGrpcClient>;
  /** What recorded ids stand for at the moment; 0 = nothing held. */
  #transaction = 0n;
  #reserved = 0n;
  readonly #ids = new Set<string>();

  constructor(private readonly settings: ReplaySettings) {}

  /** False where the MySQL of the recordings is not installed: names and lengths of columns are its own. */
  async start(): Promise<boolean> {
    try {
      this.#backend = await startBackend('MySQL');
    } catch {
      process.stderr.write('healthstream.json: without MySQL 9 the recorded gateway is not played before our tablet\n');
      return false;
    }
    await asRoot(this.#backend, ...setting(this.settings.folder));
    const { fidelity } = this.settings;
    this.#tablet = await createTablet(tabletConfig(this.#backend, { fidelity }), { recorder: createRecorder() });
    this.#client = createGrpcClient({ host: '127.0.0.1', port: this.#tablet.address.port });
    return true;
  }

  async stop(): Promise<void> {
    await this.#client.close();
    await this.#tablet.stop({ graceMs: 0 });
    await this.#backend.stop();
  }

  /**
   * What our tablet says first on StreamHealth against what the recorded one said first: later words depend on what was
   * done to its MySQL. Null for a case without such a message, and for one about a tablet that is no primary.
   */
  async playHealth(recorded: { readonly id: string }): Promise<CaseOutcome | null> {
    const first = firstHealth(recorded);
    if (first === null || (first['target'] as Json | undefined)?.['tablet_type'] !== 'PRIMARY') return null;
    const client = createGrpcClient({ host: '127.0.0.1', port: this.#tablet.address.port });
    let said: Json = {};
    for await (const message of client.stream(queryMethods.StreamHealth, {})) {
      said = toJson('StreamHealth', 'response', message);
      break;
    }
    await client.close();
    const comparable = (message: Json): unknown =>
      mapValues(message, (key, value) => (key === 'primary_term_start_timestamp' && value !== '0' ? '{time}' : value));
    return {
      id: `${recorded.id}, the first word of our tablet`,
      compared: ['a'],
      differences: compare(comparable(first), comparable(said), () => 'a'),
      recorded,
    };
  }

  /** The answers to every request of one case. */
  async play(recorded: SessionCase): Promise<CaseOutcome | null> {
    const rpcs = recorded.rpcs.filter(({ rpc }) => !/\/(?:StreamHealth|GetSchema)$/.test(rpc));
    if (rpcs.length === 0) return null;
    const expected: unknown[] = [];
    const seen: unknown[] = [];
    for (const one of rpcs) {
      const rpc = rpcName(one.rpc);
      await this.#establish(one);
      expected.push(this.#comparable(rpc, { responses: one.responses ?? [one.response ?? {}], status: one.status }));
      seen.push(this.#comparable(rpc, await this.#ask(rpc, this.#filled(one.request))));
    }
    return {
      id: `${recorded.id}, before our tablet`,
      compared: ['a'],
      differences: compare({ answers: expected }, { answers: seen }, () => 'a'),
      recorded,
    };
  }

  /** Answers in one form: what depends on the machine and not on who answers is left out. */
  #comparable(
    rpc: Rpc,
    { responses, status }: { responses: readonly Json[]; status: readonly [string, string] | undefined },
  ) {
    const kept = status === undefined ? responses : [];
    const messages = kept.map((message) =>
      mapValues(message, (key, value) => {
        if (/^(transaction|reserved)_id$/.test(key))
          return this.#ids.has(String(value)) || value === '{id}' ? '{id}' : value;
        // The number of rows MySQL guesses, and its own version.
        if (key === 'values' && typeof value === 'string') {
          const text = Buffer.from(value, 'base64').toString('utf8');
          if (/^version\d/.test(text)) return 'version';
          if (/cost=/.test(text)) return text.replace(/\(cost=.*?\)/, '');
        }
        return value;
      }),
    ) as Json[];
    // How many messages the rows of a stream are cut into is a matter of timing.
    return { status, messages: kindOf(rpc) === 'unary' ? messages : joined(messages) };
  }

  #filled(request: Json): Json {
    return mapValues(request, (key, value) => {
      if (key === 'transaction_id' && value === '{id}') return String(this.#transaction);
      if (key === 'reserved_id' && value === '{id}') return String(this.#reserved);
      return value;
    }) as Json;
  }

  async #ask(rpc: Rpc, request: Json): Promise<{ responses: Json[]; status: readonly [string, string] | undefined }> {
    const responses: Json[] = [];
    const take = (message: unknown): void => {
      const json = toJson(rpc, 'response', message);
      responses.push(json);
      const { transaction_id: transaction, reserved_id: reserved } = json as {
        transaction_id?: string;
        reserved_id?: string;
      };
      for (const id of [transaction, reserved]) if (id !== undefined) this.#ids.add(id);
      if (transaction !== undefined) this.#transaction = BigInt(transaction);
      if (reserved !== undefined) this.#reserved = BigInt(reserved);
    };
    let status: readonly [string, string] | undefined;
    const method = queryMethods[rpc] as typeof queryMethods.Execute;
    const message = fromJson(rpc, 'request', request) as never;
    try {
      if (kindOf(rpc) === 'unary') take(await this.#client.unary(method, message));
      else for await (const one of this.#client.stream(method, message)) take(one);
    } catch (error) {
      if (!(error instanceof GrpcStatusError)) throw error;
      status = [codeName(error.code), error.message];
    }
    if (rpc === 'Commit' || rpc === 'Rollback') this.#transaction = 0n;
    if (rpc === 'Release') this.#transaction = this.#reserved = 0n;
    return { responses, status };
  }

  /** Opens what the request refers to, ends what it does not, and gives the next row the number it had. */
  async #establish({ rpc, request, response }: RecordedRpc): Promise<void> {
    const head = {
      target: request['target'],
      ...(request['immediate_caller_id'] === undefined ? {} : { immediate_caller_id: request['immediate_caller_id'] }),
    };
    const wantsTransaction = request['transaction_id'] !== undefined;
    const wantsReserved = request['reserved_id'] !== undefined;
    if (!wantsTransaction && this.#transaction !== 0n) {
      await this.#ask('Rollback', { ...head, transaction_id: String(this.#transaction) });
      this.#transaction = 0n;
    }
    if (!wantsReserved && this.#reserved !== 0n && !wantsTransaction) {
      await this.#ask('Release', { ...head, reserved_id: String(this.#reserved) });
      this.#reserved = 0n;
    }
    const query = request['query'] as { readonly sql?: string; readonly bind_variables?: Json } | undefined;
    if (wantsTransaction && this.#transaction === 0n) await this.#ask('Begin', head);
    if (wantsReserved && this.#reserved === 0n) {
      const lock = /release_lock\(:(\w+)/.exec(query?.sql ?? '')?.[1];
      const sql =
        lock === undefined ? 'create temporary table of_its_own (a int)' : `select get_lock(:${lock}, 1) from dual`;
      const variables = lock === undefined ? {} : { bind_variables: query?.bind_variables };
      await this.#ask('ReserveExecute', { ...head, query: { sql, ...variables } });
    }
    const insertId = (response?.['result'] as { readonly insert_id?: string } | undefined)?.insert_id;
    const table = /^insert(?:\s*\/\*.*?\*\/)?\s+into\s+(\w+)/i.exec(query?.sql ?? '')?.[1];
    if (insertId !== undefined && table !== undefined && !rpc.includes('Begin'))
      await asRoot(this.#backend, `alter table ${table} auto_increment = ${Number(insertId)}`);
  }
}

/** The first StreamHealthResponse anywhere in a case. */
function firstHealth(value: unknown): Json | null {
  if (typeof value !== 'object' || value === null) return null;
  if (!Array.isArray(value) && 'realtime_stats' in value) {
    const { afterSeconds: _, ...message } = value as Json;
    return message;
  }
  for (const one of Object.values(value)) {
    const found = firstHealth(one);
    if (found !== null) return found;
  }
  return null;
}

/** Fields, all rows, and what the last message brings. */
function joined(messages: readonly Json[]): Json[] {
  const fields: unknown[] = [];
  const rows: unknown[] = [];
  let rest: Json = {};
  for (const { result, ...others } of messages) {
    const { fields: some = [], rows: more = [] } = (result ?? {}) as { fields?: unknown[]; rows?: unknown[] };
    fields.push(...some);
    rows.push(...more);
    rest = { ...rest, ...others };
  }
  return [{ fields, rows, ...rest }];
}
