import { between, objectIn, textIn, textsOf, type TraceFacts } from './input';
import { chainText, seenChain, versionText } from './names';
import { code, name, rich, strong, type Rich } from './rich';
import { brokenLink } from './broken-link';
import type { Hop, Protection, Step } from './trace';

export interface LinkHop {
  readonly hop: Hop;
  readonly protection: Protection;
}

const none = { said: null, bothSides: null, why: [], remediesTitle: null, remedies: [] } as const;

/** Hop C: how the gateway reached the tablet, and whom it said is asking. */
export function linkHop(facts: TraceFacts): LinkHop {
  const used = facts.part('link', 'link.used');
  const received = facts.part('tablet', 'request.received');
  const base = { id: 'C' as const, title: 'Gateway to tablet' };
  const sent = facts.part('gateway', 'statement.forwarded');
  if (used === undefined && received === undefined) {
    const mark = sent === undefined ? 'not-reached' : 'not-recorded';
    return { protection: 'unknown', hop: { ...base, ...none, summary: rich``, mark, milliseconds: null, steps: [] } };
  }
  const failure = textIn(used, 'failure');
  if (failure !== '' && received === undefined) {
    const broken = brokenLink(facts, failure);
    return {
      protection: 'unknown',
      hop: {
        ...base,
        ...none,
        ...broken,
        summary: rich`no connection`,
        mark: 'failed',
        milliseconds: between(sent?.atMicros, used?.atMicros),
        said: facts.attempt.error?.message ?? null,
        remediesTitle: 'Ways to fix',
      },
    };
  }
  const { gateway, tablet, world } = facts;
  const presented = tablet?.grpc.tls?.cert ?? null;
  const own = gateway?.tabletLink?.cert ?? null;
  const steps: Step[] = [];
  const tls = used?.data['tls'] === true;
  const peerName = textIn(received, 'peer');
  const mutual = tls && peerName !== '';
  if (used !== undefined) {
    const peer = objectIn(used, 'peer');
    const commonName = typeof peer?.['commonName'] === 'string' ? peer['commonName'] : '';
    const seen = commonName === '' ? (textsOf(peer?.['dnsNames'])[0] ?? '') : commonName;
    const details: Rich[] = [];
    if (tls && seen !== '') {
      const against = gateway?.tabletLink?.ca ?? null;
      const demanded = gateway?.tabletLink?.serverName ?? tablet?.grpc.listen.host ?? '';
      details.push(
        rich`Gateway checked ${chainText(seenChain(seen, presented, world))}${against === null ? '' : rich` against ${code(against)}`}; it expects the name ${code(demanded)}`,
      );
    } else if (tls) details.push(rich`The gateway did not check the tablet's certificate`);
    if (mutual) {
      const against = tablet?.grpc.tls?.clientCa ?? null;
      details.push(
        rich`Tablet checked ${chainText(seenChain(peerName, own, world))}${against === null ? '' : rich` against ${code(against)}`}`,
      );
    } else if (tls && received !== undefined) details.push(rich`The tablet asked the gateway for no certificate`);
    steps.push({
      mark: tls ? (mutual ? 'passed' : 'warning') : 'warning',
      text: tls
        ? rich`${versionText(textIn(used, 'version'))}, ${textIn(used, 'cipher')}, ALPN h2`
        : rich`No TLS between gateway and tablet. Neither side was checked`,
      details,
      side: 'gateway',
      milliseconds: null,
    });
  }
  if (received !== undefined) {
    const immediate = objectIn(received, 'immediate');
    const username = typeof immediate?.['username'] === 'string' ? immediate['username'] : '';
    const groups = textsOf(immediate?.['groups']);
    const target = objectIn(received, 'target');
    steps.push({
      mark: 'passed',
      text:
        immediate === null
          ? rich`No caller was handed over`
          : rich`Caller handed over as ${strong(username)}${groups.length === 0 ? '' : rich` with ${groups.length === 1 ? 'group' : 'groups'} ${groups.flatMap((group, index) => [...(index === 0 ? [] : rich`, `), name(group)])}`}`,
      details:
        target === null
          ? []
          : [
              rich`${code(textIn(received, 'path'))} to ${String(target['keyspace'])}/${String(target['shard'])}, ${textIn(received, 'tablet')}`,
            ],
      side: 'tablet',
      milliseconds: between(sent?.atMicros, received.atMicros),
    });
  }
  return {
    protection: mutual ? 'mutual-tls' : tls ? 'tls' : used === undefined ? 'unknown' : 'plain',
    hop: {
      ...base,
      ...none,
      summary: mutual
        ? rich`mutual TLS, each side checked the other`
        : tls
          ? rich`TLS, only the tablet was checked`
          : used === undefined
            ? rich``
            : rich`not encrypted`,
      mark: steps.some(({ mark }) => mark === 'warning') ? 'warning' : 'passed',
      milliseconds: between(sent?.atMicros, received?.atMicros),
      steps,
    },
  };
}
