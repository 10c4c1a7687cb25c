import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gateway } from '../../../../src-main/domain/topology';
import { callerKey, claimsAnyName, immediateCallers } from '../../../../src-main/services/callers/immediate-callers';
import type { Workspace } from '../../../../src-main/services/workspace/load-workspace';
import { makeWorkspace, type MadeWorkspace } from '../../../support/workspace';

let made: MadeWorkspace;
let shop: Workspace;
let reference: Workspace;
let madeReference: MadeWorkspace;
beforeAll(async () => {
  made = await makeWorkspace('shop');
  shop = await made.load();
  madeReference = await makeWorkspace('reference');
  reference = await madeReference.load();
});
afterAll(async () => {
  await made.remove();
  await madeReference.remove();
});

const brief = (workspace: Workspace, now?: Date) =>
  immediateCallers(workspace, now).map(({ caller, origins, occurs }) => [
    [caller.username, ...caller.groups].join('+'),
    origins.map(({ kind, gateway }) => `${kind}@${gateway}`).join(' '),
    occurs,
  ]);

const withGateways = (workspace: Workspace, change: (gateway: Gateway) => Gateway): Workspace => ({
  ...workspace,
  topology: { ...workspace.topology, gateways: workspace.topology.gateways.map(change) },
});

describe('immediateCallers', () => {
  it('finds the callers of the shop, each name once with every way to it', () => {
    expect(brief(shop)).toEqual([
      ['shop_web', 'user@main', true],
      ['ines+support', 'user@main', true],
      ['maria+analysts', 'user@main user@main', true],
      ['', 'user@main', true],
      [
        'auditor',
        // the good one, the expired one, the revoked one and somebody else's, at both listeners
        'certificate@certs certificate@certs certificate@certs certificate@certs certificate@certs certificate@certs certificate@certs certificate@certs',
        true,
      ],
      ['billing', 'certificate@certs certificate@certs', true],
      ['olga+operations', 'certificate@certs certificate@certs', true],
      ['stranger', 'certificate@certs certificate@certs', true],
      ['unsecure_grpc_client', 'unnamed@main', true],
      ['catalogue-sync', 'claimed@main', true],
    ]);
  });

  it('marks what its gateway refuses, with the reason', () => {
    const later = new Date(Date.now() + 50 * 365 * 86_400_000);
    const stranger = immediateCallers(shop, later).find(({ caller }) => caller.username === 'stranger');
    expect(stranger?.occurs).toBe(false);
    expect(stranger?.origins[0]).toMatchObject({ kind: 'certificate', file: 'pki/callers/stranger-cert.pem' });
    expect((stranger?.origins[0] as { refusal: string }).refusal).toMatch(/expired/);
    const auditor = immediateCallers(shop).find(({ caller }) => caller.username === 'auditor');
    const refused = auditor?.origins.filter((origin) => origin.kind === 'certificate' && origin.refusal !== null);
    expect(new Set(refused?.map((origin) => (origin as { file: string }).file))).toEqual(
      new Set(['pki/callers/expired-cert.pem', 'pki/callers/revoked-cert.pem', 'pki/elsewhere/auditor-cert.pem']),
    );
  });

  it('never takes a component for a caller, unless a gateway would', () => {
    const names = immediateCallers(shop).map(({ caller }) => caller.username);
    expect(names).not.toContain('shop gateways');
    expect(names).not.toContain('tablet-100.shop.internal');
    const open = withGateways(shop, (gateway) =>
      gateway.name === 'certs' && gateway.mysql?.tls != null
        ? {
            ...gateway,
            mysql: {
              ...gateway.mysql,
              tls: { ...gateway.mysql.tls, clientCa: 'pki/tablet-clients/ca-cert.pem', crl: null },
            },
          }
        : gateway,
    );
    expect(immediateCallers(open).map(({ caller }) => caller.username)).toContain('shop gateways');
  });

  it('follows the flags of a gRPC gateway', () => {
    expect(brief(reference).map(([name]) => name)).toContain('vtgate client 1+localhost+vtgate client 1');
    const change = (flags: Partial<NonNullable<Gateway['grpc']>>): Workspace =>
      withGateways(shop, (gateway) =>
        gateway.name === 'main' && gateway.grpc !== null
          ? { ...gateway, grpc: { ...gateway.grpc, ...flags } }
          : gateway,
      );
    const byStaticUser = change({ useEffectiveCallerId: false, useStaticAuthenticationCallerId: true });
    const names = brief(byStaticUser).map(([name, ways]) => `${String(name)} ${String(ways)}`);
    expect(names).toContain('batch grpc-user@main');
    expect(names.join()).not.toContain('claimed');
    expect(names.join()).not.toContain('unnamed@main');
    // With claims before static users both can happen.
    const both = brief(change({ useStaticAuthenticationCallerId: true })).map(([name]) => name);
    expect(both).toContain('batch');
    expect(both).toContain('catalogue-sync');
  });

  it('knows where any name may be claimed', () => {
    expect(claimsAnyName(shop)).toBe(true);
    const closed = withGateways(shop, (gateway) =>
      gateway.name === 'main' && gateway.grpc !== null
        ? { ...gateway, grpc: { ...gateway.grpc, useEffectiveCallerId: false } }
        : gateway,
    );
    // The gateway with certificates takes claims too, but a certificate's name stands above them.
    expect(claimsAnyName(closed)).toBe(false);
  });

  it('names the callers of listeners without authentication', () => {
    const none = withGateways(shop, (gateway) =>
      gateway.mysql === null ? gateway : { ...gateway, mysql: { ...gateway.mysql, auth: 'none' } },
    );
    const [caller] = immediateCallers(none).filter(({ origins }) =>
      origins.some(({ kind }) => kind === 'no-authentication'),
    );
    expect(caller?.caller).toEqual({ username: 'userData1', groups: [] });
  });
});

it('callerKey does not depend on the order of groups', () => {
  expect(callerKey({ username: 'a', groups: ['x', 'y'] })).toBe(callerKey({ username: 'a', groups: ['y', 'x', 'x'] }));
  expect(callerKey({ username: 'a', groups: [] })).not.toBe(callerKey({ username: '', groups: ['a'] }));
});
