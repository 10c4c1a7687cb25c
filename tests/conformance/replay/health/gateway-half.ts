import { vtCodes } from '../../../../src-main/domain/kernel';
import { createGateway } from '../../../../src-main/servers/gateway';
import { compare } from '../compare';
import type { CaseOutcome, ReplaySettings, Tier } from '../outcome';
import { until } from './fake-cases';
import { FakeTablet, type FakeAnswer, type FakeCall, type HealthLine } from './fake-tablet';
import { kindOf, mapValues, rpcName, type Json } from './messages';
import { ReplayClient } from './mysql-client';
import { actionOf, callJson, demandsOf, placeholders, type RecordedRpc, type SessionCase } from './recorded-session';

const serving: HealthLine = {
  target: { keyspace: 'commerce', shard: '0', tablet_type: 'PRIMARY' },
  serving: true,
  primary_term_start_timestamp: '100',
  realtime_stats: {},
  tablet_alias: { cell: 'zone1', uid: 100 },
};

/** A new session. */
const fresh = () => ({
  inTransaction: false,
  open: false,
  accessModes: '',
  reserved: false,
  autocommit: true,
  workload: 'OLTP',
  workloadName: '',
});

/** SQL as Vitess prints it, with its bind variables, is compared in tier b (docs/design.md §3). */
const tierOf = (at: string): Tier => (/\.request\.query\b/.test(at) ? 'b' : 'a');

/**
 * Plays a recorded tablet before our gateway: the client does what the recorded one did, the tablet answers what the
 * recorded one answered, and what our gateway asks it is compared field by field. Where the recording has no case for
 * what brought the session into its state, that is made up for, from the state that the recorded requests show.
 */
export class GatewayHalf {
  #answers: RecordedRpc[] = [];
  readonly #ids = new Set<string>();
  #lastId = 5000n;
  #fake!: FakeTablet;
  #gateway!: Awaited<ReturnType<typeof createGateway>>;
  #client: ReplayClient | null = null;
  #foundRows = false;
  /** What the session was last brought into. */
  #state = fresh();
  #settings: ReadonlyMap<string, string> = new Map();

  constructor(private readonly settings: ReplaySettings) {}

  async start(): Promise<void> {
    this.#fake = await new FakeTablet([serving], (call) => this.#answer(call)).start();
    this.#gateway = await createGateway({
      name: 'vtgate',
      cell: 'zone1',
      fidelity: this.settings.fidelity,
      keyspaces: [{ name: 'commerce', shards: ['0'] }],
      mysql: { listen: { host: '127.0.0.1', port: 0 }, auth: { kind: 'none' } },
      grpc: null,
      tablets: [
        {
          alias: 'zone1-100',
          keyspace: 'commerce',
          shard: '0',
          type: 'primary',
          host: 'localhost',
          port: this.#fake.port,
        },
      ],
    });
  }

  async stop(): Promise<void> {
    this.#client?.end();
    await this.#gateway.stop({ graceMs: 0 });
    await this.#fake.stop();
  }

  async play(recorded: SessionCase): Promise<CaseOutcome> {
    const expected = {
      rpcs: recorded.rpcs.map(({ rpc, kind, request }) => ({ rpc, kind, request: placeholders(request, this.#ids) })),
    };
    if (recorded.order === undefined) {
      await until(() => this.#fake.calls.length >= recorded.rpcs.length, 5000);
      return this.#outcome(recorded, expected, { rpcs: this.#taken() });
    }
    const action = actionOf(recorded.action);
    await this.#establish(recorded);
    this.#fake.taken();
    this.#answers = [...recorded.rpcs];
    let got: unknown = null;
    if (action.do === 'login') got = await this.#login(false);
    else if (action.do === 'close') this.#close();
    else if (action.do === 'prepared') {
      const client = await this.#connected(false);
      got = [true, await client.execute(action.sql, action.parameters)];
    } else got = await (await this.#connected(action.foundRows)).query(action.sql);
    await until(() => this.#fake.calls.length >= recorded.rpcs.length, action.do === 'close' ? 3000 : 0);
    const rpcs = this.#taken();
    this.#follow(recorded);
    const { trace: _, ...client } = (recorded.client ?? {}) as { readonly trace?: unknown };
    const told = recorded.client === null ? null : Array.isArray(recorded.client) ? recorded.client : client;
    return this.#outcome(recorded, { ...expected, client: told }, { rpcs, client: got });
  }

  #outcome(recorded: SessionCase, expected: unknown, seen: unknown): CaseOutcome {
    const compared: Tier[] = recorded.rpcs.some(({ request }) => request['query'] !== undefined) ? ['a', 'b'] : ['a'];
    return { id: recorded.id, compared, differences: compare(expected, seen, tierOf), recorded };
  }

  /** StreamHealth and GetSchema go on beside every session. */
  #taken(): Json[] {
    return this.#fake.taken().map((call) => callJson(call, this.#ids, kindOf(call.rpc)));
  }

  #nextId(): string {
    const id = String(++this.#lastId);
    this.#ids.add(id);
    return id;
  }

  #answer({ rpc, request }: FakeCall): FakeAnswer {
    const next = this.#answers[0];
    if (next !== undefined && rpcName(next.rpc) === rpc) {
      this.#answers.shift();
      const id = this.#nextId();
      const fill = (message: Json): Json =>
        mapValues(message, (_key, value) => (value === '{id}' ? id : value)) as Json;
      const messages = (next.responses ?? (next.response === undefined ? [] : [next.response])).map(fill);
      if (next.status === undefined) return { messages };
      const [code, message] = next.status;
      return {
        messages,
        status: { code: vtCodes[code.replace('CANCELLED', 'CANCELED') as keyof typeof vtCodes], message },
      };
    }
    return { messages: rpc === 'GetSchema' ? [{}] : [this.#usual(rpc, request)] };
  }

  /** What a tablet answers to a statement that only brings the session into its state. */
  #usual(rpc: string, request: Json): Json {
    const sql = String((request['query'] as Json | undefined)?.['sql'] ?? '');
    const alias = { tablet_alias: { cell: 'zone1', uid: 100 } };
    const keeps = /create temporary|get_lock/i.test(sql);
    // A SET asks whether its value is another one than MySQL has: it is.
    const compared = /@@(\w+) orig, ([\s\S]*) new/.exec(sql) ?? /^select ([\s\S]*) from dual where @@/.exec(sql);
    const text = compared === null ? '1' : (compared[2] ?? compared[1] ?? '').replace(/^'|'$/g, '');
    const values = compared?.[2] === undefined ? [text] : ['OTHER', text];
    const result = {
      fields: values.map((_, index) => ({
        name: String(index),
        type: /^\d+$/.test(text) ? 'INT64' : 'VARCHAR',
        charset: 255,
      })),
      rows: [
        {
          lengths: values.map((value) => String(value.length)),
          values: Buffer.from(values.join('')).toString('base64'),
        },
      ],
    };
    return {
      ...(/^(Commit|Rollback|Release)$/.test(rpc) ? {} : { result }),
      ...(rpc.includes('Begin') ? { transaction_id: this.#nextId(), ...alias } : {}),
      ...(keeps && rpc.startsWith('Reserve') ? { reserved_id: this.#nextId(), ...alias } : {}),
    };
  }

  async #login(foundRows: boolean): Promise<unknown> {
    this.#client?.end();
    this.#client = await ReplayClient.connect(this.#gateway.mysql?.port ?? 0, 'u', foundRows);
    this.#foundRows = foundRows;
    this.#state = fresh();
    this.#settings = new Map();
    return { ok: { affectedRows: 0, insertId: 0, status: ['AUTOCOMMIT'], warnings: 0 } };
  }

  #close(): void {
    this.#client?.end();
    this.#client = null;
  }

  async #connected(foundRows: boolean): Promise<ReplayClient> {
    if (this.#client === null || this.#foundRows !== foundRows) await this.#login(foundRows);
    return this.#client as ReplayClient;
  }

  /** Brings the session into the state that the case's own requests presuppose. */
  async #establish(recorded: SessionCase): Promise<void> {
    const action = actionOf(recorded.action);
    if (action.do === 'login') return;
    const client = await this.#connected(action.do === 'query' && action.foundRows);
    const wants = demandsOf(recorded);
    const run = async (sql: string): Promise<void> => {
      this.#answers = [];
      await client.query(sql);
    };
    const state = this.#state;
    const leaves =
      wants.transaction === 'none' ||
      (wants.transaction === 'not-open' && state.open) ||
      (wants.transaction === 'wanted' && (state.open || state.accessModes !== wants.accessModes));
    if (state.inTransaction && leaves) {
      await run('rollback');
      state.inTransaction = state.open = false;
    }
    if (wants.reserved === false && state.reserved) await this.#login(this.#foundRows);
    const now = this.#client ?? client;
    const again = async (sql: string): Promise<void> => {
      this.#answers = [];
      await now.query(sql);
    };
    if (wants.settings !== null && !sameMap(wants.settings, this.#settings)) {
      if ([...this.#settings.keys()].some((name) => !wants.settings?.has(name))) {
        await this.#login(this.#foundRows);
        return this.#establish(recorded);
      }
      for (const [name, value] of wants.settings)
        if (this.#settings.get(name) !== value) await again(`set ${name} = ${value}`);
      this.#settings = wants.settings;
    }
    if (wants.workloadName !== null && wants.workloadName !== this.#state.workloadName) {
      await again(`select /*vt+ WORKLOAD_NAME=${wants.workloadName} */ 1 from t1`);
      this.#state.workloadName = wants.workloadName;
    }
    if (wants.workload !== null && wants.workload !== this.#state.workload) {
      await again(`set workload = ${wants.workload.toLowerCase()}`);
      this.#state.workload = wants.workload;
    }
    if (wants.autocommit !== null && wants.autocommit !== this.#state.autocommit) {
      await again(`set autocommit = ${wants.autocommit ? 1 : 0}`);
      this.#state.autocommit = wants.autocommit;
    }
    if (wants.reserved === true && !this.#state.reserved) {
      await again(
        /lock/i.test(recorded.action) ? "select get_lock('k', 1)" : 'create temporary table of_its_own (a int)',
      );
      this.#state.reserved = true;
    }
    if ((wants.transaction === 'wanted' || wants.transaction === 'open') && !this.#state.inTransaction) {
      const modes = wants.accessModes.toLowerCase().replaceAll('_', ' ').replace('consistent', 'with consistent');
      await again(modes === '' ? 'begin' : `start transaction ${modes}`);
      this.#state.inTransaction = true;
      this.#state.accessModes = wants.accessModes;
    }
    const opens = action.do === 'close' ? action.inTransaction : wants.transaction === 'open';
    if (opens && !this.#state.open) {
      if (!this.#state.inTransaction) await again('begin');
      await again('select 1 from t1 where id = 1');
      this.#state.inTransaction = this.#state.open = true;
    }
  }

  /** What the case itself left the session in. */
  #follow(recorded: SessionCase): void {
    const state = this.#state;
    const { action, rpcs } = recorded;
    const status = (recorded.client as { ok?: { status?: readonly string[] } } | null | undefined)?.ok?.status;
    if (/^\s*(begin|start transaction)\b/i.test(action)) {
      state.inTransaction = true;
      state.open = false;
      const words = /^\s*start transaction\s+(.*)$/i.exec(action)?.[1] ?? '';
      state.accessModes = words
        .toUpperCase()
        .replace('WITH ', '')
        .replaceAll(/\s*,\s*/g, ',')
        .replaceAll(' ', '_');
    }
    if (/^\s*(commit|rollback)\s*$/i.test(action)) state.inTransaction = state.open = false;
    for (const { rpc, request, response, responses } of rpcs) {
      if (rpc.includes('Begin')) state.inTransaction = state.open = true;
      if (rpc.endsWith('/Commit') || rpc.endsWith('/Rollback')) state.inTransaction = state.open = false;
      if (rpc.endsWith('/Release')) state.reserved = false;
      else if ([response, ...(responses ?? [])].some((one) => one?.['reserved_id'] !== undefined))
        state.reserved = true;
      const name = (request['options'] as { readonly WorkloadName?: string } | undefined)?.WorkloadName;
      if (name !== undefined) state.workloadName = name;
    }
    const set = /^\s*set\s+(?:session\s+|@@)?(\w+)\s*=\s*([\s\S]*)$/i.exec(action);
    if (set?.[1]?.toLowerCase() === 'workload') state.workload = (set[2] ?? '').trim().toUpperCase();
    else if (set?.[1]?.toLowerCase() === 'autocommit')
      state.autocommit = status?.includes('AUTOCOMMIT') ?? state.autocommit;
  }
}

const sameMap = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean =>
  one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
