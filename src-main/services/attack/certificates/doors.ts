import type { AttackResult, Evidence } from '../../../domain/attacks';
import { parsePem } from '../../../domain/certs';
import type { CallerTls } from '../../../clients';
import type { Workspace } from '../../workspace/load-workspace';
import { attackRun } from '../cells';
import { resultOf } from '../evidence';
import type { AttackGround } from '../ground';
import { prizeOf } from '../prize';
import { callTablet } from '../rogue-component/direct-call';
import { connectionOf, type Caller } from '../tls/callers';
import type { GatewayPlace, Place, TabletPlace } from '../tls/places';
import { refusalAt } from '../tls/records';
import type { FaultyPair, Named } from './faults';

/** What came of showing a certificate at a door. */
export interface Shown {
  readonly result: Omit<AttackResult, 'settings'>;
  /** The certificate was taken: what stopped the caller, if anything, lies behind the check. */
  readonly taken: boolean;
  /** Whether an earlier TLS session was resumed; null: there was no handshake that both ends finished. */
  readonly resumed: boolean | null;
}

/** A port that asks who dials it for a certificate. */
export interface Door {
  readonly place: Place;
  /** CA bundle that certificates must lead to. */
  readonly bundle: string;
  readonly crl: string | null;
  /** Who an honest certificate names. */
  readonly named: Named;
  /** Whose certificate it looks like, for people. */
  readonly as: string;
  /** Why names make no difference here; null: they do. */
  readonly comparesNoNames: string | null;
  /** Shows a certificate and asks for a table. */
  show(
    ground: AttackGround,
    pair: FaultyPair,
    more: Pick<CallerTls, 'session' | 'onSession'>,
    signal: AbortSignal,
  ): Promise<Shown>;
}

const leafOf = (workspace: Workspace, file: string | null) => {
  const bytes = file === null ? undefined : (workspace.certificates.get(file) ?? workspace.files.get(file));
  return bytes === undefined ? undefined : parsePem(bytes.toString('utf8'), file ?? '').certificates[0];
};

/** Certificate and key under a name that the ground's tests can show, in memory alone. */
const withPair = (ground: AttackGround, file: string, pair: FaultyPair): AttackGround => ({
  ...ground,
  workspace: {
    ...ground.workspace,
    certificates: new Map([
      ...ground.workspace.certificates,
      [file, Buffer.from(pair.cert)],
      [file.replace(/-cert\.pem$/, '-key.pem'), Buffer.from(pair.key)],
    ]),
  },
});

/** A gateway's listener that demands client certificates; `by` is who is imitated. */
export function gatewayDoor(workspace: Workspace, place: GatewayPlace, by: Caller): Door | null {
  const leaf = leafOf(workspace, by.caller.certificate);
  const bundle = place.tls?.clientCa ?? null;
  if (bundle === null || leaf === undefined) return null;
  return {
    ...{ place, bundle, crl: place.tls?.crl ?? null, as: by.caller.name, comparesNoNames: null },
    named: {
      purpose: 'clientAuth',
      commonName: leaf.subject.commonName,
      dnsNames: leaf.dnsNames,
      ipAddresses: leaf.ipAddresses,
    },
    show: async (ground, pair, more, signal) => {
      const file = 'shown-by-an-attacker-cert.pem';
      const connection = {
        ...connectionOf(ground, by, `${place.kind}-mutual-tls`),
        ...{ certificate: file, tls: more },
      };
      const started = withPair(ground, file, pair);
      // The runner reads what the ground's workspace holds.
      const run = await attackRun(started, `certificates/${place.id}`, connection, signal);
      const { settings: _none, ...seen } = resultOf(run, { settings: [] });
      const { attempt } = run;
      const taken = attempt.stage === 'statement' || attempt.stage === 'done';
      const handshake = attempt.steps.find(({ name, outcome }) => name === 'tls.handshake' && outcome === 'ok');
      const session = handshake?.data['session'];
      // With TLS 1.3 a client hears of its refusal only when it reads: the gateway's own record tells.
      const refusal = taken || attempt.error !== null ? null : await refusalAt(ground, place, attempt.localAddress);
      return {
        result: { ...seen, evidence: withRecord(seen.evidence, refusal?.evidence ?? []) },
        taken,
        resumed: typeof session === 'boolean' ? session : null,
      };
    },
  };
}

/** The record that names the alert of real Vitess stands for the one without. */
const withRecord = (evidence: readonly Evidence[], record: readonly Evidence[]): readonly Evidence[] =>
  record.length === 0 ? evidence : [...evidence.filter(({ kind }) => kind !== 'record'), ...record];

/** A tablet's port that demands the certificates of gateways; null: it demands none. */
export function tabletDoor(workspace: Workspace, place: TabletPlace): Door | null {
  const bundle = place.tls?.clientCa ?? null;
  const link = workspace.topology.gateways.find(({ tabletLink }) => tabletLink?.cert != null)?.tabletLink ?? null;
  const leaf = leafOf(workspace, link?.cert ?? null);
  const prize = prizeOf(workspace, place.tablet, null);
  if (bundle === null || leaf === undefined || prize === null) return null;
  const immediate = { username: prize.principal ?? 'anybody', groups: [] };
  return {
    ...{ place, bundle, crl: place.tls?.crl ?? null, as: 'a gateway' },
    comparesNoNames:
      place.tablet.grpc.authMode === 'mtls'
        ? null
        : `The tablet compares no names (grpc.authMode is "${place.tablet.grpc.authMode}"): its authority alone decides who calls it.`,
    named: {
      purpose: 'clientAuth',
      commonName: leaf.subject.commonName,
      dnsNames: leaf.dnsNames,
      ipAddresses: leaf.ipAddresses,
    },
    show: async (ground, pair, more, signal) => {
      const begun = performance.now();
      const tls: CallerTls = { verify: null, cert: pair.cert, key: pair.key, ...more };
      const { attempt, seen } = await callTablet(ground, place.tablet, { tls, immediate, sql: prize.sql }, signal);
      const session = attempt.steps.find(({ name, outcome }) => name === 'tls.handshake' && outcome === 'ok')?.data[
        'session'
      ];
      return {
        result: {
          ...seen,
          sentence:
            seen.outcome === 'got-through'
              ? `Tablet ${place.tablet.alias} answered whoever showed it.`
              : seen.outcome === 'stopped'
                ? `Tablet ${place.tablet.alias} did not take the certificate.`
                : 'The connection ended, and nobody said why.',
          why: seen.evidence.filter(({ kind }) => kind === 'record' || kind === 'error').map(({ text }) => text),
          ...{ trace: null, milliseconds: performance.now() - begun },
        },
        taken: attempt.stage === 'done' || attempt.error !== null,
        resumed: typeof session === 'boolean' ? session : null,
      };
    },
  };
}
