import type { EffectiveCaller, ImmediateCaller } from './caller-id';

/** The name of a caller about whom nothing is known (go/vt/vtgate/grpcvtgateservice/server.go). */
export const UNSECURE_GRPC_CLIENT = 'unsecure_grpc_client';

/** What a verified client certificate says; absent when there is none or nobody verified it. */
export interface CertifiedName {
  /** Last CN of the leaf's subject, '' if there is none. */
  readonly commonName: string;
  /** DNS SANs of the leaf in certificate order. */
  readonly dnsNames: readonly string[];
}

/** vtgate's three flags, all off unless set (vitess-behaviour §4.1). */
export interface GrpcIdentityFlags {
  /** `--grpc-use-effective-callerid` */
  readonly useEffectiveCallerId: boolean;
  /** `--grpc-use-effective-groups` */
  readonly useEffectiveGroups: boolean;
  /** `--grpc-use-static-authentication-callerid` */
  readonly useStaticAuthenticationCallerId: boolean;
}

/** vtgate's defaults. */
export const defaultGrpcIdentityFlags: GrpcIdentityFlags = {
  useEffectiveCallerId: false,
  useEffectiveGroups: false,
  useStaticAuthenticationCallerId: false,
};

/** Where a name or the groups of an immediate caller come from. */
export type IdentitySource =
  | 'certificate'
  | 'effective-caller-id'
  | 'static-authentication'
  | 'nobody'
  | 'users-file'
  | 'no-authentication'
  | 'none';

/** One question of the derivation, whether it gave the name, and why. `detail` is a sentence for people. */
export interface IdentityStep {
  readonly question: Exclude<IdentitySource, 'none'>;
  readonly taken: boolean;
  readonly detail: string;
}

/** The two caller ids of a request and how they came about. */
export interface DerivedCaller {
  readonly immediate: ImmediateCaller;
  /** Forwarded unchanged; null = the request carries none. */
  readonly effective: EffectiveCaller | null;
  readonly nameFrom: IdentitySource;
  readonly groupsFrom: IdentitySource;
  readonly steps: readonly IdentityStep[];
}

export interface GrpcCallerInput {
  /** The verified chain's leaf; null without TLS, without certificate, or when the server has no `--grpc-ca`. */
  readonly peer: CertifiedName | null;
  /** `caller_id` of the request. */
  readonly claimed: EffectiveCaller | null;
  /** The name that gRPC static authentication accepted; null when that mode is off. */
  readonly staticUser: string | null;
  readonly flags: GrpcIdentityFlags;
}

/**
 * Who asks over gRPC. A verified certificate with a CN beats a claimed id, which beats the static user; groups and name
 * may come from different places (vitess-behaviour §4.1; go/vt/vtgate/grpcvtgateservice/server.go).
 */
export function deriveGrpcCaller(input: GrpcCallerInput): DerivedCaller {
  const { peer, claimed, staticUser, flags } = input;
  const steps: IdentityStep[] = [];
  let name = '';
  let groups: readonly string[] = [];
  let nameFrom: IdentitySource = 'none';
  let groupsFrom: IdentitySource = 'none';
  const step = (question: IdentityStep['question'], taken: boolean, detail: string): void => {
    if (taken) nameFrom = question;
    steps.push({ question, taken, detail });
  };

  if (peer === null) step('certificate', false, 'no verified client certificate');
  else {
    name = peer.commonName;
    groups = peer.dnsNames;
    if (groups.length > 0) groupsFrom = 'certificate';
    if (name === '')
      step('certificate', false, 'the client certificate has no common name; its DNS names are the groups');
    else step('certificate', true, 'common name of the verified client certificate; its DNS names are the groups');
  }
  if (name === '') {
    if (!flags.useEffectiveCallerId)
      step('effective-caller-id', false, '--grpc-use-effective-callerid is off, a claimed caller id is not used');
    else if (claimed === null) step('effective-caller-id', false, 'the request claims no caller id');
    else {
      name = claimed.principal;
      const takesGroups = flags.useEffectiveGroups && claimed.groups.length > 0;
      if (takesGroups) {
        groups = claimed.groups;
        groupsFrom = 'effective-caller-id';
      }
      const about = takesGroups ? 'claimed groups are used' : 'claimed groups are not used';
      if (name === '') step('effective-caller-id', false, `the claimed caller id has no principal; ${about}`);
      else step('effective-caller-id', true, `principal claimed by the request, verified by nobody; ${about}`);
    }
  }
  if (name === '') {
    if (!flags.useStaticAuthenticationCallerId)
      step('static-authentication', false, '--grpc-use-static-authentication-callerid is off');
    else {
      name = staticUser ?? '';
      groups = [];
      groupsFrom = 'none';
      if (name === '') step('static-authentication', false, 'no user was authenticated from the gRPC users file');
      else step('static-authentication', true, 'user authenticated from the gRPC users file, without groups');
    }
  }
  if (name === '') {
    name = UNSECURE_GRPC_CLIENT;
    step('nobody', true, 'nothing names the caller');
  }
  return { immediate: { username: name, groups: [...groups] }, effective: claimed, nameFrom, groupsFrom, steps };
}
