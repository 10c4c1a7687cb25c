import { parsePem, Verifier, type ParsedCertificate } from '../../domain/certs';
import { deriveGrpcCaller, type ImmediateCaller } from '../../domain/identity';
import { aclSettings, Predictor, type Outcome, type StatementPrediction } from '../../domain/probes';
import type { Gateway } from '../../domain/topology';
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
  /** Callers by what names them; who a certificate makes of its holder does not change while the files do not. */
  readonly #certified = new Map<string, Identified>();

  constructor(
    readonly workspace: Workspace,
    readonly now: Date,
  ) {
    this.#predictor = new Predictor({
      topology: workspace.topology,
      files: new Map([...workspace.certificates, ...workspace.files]),
      users: workspace.users,
      grpcUsers: workspace.grpcUsers,
      acls: workspace.acls,
      queryRules: workspace.queryRules,
      now,
      fidelityOf: (gateway) => fidelityOf(workspace, gateway),
    });
  }

  /** The answer to what is no question: `invalid`, with its reason. */
  static invalid(id: DecideQuestion['id'], reason: string): DecideAnswer {
    return {
      id,
      verdict: 'invalid',
      enforcement: 'enforced',
      tables: [],
      code: null,
      sqlState: null,
      message: null,
      reason,
    };
  }

  /** Answers one question; codes are those of the protocol that the caller uses, MySQL's where it may use both. */
  decide(question: DecideQuestion): DecideAnswer {
    const invalid = (reason: string): DecideAnswer => DecideService.invalid(question.id, reason);
    const tablet = this.workspace.topology.tablets[0];
    if (tablet === undefined) return invalid('The workspace has no tablet that could decide.');
    const who = this.#identify(question.caller);
    if ('reason' in who) return { ...invalid(who.reason), verdict: 'refused', stoppedAt: 'login' };
    const fidelity = fidelityOf(this.workspace, null);
    const { outcome, decision, rules } = this.#predictor.predictStatement(
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
      reason: decision?.reason ?? ruleReason(rules) ?? outcome.message ?? 'The statement never reaches the table ACL.',
    };
  }

  #identify(caller: DecideQuestion['caller']): Identified {
    const named = [caller.user, caller.certificate, caller.claimed, caller.immediate].filter(
      (name) => name !== undefined,
    );
    if (named.length !== 1)
      return { reason: 'A caller is exactly one of "user", "certificate", "claimed" and "immediate".' };
    if (caller.groups !== undefined && caller.immediate === undefined && caller.claimed === undefined)
      return { reason: 'Groups go with "claimed" and "immediate" only: users and certificates bring their own.' };
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
    const name = caller.certificate ?? '';
    let known = this.#certified.get(name);
    if (known === undefined) {
      known = this.#identifyCertificate(name);
      this.#certified.set(name, known);
    }
    return known;
  }

  #identifyCertificate(name: string): Identified {
    const chain = this.#chainOf(name);
    if (chain === null)
      return { reason: `The workspace has no certificate "${name}", neither as a file nor by its common name.` };
    let refusal: string | null = null;
    for (const gateway of this.workspace.topology.gateways)
      for (const way of ['mysql', 'grpc'] as const) {
        const verdict = this.#judge(gateway, way, chain);
        if (verdict === null) continue;
        if (verdict.ok)
          return {
            immediate: { username: verdict.peer.commonName, groups: verdict.peer.dnsNames },
            overMysql: way === 'mysql',
          };
        refusal ??= verdict.message;
      }
    return { reason: refusal ?? 'No gateway of the workspace asks for client certificates.' };
  }

  /** A certificate's chain, by its file or by the common name of the first certificate below pki/ that has it. */
  #chainOf(name: string): readonly ParsedCertificate[] | null {
    const { files, certificates } = this.workspace;
    const bytes = files.get(name) ?? certificates.get(name);
    if (bytes !== undefined) return parsePem(bytes.toString('utf8'), name).certificates;
    for (const [path, content] of [...files, ...certificates].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!path.endsWith('-cert.pem')) continue;
      const chain = parsePem(content.toString('utf8'), path).certificates;
      if (chain[0]?.isCa === false && chain[0].subject.commonName === name) return chain;
    }
    return null;
  }

  #judge(gateway: Gateway, way: 'mysql' | 'grpc', chain: readonly ParsedCertificate[]) {
    const tls = gateway[way]?.tls;
    if (tls?.clientCa == null || (way === 'mysql' && gateway.mysql?.auth !== 'clientcert')) return null;
    const anchors = this.workspace.files.get(tls.clientCa);
    const crl = tls.crl === null ? undefined : this.workspace.files.get(tls.crl);
    return this.#verifier.verifyPeer({
      chain: chain.map((certificate) => certificate.der),
      anchors: anchors === undefined ? [] : parsePem(anchors.toString('utf8'), tls.clientCa).certificates,
      crls: crl === undefined ? [] : parsePem(crl.toString('utf8'), tls.crl ?? '').crls,
      purpose: 'client',
      now: this.now,
      fidelity: fidelityOf(this.workspace, gateway),
    });
  }
}

/** Which query rule ended the statement, and where it stands. */
function ruleReason(rules: StatementPrediction['rules']): string | null {
  if (rules === undefined || rules.action === 'BUFFER') return null;
  const { rule } = rules;
  const label = `Query rule ${rule.name === '' ? rule.index + 1 : `"${rule.name}"`} (line ${rule.line})`;
  return rules.action === 'cannot-decide'
    ? `Whether ${label} matches cannot be decided: ${rules.reason}.`
    : `${label} refuses the statement before the table ACL is asked.`;
}

type Identified = { readonly immediate: ImmediateCaller; readonly overMysql: boolean } | { readonly reason: string };
