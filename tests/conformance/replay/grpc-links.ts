import { parseAclFile } from '../../../src-main/domain/acl';
import { createGateway } from '../../../src-main/servers/gateway';
import { createRecorder, type TraceRecorder } from '../../../src-main/servers/recorder';
import { createTablet, type Tablet } from '../../../src-main/servers/tablet';
import { tabletConfig, type Backend } from '../../wire/tablet/tablet-fixture';
import { compare } from './compare';
import { replayBackend } from './grpc/backend';
import { GrpcCaller, type CallerTls } from './grpc/caller';
import { makeCertificates } from './grpc/certificates';
import { gatewayPort, grpcPort, linkSettings, StartRefused, type Placeholders } from './grpc/flags';
import { makeCall, type Answered, type RecordedCall } from './grpc/methods';
import { probe, type Probe } from './grpc/probe';
import { openTap, type Tap } from './grpc/tap';
import { inParallel } from './in-parallel';
import type { CaseOutcome, Replay, ReplaySettings } from './outcome';

interface Expected extends Answered {
  readonly callers?: unknown;
  readonly queryLog?: unknown;
  readonly probe?: Probe;
  readonly start?: 'ok' | 'refused';
  readonly log?: readonly string[];
  readonly query?: { readonly code: string; readonly error?: { readonly code: string; readonly message: string } };
  readonly 'login-right'?: string;
  readonly 'login-empty'?: string;
}

interface Case extends RecordedCall {
  readonly id: string;
  readonly kind?: 'link' | 'start';
  readonly to: 'vtgate' | 'tablet';
  readonly server: string;
  readonly tls?: CallerTls;
  readonly flags?: readonly string[];
  readonly tabletFlags?: readonly string[];
  readonly vtgateFlags?: readonly string[];
  readonly text?: string;
  readonly creds?: string;
  readonly expect: Expected;
}

interface Recording {
  readonly passwords: unknown;
  readonly acl: unknown;
  readonly servers: { readonly [name: string]: readonly string[] };
  readonly cases: readonly Case[];
}

/** Tables that the recording's ACL and statements name. */
const schema = [
  'create table t_open (id int primary key, v varchar(20))',
  "insert into t_open values (1, 'one')",
  'create table t_shut (id int primary key)',
];

/** Errors that a program writes about its files of logins. */
const aboutLogins = /auth plugin|grpc\.DialOption/;
const ownWords =
  /^error: ((?:Failed to load auth plugin: fail to|There was an error initializing client grpc.DialOption: json)[\s\S]*)$/;

/** grpc-links.json: calls, links and starts over real sockets, against our gateway and our tablet. */
export const replayGrpcLinks: Replay = async function* (recording, settings) {
  const { cases, servers, passwords, acl } = recording as Recording;
  const wanted = cases.filter(({ id }) => settings.only?.(id) ?? true);
  const certificates = await makeCertificates(settings.folder);
  const backend = await replayBackend(...schema);
  const bench = new Bench(backend, settings, certificates.path, JSON.stringify(passwords), acl);
  try {
    await bench.start();
    const groups = new Map<string, Case[]>();
    for (const one of wanted) {
      const key = one.kind === undefined ? `${one.to} ${one.server}` : one.id;
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    yield* inParallel([...groups.values()], 6, async (group) => {
      const [first] = group;
      if (first === undefined) return [];
      if (first.kind === 'start') return [await bench.startCase(first)];
      if (first.kind === 'link') return [await bench.linkCase(first)];
      return bench.calls(group, servers[first.server] ?? []);
    });
  } finally {
    await bench.stop();
    await backend.stop();
    await certificates.remove();
  }
};

/** What all cases share, and how each kind is played. */
class Bench {
  #plain: Tablet | null = null;

  constructor(
    private readonly backend: Backend,
    private readonly settings: ReplaySettings,
    private readonly certs: string,
    private readonly passwords: string,
    private readonly acl: unknown,
  ) {}

  async start(): Promise<void> {
    this.#plain = await this.#tablet([], createRecorder(), {});
  }

  async stop(): Promise<void> {
    await this.#plain?.stop({ graceMs: 0 });
  }

  #places(texts: Placeholders['texts'] = {}): Placeholders {
    const { fidelity } = this.settings;
    return { certs: this.certs, texts: { passwords: this.passwords, ...texts }, fidelity };
  }

  async #tablet(flags: readonly string[], recorder: TraceRecorder, texts: Placeholders['texts']): Promise<Tablet> {
    const { fidelity } = this.settings;
    const { acl } = parseAclFile(Buffer.from(JSON.stringify(this.acl)), { file: 'acl.json', fidelity });
    const config = tabletConfig(this.backend, {
      fidelity,
      acl,
      aclSettings: { strict: true, dryRun: false, exempt: '' },
      ...grpcPort(flags, this.#places(texts)),
    });
    return createTablet(config, { recorder });
  }

  async #gateway(
    flags: readonly string[],
    recorder: TraceRecorder,
    port: number,
    texts: Placeholders['texts'] = {},
    link: ReturnType<typeof linkSettings> = {},
  ) {
    const tablet = {
      alias: 'zone1-100',
      keyspace: 'commerce',
      shard: '0',
      type: 'primary',
      host: 'localhost',
      port,
    } as const;
    return createGateway(
      {
        name: 'vtgate',
        cell: 'zone1',
        fidelity: this.settings.fidelity,
        keyspaces: [{ name: 'commerce', shards: ['0'] }],
        mysql: null,
        grpc: gatewayPort(flags, this.#places(texts)),
        tablets: [{ ...tablet, ...link }],
        initialTabletTimeoutMs: 2000,
      },
      { recorder },
    );
  }

  /** Every call to one server, one after the other, each on a connection of its own. */
  async calls(group: readonly Case[], flags: readonly string[]): Promise<CaseOutcome[]> {
    const recorder = createRecorder();
    const { to } = group[0] as Case;
    if (to === 'tablet') {
      const tablet = await this.#tablet(flags, recorder, {}).catch((error: unknown) => error as Error);
      if (tablet instanceof Error) return group.map((one) => notStarted(one, tablet, flags));
      try {
        return await this.#each(group, tablet.address.port, recorder, `tablet ${tablet.alias}`, null, tablet, flags);
      } finally {
        await tablet.stop({ graceMs: 0 });
      }
    }
    const tap = await openTap(this.#plain?.address.port ?? 0);
    const gateway = await this.#gateway(flags, recorder, tap.port).catch((error: unknown) => error as Error);
    if (gateway instanceof Error) {
      await tap.close();
      return group.map((one) => notStarted(one, gateway, flags));
    }
    try {
      return await this.#each(group, gateway.grpc?.port ?? 0, recorder, 'vtgate', tap, null, flags);
    } finally {
      await gateway.stop({ graceMs: 0 });
      await tap.close();
    }
  }

  async #each(
    group: readonly Case[],
    port: number,
    recorder: TraceRecorder,
    listener: string,
    tap: Tap | null,
    tablet: Tablet | null,
    flags: readonly string[],
  ): Promise<CaseOutcome[]> {
    const outcomes: CaseOutcome[] = [];
    for (const one of group) {
      tap?.taken();
      const logged = tablet?.queryLog().length ?? 0;
      const caller = new GrpcCaller(port, one.tls, this.certs);
      const { message, ...answer } = await makeCall(caller, one).finally(() => caller.close());
      const { expect } = one;
      const refused = expect.code === 'UNAVAILABLE';
      const seen: Record<string, unknown> = { ...answer, ...(refused || message === undefined ? {} : { message }) };
      const recorded: Record<string, unknown> = {
        code: expect.code,
        ...(refused || expect.message === undefined ? {} : { message: expect.message }),
        ...(expect.responseError === undefined ? {} : { responseError: expect.responseError }),
        // Where a call failed, its rows are what the recording client made of nothing.
        ...(expect.code === 'OK' && expect.rows !== undefined ? { rows: expect.rows } : {}),
      };
      if (expect.rows === undefined && expect.responseError !== undefined) delete seen['rows'];
      if (expect.callers !== undefined) {
        recorded['callers'] = expect.callers;
        const call = tap?.taken().at(-1)?.request;
        const { immediateCallerId: immediate = null, effectiveCallerId: effective = null } = call ?? {};
        seen['callers'] = call === undefined ? undefined : { immediate, effective };
      }
      if (expect.queryLog !== undefined) {
        recorded['queryLog'] = expect.queryLog;
        const record = tablet?.queryLog().slice(logged).at(-1);
        if (record !== undefined)
          seen['queryLog'] = {
            method: record.method,
            username: record.username,
            immediateCaller: `'${record.immediateCaller}'`,
            effectiveCaller: `'${record.effectiveCaller}'`,
          };
      }
      if (expect.probe !== undefined && one.tls !== undefined) {
        const { saw, from } = await probe(port, one.tls, this.certs);
        recorded['probe'] = expect.probe;
        seen['probe'] = saw;
        if (expect.probe.alert !== undefined) {
          recorded['refusal'] = expect.probe.alert;
          seen['refusal'] = await refusalOf(recorder, listener, from);
        }
      }
      outcomes.push(outcomeOf(one, recorded, seen, flags));
    }
    return outcomes;
  }

  async startCase(one: Case): Promise<CaseOutcome> {
    const { expect } = one;
    const recorded = { ...startOf(expect), ...logins(expect) };
    const texts = one.text === undefined ? {} : { passwords: one.text };
    const seen: Record<string, unknown> = { start: 'ok' };
    try {
      const recorder = createRecorder();
      const program =
        one.to === 'tablet'
          ? await this.#tablet(one.flags ?? [], recorder, texts)
          : await this.#gateway(one.flags ?? [], recorder, this.#plain?.address.port ?? 0, texts);
      const port = 'address' in program ? program.address.port : (program.grpc?.port ?? 0);
      for (const [key, password] of [
        ['login-right', 'pw'],
        ['login-empty', ''],
      ] as const) {
        if (expect[key] === undefined) continue;
        const caller = new GrpcCaller(port, undefined, this.certs);
        const metadata = [
          ['username', 'svc'],
          ['password', password],
        ] as const;
        const { code, message } = await makeCall(caller, { rpc: 'health.Check', metadata });
        caller.close();
        seen[key] = message === undefined ? code : `${code} ${message}`;
      }
      await program.stop({ graceMs: 0 });
    } catch (error) {
      Object.assign(seen, refusedStart(error, recorded));
    }
    return outcomeOf(one, recorded, seen);
  }

  async linkCase(one: Case): Promise<CaseOutcome> {
    const { expect, creds, tabletFlags = [], vtgateFlags = [] } = one;
    const recorded: Record<string, unknown> = startOf(expect);
    if (expect.query !== undefined) recorded['query'] = expect.query;
    const seen: Record<string, unknown> = { start: 'ok' };
    const recorder = createRecorder();
    let tablet: Tablet | null = null;
    try {
      tablet = await this.#tablet(tabletFlags, recorder, {});
      const texts = { creds };
      const link = linkSettings(vtgateFlags, this.#places(texts));
      const gateway = await this.#gateway(vtgateFlags, recorder, tablet.address.port, texts, link);
      const caller = new GrpcCaller(gateway.grpc?.port ?? 0, undefined, this.certs);
      const { code, responseError } = await makeCall(caller, { rpc: 'vtgate.Execute', sql: 'select id from t_shut' });
      seen['query'] = { code, ...(responseError === undefined ? {} : { error: responseError }) };
      caller.close();
      await gateway.stop({ graceMs: 0 });
    } catch (error) {
      Object.assign(seen, refusedStart(error, recorded));
    } finally {
      await tablet?.stop({ graceMs: 0 });
    }
    return outcomeOf(one, recorded, seen, [...tabletFlags, ...vtgateFlags]);
  }
}

/** Of a refused start only what is said of files of logins is ours to say; certificates have words of Go's library. */
function startOf({ start, log = [] }: Expected): Record<string, unknown> {
  const said = log.flatMap((line) => ownWords.exec(line)?.[1] ?? []);
  return {
    start,
    ...(start === 'refused' && said.length > 0 && log.some((line) => aboutLogins.test(line)) ? { said } : {}),
  };
}

const logins = (expect: Expected): Record<string, unknown> =>
  Object.fromEntries(
    (['login-right', 'login-empty'] as const).flatMap((key) => (expect[key] === undefined ? [] : [[key, expect[key]]])),
  );

/** What is seen of a start that is refused; `reason` tells why where the recorded one was not, or for another reason. */
function refusedStart(error: unknown, recorded: Record<string, unknown>): Record<string, unknown> {
  const said = error instanceof StartRefused ? error.log : [];
  const seen = { start: 'refused', ...(said.length === 0 ? {} : { said }) };
  return compare(recorded, seen).length === 0 ? seen : { ...seen, reason: (error as Error).message };
}

/** A call to a server that does not start with its flags. */
const notStarted = (one: Case, { message }: Error, flags: readonly string[]): CaseOutcome =>
  outcomeOf(one, { start: 'ok' }, { start: 'refused', reason: message }, flags);

/** The alert that our listener names as the one for its refusal, whether or not it can send it. */
async function refusalOf(recorder: TraceRecorder, listener: string, from: string): Promise<unknown> {
  for (let tries = 0; tries < 100; tries++) {
    const step = recorder
      .steps(recorder.findByPeer(listener, from) ?? '')
      .find(({ name, outcome }) => name === 'tls.handshake' && outcome === 'refused');
    if (step !== undefined) return step.data['alert'];
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return null;
}

/** `flags`: of the servers of the case, which an exception or a rule may look at. */
const outcomeOf = (one: Case, expected: unknown, seen: unknown, flags = one.flags): CaseOutcome => ({
  id: one.id,
  compared: ['a'],
  differences: compare(expected, seen, () => 'a'),
  recorded: { ...one, flags },
});
