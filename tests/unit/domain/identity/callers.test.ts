import { describe, expect, it } from 'vitest';
import {
  defaultGrpcIdentityFlags,
  deriveGrpcCaller,
  deriveMysqlCaller,
  sqlUser,
  type CertifiedName,
  type EffectiveCaller,
} from '../../../../src-main/domain/identity';

const cert: CertifiedName = { commonName: 'cn', dnsNames: ['san1', 'san2'] };
const nameless: CertifiedName = { commonName: '', dnsNames: ['san'] };
const claim: EffectiveCaller = { principal: 'eve', component: 'c', subcomponent: 's', groups: ['g1', 'g2'] };
const groupsOnly: EffectiveCaller = { ...claim, principal: '' };
const nameOnly: EffectiveCaller = { ...claim, groups: [] };
const nobody = 'unsecure_grpc_client';

/** Flags: e = use-effective-callerid, g = use-effective-groups, s = use-static-authentication-callerid. */
const table: readonly (readonly [
  string,
  CertifiedName | null,
  EffectiveCaller | null,
  string | null,
  string,
  string,
  string[],
])[] = [
  ['nothing at all', null, null, null, '', nobody, []],
  ['nothing but flags', null, null, null, 'egs', nobody, []],
  ['a claim without flags', null, claim, null, '', nobody, []],
  ['a claim', null, claim, null, 'e', 'eve', []],
  ['a claim with groups', null, claim, null, 'eg', 'eve', ['g1', 'g2']],
  ['groups flag alone does nothing', null, claim, null, 'g', nobody, []],
  ['a claim without principal keeps its groups', null, groupsOnly, null, 'eg', nobody, ['g1', 'g2']],
  ['a static user without its flag', null, null, 'svc', '', nobody, []],
  ['a static user', null, null, 'svc', 's', 'svc', []],
  ['a claim beats the static user', null, claim, 'svc', 'es', 'eve', []],
  ['the static user after an empty claim loses claimed groups', null, groupsOnly, 'svc', 'egs', 'svc', []],
  ['an empty static user', null, null, '', 's', nobody, []],
  ['an empty static user clears claimed groups', null, groupsOnly, '', 'egs', nobody, []],
  ['a certificate', cert, null, null, '', 'cn', ['san1', 'san2']],
  ['a certificate beats everything', cert, claim, 'svc', 'egs', 'cn', ['san1', 'san2']],
  ['a certificate without name', nameless, null, null, '', nobody, ['san']],
  ['a claimed name with the certificate’s groups', nameless, claim, null, 'e', 'eve', ['san']],
  ['a claimed name with claimed groups', nameless, claim, null, 'eg', 'eve', ['g1', 'g2']],
  ['empty claimed groups leave the certificate’s', nameless, nameOnly, null, 'eg', 'eve', ['san']],
  ['the static user clears the certificate’s groups', nameless, null, 'svc', 's', 'svc', []],
];

describe('deriveGrpcCaller', () => {
  it.each(table)('%s', (_, peer, claimed, staticUser, flags, username, groups) => {
    const derived = deriveGrpcCaller({
      peer,
      claimed,
      staticUser,
      flags: {
        useEffectiveCallerId: flags.includes('e'),
        useEffectiveGroups: flags.includes('g'),
        useStaticAuthenticationCallerId: flags.includes('s'),
      },
    });
    expect(derived.immediate).toEqual({ username, groups });
    expect(derived.effective).toBe(claimed);
    const taken = derived.steps.filter((step) => step.taken);
    expect(taken).toHaveLength(1);
    expect(taken[0]).toBe(derived.steps.at(-1));
    expect(taken[0]?.question).toBe(derived.nameFrom);
    expect(derived.groupsFrom === 'none').toBe(groups.length === 0);
  });
  it('uses nothing that a request claims by default', () => {
    expect(
      deriveGrpcCaller({ peer: null, claimed: claim, staticUser: 'svc', flags: defaultGrpcIdentityFlags }).immediate,
    ).toEqual({ username: nobody, groups: [] });
  });
  it('says where name and groups come from when they part', () => {
    const flags = { ...defaultGrpcIdentityFlags, useEffectiveCallerId: true };
    expect(deriveGrpcCaller({ peer: nameless, claimed: claim, staticUser: null, flags })).toMatchObject({
      nameFrom: 'effective-caller-id',
      groupsFrom: 'certificate',
    });
  });
});

describe('deriveMysqlCaller', () => {
  const remoteAddress = '127.0.0.1:5';
  const effective = {
    principal: 'login',
    component: remoteAddress,
    subcomponent: 'VTGate MySQL Connector',
    groups: [],
  };
  it.each([
    [{ username: 'data', groups: ['g'] }, 'users-file', 'users-file'],
    [{ username: '', groups: [] }, 'users-file', 'none'],
  ] as const)('static: %j is the entry’s, not the login', (entry, nameFrom, groupsFrom) => {
    expect(deriveMysqlCaller({ way: 'static', login: 'login', remoteAddress, entry })).toMatchObject({
      kind: 'caller',
      caller: { immediate: entry, effective, nameFrom, groupsFrom },
    });
  });
  it('none: everybody is userData1', () => {
    expect(deriveMysqlCaller({ way: 'none', login: 'login', remoteAddress: '@' })).toMatchObject({
      caller: { immediate: { username: 'userData1', groups: [] }, effective: { principal: 'login', component: '@' } },
    });
  });
  it('clientcert: the certificate’s name and DNS names', () => {
    expect(deriveMysqlCaller({ way: 'clientcert', login: 'cn', remoteAddress, peer: cert })).toMatchObject({
      caller: { immediate: { username: 'cn', groups: ['san1', 'san2'] }, nameFrom: 'certificate' },
    });
    expect(deriveMysqlCaller({ way: 'clientcert', login: '', remoteAddress, peer: nameless })).toMatchObject({
      caller: { immediate: { username: '', groups: ['san'] } },
    });
  });
  it.each([
    ['login', null, 'unknown error: no client certs for connection'],
    ['CN', cert, "unknown error: MySQL connection username 'CN' does not match client cert common name 'cn'"],
    ['', cert, "unknown error: MySQL connection username '' does not match client cert common name 'cn'"],
    ['x', nameless, "unknown error: MySQL connection username 'x' does not match client cert common name ''"],
  ])('clientcert: login %j is refused', (login, peer, message) => {
    expect(deriveMysqlCaller({ way: 'clientcert', login, remoteAddress, peer })).toMatchObject({
      kind: 'refused',
      refusal: { errno: 1105, sqlState: 'HY000', message },
    });
  });
});

describe('sqlUser', () => {
  it.each([
    ['data', 'data@localhost'],
    ['', '@localhost'],
    ['a@b', 'a@b'],
  ])('of %j is %j', (username, expected) => {
    expect(sqlUser({ username, groups: [] })).toBe(expected);
  });
});
