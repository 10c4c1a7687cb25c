import { Verifier } from '../../domain/certs';
import { parsePem } from '../../domain/certs';
import { deriveGrpcCaller, type ImmediateCaller } from '../../domain/identity';
import { aclSettings, Predictor, type Outcome } from '../../domain/probes';
import { fidelityOf, type Workspace } from '../workspace/load-workspace';

/** One question of `gatehouse decide` (design.md §7). */
export interface DecideQuestion {
  readonly id: string | number | null;
  readonly caller: {
    readonly user?: string;
    /** Certificate file, workspace-relative, or the common name of one. */
    readonly certificate?: string;
    readonly claimed?: string;
    readonly immediate?: string;
    readonly groups?: readonly string[];
  };
  readonly sql: string;
}

/** One answer; additive only. */
export interface DecideAnswer {
  readonly id: string | number | null;
  readonly verdict: Outcome['verdict'];
  readonly enforcement: 'enforced' | 'dry-run' | 'strict-off' | 'no-acl' | 'exempt' | 'dual';
  readonly wouldBe?: 'deny' | 'cannot-decide';
  readonly stoppedAt?: NonNullable<Outcome['stoppedAt']>;
  readonly tables: readonly {
    readonly table: string;
    readonly role: 'READER' | 'WRITER' | 'ADMIN';
    readonly group: string;
    readonly entry: string | null;
    readonly granted: boolean;
    readonly file: string | null;
    readonly line: number | null;
  }[];
  readonly code: number | null;
  readonly sqlState: string | null;
  readonly message: string | null;
  readonly reason: string;
}

/**
 * Decides statements of callers from a workspace's files alone: nothing is started and nothing is connected to. A
 * question that cannot be understood is answered `invalid` with its reason.
 */
export class DecideService {
  readonly #predictor: Predictor;
  readonly #verifier = new Verifier();

  constructor(
    readonly workspace: Workspace,
    now: Date,
  ) {
    this.#predictor = new Predictor({
      topology: workspace.topology,
      files: new Map([...workspace.certificates, ...workspace.files]),
      users: workspace.users,
      grpcUsers: workspace.grpcUsers,
      acls: workspace.acls,
      now,
      fidelityOf: (gateway) => fidelityOf(workspace, gateway),
    });
  }

  /** Answers one question; `overMysql` codes are given, as most callers see them. */
  decide(question: DecideQuestion): DecideAnswer {
    const invalid = (reason: string): DecideAnswer => ({
      id: question.id,
      verdict: 'invalid',
      enforcement: 'enforced',
      tables: [],
      code: null,
      sqlState: null,
      message: null,
      reason,
    });
    const tablet = this.workspace.topology.tablets[0];
    if (tablet === undefined) return invalid('The workspace has no tablet that could decide.');
    const who = this.#identify(question.caller);
    if ('reason' in who) return { ...invalid(who.reason), verdict: 'refused', stoppedAt: 'login' };
    const fidelity = fidelityOf(this.workspace, null);
    const { outcome, decision } = this.#predictor.predictStatement(
      question.sql,
      who.immediate,
      tablet,
      fidelity,
      who.overMysql,
    );
    return {
      id: question.id,
      verdict: outcome.verdict,
      enforcement: decision?.enforcement ?? (aclSettings(tablet).strict ? 'enforced' : 'strict-off'),
      ...(decision?.wouldBe === undefined ? {} : { wouldBe: decision.wouldBe }),
      ...(outcome.stoppedAt === null ? {} : { stoppedAt: outcome.stoppedAt }),
      tables: (decision?.tables ?? []).map((table) => ({
        table: table.permission.table,
        role: table.permission.role,
        group: table.group,
        entry: table.entry,
        granted: table.granted,
        file: table.file,
        line: table.line,
      })),
      code: outcome.code,
      sqlState: outcome.sqlState,
      message: outcome.message,
      reason: decision?.reason ?? outcome.message ?? 'The statement never reaches the table ACL.',
    };
  }

  #identify(
    caller: DecideQuestion['caller'],
  ): { readonly immediate: ImmediateCaller; readonly overMysql: boolean } | { readonly reason: string } {
    const named = [caller.user, caller.certificate, caller.claimed, caller.immediate].filter(
      (name) => name !== undefined,
    );
    if (named.length !== 1)
      return { reason: 'A caller is exactly one of "user", "certificate", "claimed" and "immediate".' };
    if (caller.immediate !== undefined)
      return { immediate: { username: caller.immediate, groups: caller.groups ?? [] }, overMysql: true };
    if (caller.user !== undefined) {
      for (const file of this.workspace.users.values()) {
        const entry = file.users.get(caller.user)?.[0];
        if (entry !== undefined)
          return { immediate: { username: entry.userData ?? '', groups: entry.groups }, overMysql: true };
      }
      return { reason: `No users file of the workspace has a user "${caller.user}".` };
    }
    if (caller.claimed !== undefined) {
      const gateway = this.workspace.topology.gateways.find(
        (candidate) => candidate.grpc?.useEffectiveCallerId === true,
      );
      if (gateway?.grpc == null)
        return { reason: 'No gateway of the workspace takes claimed names (useEffectiveCallerId).' };
      const claimed = { principal: caller.claimed, component: '', subcomponent: '', groups: caller.groups ?? [] };
      return {
        immediate: deriveGrpcCaller({ peer: null, claimed, staticUser: null, flags: gateway.grpc }).immediate,
        overMysql: false,
      };
    }
    return this.#certified(caller.certificate ?? '');
  }

  #certified(
    name: string,
  ): { readonly immediate: ImmediateCaller; readonly overMysql: boolean } | { readonly reason: string } {
    const bytes = this.workspace.files.get(name) ?? this.workspace.certificates.get(name);
    if (bytes === undefined) return { reason: `The workspace has no certificate "${name}".` };
    const { certificates } = parsePem(bytes.toString('utf8'), name);
    for (const gateway of this.workspace.topology.gateways) {
      const tls = gateway.grpc?.tls ?? gateway.mysql?.tls;
      if (tls?.clientCa == null) continue;
      const anchors = this.workspace.files.get(tls.clientCa);
      const crl = tls.crl === null ? undefined : this.workspace.files.get(tls.crl);
      const verdict = this.#verifier.verifyPeer({
        chain: certificates.map((certificate) => certificate.der),
        anchors: anchors === undefined ? [] : parsePem(anchors.toString('utf8'), tls.clientCa).certificates,
        crls: crl === undefined ? [] : parsePem(crl.toString('utf8'), tls.crl ?? '').crls,
        purpose: 'client',
        now: new Date(),
        fidelity: fidelityOf(this.workspace, gateway),
      });
      if (verdict.ok)
        return {
          immediate: { username: verdict.peer.commonName, groups: verdict.peer.dnsNames },
          overMysql: gateway.grpc === null,
        };
      return { reason: verdict.message };
    }
    return { reason: 'No gateway of the workspace asks for client certificates.' };
  }
}
