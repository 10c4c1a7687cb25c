import { decide, type AclSettings, type Decision, type TableAcl } from '../acl';
import { parsePem, verifyPeer, type ParsedCertificate, type ParsedCrl } from '../certs';
import type { Fidelity } from '../fidelity/fidelity';
import { deriveGrpcCaller, deriveMysqlCaller, type ImmediateCaller } from '../identity';
import { grpcGoCodeName, vtCodes, type VtCode } from '../kernel';
import type { QueryRules, RuleDecision } from '../query-rules';
import { readStatement } from '../sql';
import type { Gateway, GrpcListener, MysqlListener, ServerTls, Tablet, Topology } from '../topology';
import {
  authenticate,
  authorizeMtls,
  authorizeStatic,
  methodsFor,
  nativeReply,
  sha2Reply,
  type GrpcUsersFile,
  type UsersFile,
} from '../users';
import type { Cell, Outcome } from './cell';
import { predictRules } from './predict-rules';

/** What a prediction may look at: the files as they were read, nothing that runs. */
export interface PredictionWorld {
  readonly topology: Topology;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly users: ReadonlyMap<string, UsersFile>;
  readonly grpcUsers: ReadonlyMap<string, GrpcUsersFile>;
  readonly acls: ReadonlyMap<string, TableAcl>;
  /** By the tablets' files of query rules; absent: no tablet has any. */
  readonly queryRules?: ReadonlyMap<string, QueryRules>;
  readonly now: Date;
  fidelityOf(gateway: Gateway | null): Fidelity;
}

/** What the caller types into the connection; the prediction needs it to play the login through. */
export interface TypedCredentials {
  readonly password: string;
}

/** Who somebody is who got in, and the entry of a users file that let them in; null where no such file decides. */
export interface Admitted {
  readonly immediate: ImmediateCaller;
  readonly entry: UserEntryPlace | null;
}

/** One entry of a users file. */
export interface UserEntryPlace {
  readonly file: string;
  readonly user: string;
  readonly line: number;
  /** Position in the user's list, from 0; null in a gRPC users file, which has no lists. */
  readonly index: number | null;
}

/** What may be said about a statement once its caller is known. */
export interface StatementPrediction {
  readonly outcome: Outcome;
  /** The decision of the table ACL; null when the statement never gets to it. */
  readonly decision: Decision | null;
  /** What a query rule did about it; absent: none matched, or none was asked. */
  readonly rules?: Exclude<RuleDecision, { action: 'CONTINUE' }>;
}

const refused = (
  stoppedAt: Outcome['stoppedAt'],
  message: string | null,
  code: number | null = null,
  sqlState: string | null = null,
): Outcome => ({
  verdict: 'refused',
  stoppedAt,
  code,
  sqlState,
  message,
});
const allowed: Outcome = { verdict: 'allow', stoppedAt: null, code: null, sqlState: null, message: null };

/** The two-line text with which vtgate asks for TLS (vitess-behaviour §2.1 step 4). */
const INSECURE =
  'unknown error: Code: UNAVAILABLE\nserver does not allow insecure connections, client must use SSL/TLS\n';

interface PeerIdentity {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly subjects: readonly string[];
}

type StatementReading = ReturnType<typeof readStatement>;
const MOST_READINGS = 10_000;

/** Predicts cells from the files alone. One object keeps what was parsed; make a new one when a file changes. */
export class Predictor {
  readonly #pem = new Map<
    string,
    { readonly certificates: readonly ParsedCertificate[]; readonly crls: readonly ParsedCrl[] }
  >();

  readonly #readings = new Map<string, StatementReading>();

  constructor(readonly world: PredictionWorld) {}

  /** What should happen in `cell`: verdict, where it ends, and the words that the other side should use. */
  predict(cell: Cell, typed: TypedCredentials): Outcome {
    const admission = this.admit(cell, typed);
    return 'verdict' in admission ? admission : this.predictAdmitted(cell, admission.immediate).outcome;
  }

  /**
   * The way in alone: the outcome that ends it there, or who the caller is. The same for every statement of a caller over
   * one transport, so a matrix asks once a row.
   */
  admit(cell: Cell, typed: TypedCredentials): Outcome | Admitted {
    const gateway = this.world.topology.gateways.find((candidate) => candidate.name === cell.caller.gateway);
    if (gateway === undefined) return refused('connect', null);
    const fidelity = this.world.fidelityOf(gateway);
    const overMysql = cell.transport.startsWith('mysql-');
    const listener = overMysql ? gateway.mysql : gateway.grpc;
    if (listener === null) return refused('connect', null);

    const secured =
      cell.transport !== 'mysql-plain' && cell.transport !== 'grpc-plain' && cell.transport !== 'mysql-unix';
    let peer: PeerIdentity | null = null;
    if (secured) {
      if (listener.tls === null) return refused('tls', null);
      const judged = this.#handshake(cell, listener.tls, fidelity);
      if ('verdict' in judged) return judged;
      peer = judged.peer;
    }
    return overMysql
      ? this.#mysqlLogin(cell, gateway.mysql as MysqlListener, typed, fidelity, peer, secured)
      : this.#grpcLogin(cell, gateway.grpc as GrpcListener, typed, fidelity, peer, secured);
  }

  /** What the tablet should say to the statement of `cell` once its caller got in as `immediate`. */
  predictAdmitted(cell: Cell, immediate: ImmediateCaller): StatementPrediction {
    const tablet = this.world.topology.tablets[0];
    if (tablet === undefined) return { decision: null, outcome: refused('link', null) };
    // The tablet decides, with its own fidelity: a gateway's override changes only how callers get in.
    const overMysql = cell.transport.startsWith('mysql-');
    return this.predictStatement(cell.sql, immediate, tablet, this.world.fidelityOf(null), overMysql);
  }

  /** What the tablet should say to a statement of a known caller; texts as they reach a MySQL or gRPC client. */
  predictStatement(
    sql: string,
    immediate: ImmediateCaller | null,
    tablet: Tablet,
    fidelity: Fidelity,
    overMysql: boolean,
  ): StatementPrediction {
    const reading = this.#reading(sql, fidelity);
    const said = (code: VtCode, message: string): Pick<Outcome, 'code' | 'sqlState' | 'message'> => {
      const suffix = immediate === null || message === 'missing caller id' ? '' : ` (CallerID: ${immediate.username})`;
      const text = `target: ${tablet.keyspace}.${tablet.shard}.${tablet.type}: vttablet: rpc error: code = ${grpcGoCodeName(code)} desc = ${message}${suffix}`;
      if (!overMysql) return { code: vtCodes[code], sqlState: null, message: text };
      const denied = code === 'PERMISSION_DENIED' || code === 'UNAUTHENTICATED';
      return { code: denied ? 1045 : 1105, sqlState: denied ? '28000' : 'HY000', message: text };
    };
    const plan = reading.execute;
    if (reading.gateway?.kind === 'refused') {
      const { code, message } = reading.gateway;
      const errno = code === 'UNIMPLEMENTED' ? 1235 : code === 'INTERNAL' ? 1815 : 1105;
      const sqlState = errno === 1235 ? '42000' : 'HY000';
      return {
        decision: null,
        outcome: {
          verdict: 'refused',
          stoppedAt: 'gateway',
          code: overMysql ? errno : vtCodes[code],
          sqlState: overMysql ? sqlState : null,
          message,
        },
      };
    }
    if (plan.kind === 'refused') {
      const syntax = plan.message.startsWith('syntax error');
      return {
        decision: null,
        outcome: {
          verdict: syntax ? 'invalid' : 'refused',
          stoppedAt: syntax ? 'gateway' : 'tablet',
          ...(syntax
            ? {
                code: overMysql ? 1105 : vtCodes.INVALID_ARGUMENT,
                sqlState: overMysql ? 'HY000' : null,
                message: plan.message,
              }
            : said(plan.code, plan.message)),
        },
      };
    }
    if (plan.kind === 'panic') return { decision: null, outcome: refused('gateway', null) };
    const { topology, queryRules } = this.world;
    const file = tablet.queryRules;
    const rules = predictRules(file === null ? null : (queryRules?.get(file) ?? null), {
      sql,
      reading,
      plan,
      tablet,
      topology,
      options: { fidelity },
    });
    if (rules.action === 'FAIL' || rules.action === 'FAIL_RETRY')
      return {
        decision: null,
        rules,
        outcome: { verdict: 'refused', stoppedAt: 'tablet', ...said(rules.code, rules.message) },
      };
    if (rules.action === 'cannot-decide')
      return {
        decision: null,
        rules,
        outcome: { verdict: 'cannot-decide', stoppedAt: 'tablet', code: null, sqlState: null, message: null },
      };
    const passed = rules.action === 'BUFFER' ? { rules } : {};
    const decision = decide({
      acl: tablet.acl.file === null ? null : (this.world.acls.get(tablet.acl.file) ?? null),
      settings: aclSettings(tablet),
      caller: immediate,
      plan,
      fidelity,
    });
    if (decision.verdict === 'allow') return { decision, outcome: allowed, ...passed };
    return {
      decision,
      ...passed,
      outcome: {
        verdict: decision.verdict,
        stoppedAt: 'tablet',
        ...said(decision.code ?? 'PERMISSION_DENIED', decision.message ?? ''),
      },
    };
  }

  /** A matrix asks the same statements for every caller. */
  #reading(sql: string, fidelity: Fidelity): StatementReading {
    const key = `${fidelity.mode} ${fidelity.version} ${sql}`;
    let reading = this.#readings.get(key);
    if (reading === undefined) {
      reading = readStatement(sql, { fidelity });
      if (this.#readings.size >= MOST_READINGS) this.#readings.clear();
      this.#readings.set(key, reading);
    }
    return reading;
  }

  #handshake(cell: Cell, tls: ServerTls, fidelity: Fidelity): Outcome | { readonly peer: PeerIdentity | null } {
    const { now } = this.world;
    if (cell.tlsOnly === 'TLSv1.2' && tls.minVersion === 'TLSv1.3') return refused('tls', null);
    if (cell.trust !== null) {
      const presented = [
        ...this.#certificates(tls.cert),
        ...(tls.serverCa === null ? [] : this.#certificates(tls.serverCa)),
      ];
      const verdict = verifyPeer({
        chain: presented.map((certificate) => certificate.der),
        anchors: this.#certificates(cell.trust),
        purpose: 'server',
        name: cell.serverName,
        now,
        fidelity,
      });
      if (!verdict.ok) return refused('tls', null);
    }
    if (tls.clientCa === null) return { peer: null };
    const chain = cell.certificate === null ? [] : this.#certificates(cell.certificate);
    const verdict = verifyPeer({
      chain: chain.map((certificate) => certificate.der),
      anchors: this.#certificates(tls.clientCa),
      crls: tls.crl === null ? [] : this.#read(tls.crl).crls,
      purpose: 'client',
      now,
      fidelity,
    });
    return verdict.ok ? { peer: verdict.peer } : refused('tls', null);
  }

  #mysqlLogin(
    cell: Cell,
    listener: MysqlListener,
    typed: TypedCredentials,
    fidelity: Fidelity,
    peer: PeerIdentity | null,
    secured: boolean,
  ): Outcome | Admitted {
    const unixSocket = cell.transport === 'mysql-unix';
    if (unixSocket && !listener.unixSocket) return refused('connect', null);
    if (!secured && !unixSocket && listener.tls !== null && listener.requireSecureTransport)
      return refused('login', INSECURE, 1105, 'HY000');
    const login = cell.caller.user ?? '';
    if (listener.auth === 'static') {
      const users = listener.usersFile === null ? undefined : this.world.users.get(listener.usersFile);
      if (users === undefined) return refused('connect', null);
      const salt = Buffer.from('2122232425262728292a2b2c2d2e2f3031323334', 'hex');
      const [method] = methodsFor(users, login, { fidelity, secured: secured || unixSocket });
      const sha2 = method === 'caching_sha2_password';
      const outcome = authenticate(
        users,
        {
          user: login,
          method: sha2 ? 'caching_sha2_password' : 'mysql_native_password',
          salt,
          reply:
            typed.password === ''
              ? Buffer.alloc(0)
              : sha2
                ? sha2Reply(typed.password, salt)
                : nativeReply(typed.password, salt),
          unixSocket,
        },
        fidelity,
      );
      if (outcome.kind === 'denied') return refused('login', outcome.message, outcome.errno, outcome.sqlState);
      if (outcome.kind === 'dropped') return refused('login', null);
      const { immediate, line, entryIndex: index } = outcome;
      return { immediate, entry: { file: listener.usersFile ?? '', user: login, line, index } };
    }
    const remoteAddress = unixSocket ? '@' : '127.0.0.1:0';
    const derived = deriveMysqlCaller(
      listener.auth === 'none'
        ? { way: 'none', login, remoteAddress }
        : { way: 'clientcert', login, remoteAddress, peer },
    );
    if (derived.kind === 'refused')
      return refused('login', derived.refusal.message, derived.refusal.errno, derived.refusal.sqlState);
    return { immediate: derived.caller.immediate, entry: null };
  }

  #grpcLogin(
    cell: Cell,
    listener: GrpcListener,
    typed: TypedCredentials,
    fidelity: Fidelity,
    peer: PeerIdentity | null,
    secured: boolean,
  ): Outcome | Admitted {
    if (!secured && listener.tls !== null && !listener.optionalTls) return refused('connect', null);
    let staticUser: string | null = null;
    let entry: UserEntryPlace | null = null;
    if (listener.authMode === 'static') {
      const users = listener.usersFile === null ? undefined : this.world.grpcUsers.get(listener.usersFile);
      if (users === undefined) return refused('connect', null);
      const sends = cell.caller.user !== null;
      const outcome = authorizeStatic(
        users,
        { username: sends ? cell.caller.user : null, password: sends ? typed.password : null },
        fidelity,
      );
      if (outcome.kind === 'refused') return refused('login', outcome.message, vtCodes[outcome.code]);
      staticUser = outcome.username;
      entry = { file: listener.usersFile ?? '', user: outcome.username, line: outcome.line, index: null };
    } else if (listener.authMode === 'mtls') {
      const outcome = authorizeMtls(listener.allowedSubstrings.join(':'), peer?.subjects ?? null, fidelity);
      if (outcome.kind === 'refused') return refused('login', outcome.message, vtCodes[outcome.code]);
    }
    const claimed = cell.caller.claimed === null ? null : { ...cell.caller.claimed, component: '', subcomponent: '' };
    return { immediate: deriveGrpcCaller({ peer, claimed, staticUser, flags: listener }).immediate, entry };
  }

  #certificates(path: string): readonly ParsedCertificate[] {
    return this.#read(path).certificates;
  }

  #read(path: string): { readonly certificates: readonly ParsedCertificate[]; readonly crls: readonly ParsedCrl[] } {
    let parsed = this.#pem.get(path);
    if (parsed === undefined) {
      const bytes = this.world.files.get(path);
      parsed =
        bytes === undefined ? { certificates: [], crls: [] } : parsePem(Buffer.from(bytes).toString('utf8'), path);
      this.#pem.set(path, parsed);
    }
    return parsed;
  }
}

/** The settings of a tablet's ACL as `decide` takes them. */
export const aclSettings = (tablet: Tablet): AclSettings => ({
  strict: tablet.acl.strict,
  dryRun: tablet.acl.dryRun,
  exempt: tablet.acl.exempt,
});
