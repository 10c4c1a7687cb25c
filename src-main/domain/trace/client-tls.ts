import { alertNote, clientFault, clientSaw, serverReason } from './handshake';
import { between, textIn, type NotedStep, type TraceFacts } from './input';
import { chainText, checkedPeer, checkedServer, faultOfMade, madeForTest, versionText } from './names';
import type { Remedy } from './remedy';
import { code, rich, type Rich } from './rich';
import type { BothSides, Protection, Step } from './trace';

/** The TLS part of hop A. */
export interface ClientTlsPart {
  readonly step: Step;
  readonly protection: Protection;
  readonly bothSides: BothSides | null;
  readonly remedies: readonly Remedy[];
  /** Who refused the handshake; null: it did not fail. */
  readonly refusedBy: 'client' | 'server' | null;
}

const withoutTls = (text: Step['text'], mark: Step['mark'], protection: Protection): ClientTlsPart => ({
  step: { mark, text, details: [], side: 'client', milliseconds: null },
  protection,
  bothSides: null,
  remedies: [],
  refusedBy: null,
});

/** How the connection between client and gateway is protected, or why that failed; null before it came to that. */
export function clientTls(facts: TraceFacts): ClientTlsPart | null {
  const { cell, attempt, overMysql } = facts;
  if (facts.client('connected') === undefined) return null;
  const refusal = attempt.stage === 'done' || attempt.stage === 'statement' ? undefined : gatewayRefusal(facts);
  if (cell.transport === 'mysql-unix')
    return withoutTls(rich`No TLS over the Unix socket: it does not leave this computer`, 'skipped', 'socket');
  if ((cell.transport === 'mysql-plain' || cell.transport === 'grpc-plain') && refusal === undefined)
    return withoutTls(rich`No TLS. Neither side was checked`, 'warning', 'plain');
  const failed = attempt.steps.find(({ name, outcome }) => name === 'tls.handshake' && outcome === 'failed');
  if (refusal !== undefined || failed !== undefined) return refused(facts, refusal, failed);
  const handshake = facts.client('tls.handshake');
  if (handshake === undefined) return null;
  const listener = overMysql ? facts.gateway?.mysql : facts.gateway?.grpc;
  const seen = facts.part('gateway', 'tls.handshake');
  const verified = handshake.data['serverVerified'] === true;
  const mutual = seen?.data['peer'] != null;
  const tls = listener?.tls ?? null;
  return {
    step: {
      mark: verified ? 'passed' : 'warning',
      text: rich`${versionText(textIn(handshake, 'version'))}, ${textIn(handshake, 'cipher')}${overMysql ? '' : ', ALPN h2'}${handshake.data['session'] === true ? ', resumed' : ''}`,
      details: [
        checkedServer(handshake, tls?.cert ?? null, cell.trust, facts.world),
        ...(seen === undefined || tls === null
          ? []
          : [checkedPeer('Gateway', seen, cell.certificate, tls, facts.world)]),
        ...madeForTest(cell.certificate),
        ...offered(cell.tlsOnly),
      ],
      side: 'client',
      milliseconds: between(
        (facts.client('mysql.greeting') ?? facts.client('connected'))?.atMicros,
        handshake.atMicros,
      ),
    },
    protection: mutual ? 'mutual-tls' : 'tls',
    bothSides: null,
    remedies: [],
    refusedBy: null,
  };
}

const gatewayRefusal = (facts: TraceFacts): NotedStep | undefined =>
  facts.recorded?.find(
    ({ part, name, outcome }) => part === 'gateway' && name === 'tls.handshake' && outcome === 'refused',
  );

function refused(facts: TraceFacts, refusal: NotedStep | undefined, failed: NotedStep | undefined): ClientTlsPart {
  const { cell, attempt, world, gateway, overMysql } = facts;
  const listener = overMysql ? gateway?.mysql : gateway?.grpc;
  const tls = listener?.tls ?? null;
  const message = attempt.failure ?? textIn(failed, 'message');
  const gatewayChain = tls === null ? [] : world.chainNames(tls.cert);
  const own = cell.certificate === null ? [] : world.chainNames(cell.certificate);
  const demanded = { demandedName: cell.serverName, server: 'gateway', revocations: tls?.crl ?? null };
  const clientSide = clientFault(message, {
    ...demanded,
    shown: gatewayChain[0] ?? null,
    issuer: gatewayChain[1] ?? null,
    authorities: cell.trust,
    serverNames: tls === null ? [] : world.namesOf(tls.cert),
  });
  const cause = clientSide?.cause ?? textIn(refusal, 'cause');
  const reason =
    clientSide?.reason ??
    (refusal === undefined
      ? rich`What the gateway saw was not recorded.`
      : serverReason(cause, {
          ...demanded,
          shown: own[0] ?? null,
          issuer: own[1] ?? null,
          authorities: tls?.clientCa ?? null,
          serverNames: [],
        }));
  const first = facts.client('tls.handshake');
  const clientFinished = first?.outcome === 'ok';
  const alert = alertNote(refusal);
  return {
    step: {
      mark: 'failed',
      text: rich`TLS handshake${clientFinished ? rich`: ${versionText(textIn(first, 'version'))}, ${textIn(first, 'cipher')}` : ''}`,
      details: [
        ...chains(facts, gatewayChain, own, refusal),
        ...madeForTest(cell.certificate),
        ...offered(cell.tlsOnly),
      ],
      side: 'client',
      milliseconds: between(
        (facts.client('mysql.greeting') ?? facts.client('connected'))?.atMicros,
        (failed ?? refusal)?.atMicros,
      ),
    },
    protection: 'unknown',
    bothSides: {
      ends: ['client', 'gateway'],
      near: clientSaw(message, { server: 'gateway' }),
      far: refusal === undefined ? rich`Not recorded` : rich`${textIn(refusal, 'message')}`,
      reason,
      notes: [
        ...(clientFinished && clientSide === null
          ? [rich`The client finished first and read the refusal afterwards.`]
          : []),
        ...(alert === null ? [] : [alert]),
      ],
    },
    remedies: handshakeRemedies(facts, cause, tls === null ? [] : world.namesOf(tls.cert)),
    refusedBy: clientSide === null ? 'server' : 'client',
  };
}

const offered = (only: 'TLSv1.2' | 'TLSv1.3' | undefined): Rich[] =>
  only === undefined ? [] : [rich`The client offered ${versionText(only)} only`];

/** Both chains of a handshake that failed, and what each would have been held against. */
function chains(
  facts: TraceFacts,
  gatewayChain: readonly string[],
  own: readonly string[],
  refusal: NotedStep | undefined,
): Rich[] {
  const { cell, gateway, overMysql } = facts;
  const tls = (overMysql ? gateway?.mysql : gateway?.grpc)?.tls ?? null;
  if (tls === null) return [];
  const verifies = cell.transport !== 'mysql-tls';
  const against = cell.trust === null ? rich`the system's authorities` : rich`${code(cell.trust)}`;
  const shown: Rich =
    gatewayChain.length === 0
      ? rich`The gateway's certificate is not in the workspace`
      : verifies
        ? rich`Gateway shows ${chainText(gatewayChain)}; the client holds it against ${against} and the name ${code(cell.serverName)}`
        : rich`Gateway shows ${chainText(gatewayChain)}; the client does not check it`;
  if (tls.clientCa === null) return [shown, rich`Gateway asks for no certificate`];
  const list = tls.crl === null ? rich`` : rich` and the revocation list ${code(tls.crl)}`;
  return [
    shown,
    cell.certificate === null
      ? rich`Client shows none; the gateway demands one signed by ${code(tls.clientCa)}`
      : rich`Client shows ${chainText(own.length === 0 ? [''] : own)}; the gateway ${refusal === undefined ? 'would hold' : 'held'} it against ${code(tls.clientCa)}${list}`,
  ];
}

function handshakeRemedies(facts: TraceFacts, cause: string, serverNames: readonly string[]): Remedy[] {
  const { cell, overMysql, gateway, world } = facts;
  const certificate = cell.certificate;
  const shown = certificate === null ? '' : (world.chainNames(certificate)[0] ?? certificate);
  const gatewayCert = (overMysql ? gateway?.mysql : gateway?.grpc)?.tls?.cert ?? null;
  const choose: Remedy = {
    kind: 'retry',
    label: 'Choose another certificate',
    change: { transport: overMysql ? 'mysql-mutual-tls' : 'grpc-mutual-tls', chooseCertificate: true },
    note: null,
  };
  const open = (file: string, label: string): Remedy => ({
    kind: 'open',
    label,
    screen: 'certificates',
    focus: file,
    note: null,
  });
  if (faultOfMade(certificate) !== null && !cause.startsWith('client-'))
    return [{ kind: 'retry', label: 'Show the certificate as it is', change: { fault: null }, note: null }];
  switch (cause) {
    case 'certificate-required':
      return [{ ...choose, label: 'Choose a certificate' }];
    case 'expired':
      return certificate === null
        ? []
        : [open(certificate, `Renew certificate ${shown}…`), open(certificate, 'Open certificate')];
    case 'client-expired':
      return gatewayCert === null
        ? []
        : [
            open(gatewayCert, `Renew certificate ${world.chainNames(gatewayCert)[0] ?? gatewayCert}…`),
            open(gatewayCert, 'Open certificate'),
          ];
    case 'client-wrong-name': {
      const [first] = serverNames;
      return first === undefined
        ? []
        : [
            {
              kind: 'retry',
              label: `Ask for ${first}`,
              change: { serverName: first },
              note: 'A client uses the name it dials.',
            },
            ...(gatewayCert === null ? [] : [open(gatewayCert, `Open the gateway's certificate`)]),
          ];
    }
    case 'client-unknown-authority':
    case 'client-not-yet-valid':
    case 'client-wrong-purpose':
      return gatewayCert === null ? [] : [open(gatewayCert, `Open the gateway's certificate`)];
    case 'not-tls':
      return [{ kind: 'retry', label: 'Use TLS in this test', change: { transport: 'grpc-tls' }, note: null }];
    case 'no-tls-offered':
      return [
        {
          kind: 'open',
          label: 'Give the gateway a certificate',
          screen: 'overview',
          focus: gateway?.name ?? '',
          note: null,
        },
      ];
    case 'closed':
    case 'timeout':
    case 'protocol-version':
    case 'no-shared-cipher':
      return [];
    default:
      return certificate === null ? [choose] : [open(certificate, 'Open certificate'), choose];
  }
}
