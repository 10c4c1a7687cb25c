import { textIn, type TraceFacts } from './input';
import { chainText } from './names';
import type { Remedy } from './remedy';
import { code, name, rich, type Rich } from './rich';
import type { BothSides, Step } from './trace';

/** What hop C shows where the gateway could not reach the tablet. */
export interface BrokenLink {
  readonly steps: readonly Step[];
  readonly bothSides: BothSides;
  readonly remedies: readonly Remedy[];
}

/** Both files of the link, as far as they are there. */
interface Ends {
  /** What the tablet shows, and its chain. */
  readonly presented: string | null;
  readonly shown: readonly string[];
  /** What the gateway shows, and its chain. */
  readonly own: string | null;
  readonly ownChain: readonly string[];
  /** What the gateway holds the tablet's certificate against. */
  readonly trusted: string | null;
  readonly demanded: string;
  /** What the tablet holds the gateway's certificate against; null: it asks for none. */
  readonly clientCa: string | null;
}

function endsOf({ gateway, tablet, world }: TraceFacts): Ends {
  const presented = tablet?.grpc.tls?.cert ?? null;
  const link = gateway?.tabletLink ?? null;
  const own = link?.cert ?? null;
  return {
    presented,
    shown: presented === null ? [] : world.chainNames(presented),
    own,
    ownChain: own === null ? [] : world.chainNames(own),
    trusted: link?.ca ?? null,
    demanded: link?.serverName ?? tablet?.grpc.listen.host ?? '',
    clientCa: tablet?.grpc.tls?.clientCa ?? null,
  };
}

/** What a failure comes down to: the gateway's own words first, then what both files say where the tablet ended it mutely. */
function causeOf(
  failure: string,
  ends: Ends,
  facts: TraceFacts,
): 'name' | 'unknown-tablet' | 'unknown-gateway' | 'none-shown' | 'expired' | 'nobody' | 'mute' | 'other' {
  if (/does not speak for|is valid for|is not valid for|cannot validate certificate/.test(failure)) return 'name';
  if (/signed by unknown authority/.test(failure)) return 'unknown-tablet';
  if (/certificate required/.test(failure)) return 'none-shown';
  if (/expired|not yet valid/.test(failure)) return 'expired';
  if (/refused|ECONNREFUSED|no such file/.test(failure)) return 'nobody';
  if (!/server preface|EOF|reset/.test(failure) || ends.clientCa === null) return 'other';
  if (ends.own === null) return 'none-shown';
  const known = facts.world.chainNames(ends.clientCa)[0];
  return known !== undefined && ends.ownChain.length > 0 && !ends.ownChain.slice(1).includes(known)
    ? 'unknown-gateway'
    : 'mute';
}

function reasonOf(cause: ReturnType<typeof causeOf>, ends: Ends, facts: TraceFacts): Rich {
  const shown = rich`${name(ends.shown[0] ?? "the tablet's certificate")}`;
  const own = rich`${name(ends.ownChain[0] ?? "the gateway's certificate")}`;
  const clientCa = rich`${code(ends.clientCa ?? '')}`;
  switch (cause) {
    case 'name': {
      const names = ends.presented === null ? [] : facts.world.namesOf(ends.presented);
      return rich`The gateway expects the name ${code(ends.demanded)}. ${shown}${names.length === 0 ? ' does not name it' : rich` names ${code(names.join(', '))}`}.`;
    }
    case 'unknown-tablet':
      return rich`The gateway trusts only ${ends.trusted === null ? "the system's authorities" : code(ends.trusted)}, and ${shown} does not lead there.`;
    case 'unknown-gateway': {
      const [, issuer] = ends.ownChain;
      return rich`The tablet trusts only ${clientCa}, and ${own}${issuer === undefined ? ' does not lead there' : rich` was signed by ${name(issuer)}`}.`;
    }
    case 'none-shown':
      return rich`The tablet demands a certificate signed by ${clientCa}, and the gateway shows none.`;
    case 'expired':
      return rich`${shown}, which the tablet shows, is outside its dates.`;
    case 'nobody':
      return rich`Nothing listens where the gateway looks for the tablet.`;
    case 'mute':
      return rich`The tablet ended the connection without a reason. It demands a certificate signed by ${clientCa} that is in date, for clients, and not revoked.`;
    case 'other':
      return rich`The gateway could not set up its connection to the tablet.`;
  }
}

function remediesOf(cause: ReturnType<typeof causeOf>, ends: Ends, facts: TraceFacts): Remedy[] {
  const open = (file: string, label: string): Remedy => ({
    kind: 'open',
    label,
    screen: 'certificates',
    focus: file,
    note: null,
  });
  const { gateway, gatewayIndex, tablet, world } = facts;
  const look: Remedy = {
    kind: 'open',
    label: 'Open the tablet',
    screen: 'overview',
    focus: tablet?.alias ?? '',
    note: null,
  };
  const lookAtGateway: Remedy = { ...look, label: 'Open the gateway', focus: gateway?.name ?? '' };
  const ofTablet = ends.presented === null ? [] : [open(ends.presented, `Open the tablet's certificate`)];
  const ofGateway = ends.own === null ? [] : [open(ends.own, `Open the gateway's certificate`)];
  switch (cause) {
    case 'name': {
      const first = ends.presented === null ? undefined : world.namesOf(ends.presented)[0];
      const expect: Remedy[] =
        first === undefined
          ? []
          : [
              {
                kind: 'edit',
                label: `Expect ${first}`,
                edit: {
                  kind: 'topology.set',
                  path: ['gateways', gatewayIndex, 'tabletLink', 'serverName'],
                  value: first,
                },
                note: null,
              },
            ];
      return [...expect, ...ofTablet];
    }
    case 'unknown-gateway':
    case 'none-shown':
    case 'mute':
      return [...ofGateway, lookAtGateway];
    case 'unknown-tablet':
      return [lookAtGateway, ...ofTablet];
    default:
      return [look, ...ofTablet];
  }
}

/**
 * Why there was no connection between gateway and tablet. The tablet's end is not part of a caller's trace, so that a
 * reason from it is derived from the files of both ends, and only where they settle it.
 * @param failure what the gateway's gRPC client said, in Go's words
 */
export function brokenLink(facts: TraceFacts, failure: string): BrokenLink {
  const ends = endsOf(facts);
  const cause = causeOf(failure, ends, facts);
  const overTls = facts.tablet?.grpc.tls != null;
  const details: Rich[] = [];
  if (overTls && ends.shown.length > 0)
    details.push(
      rich`Tablet shows ${chainText(ends.shown)}; the gateway holds it against ${ends.trusted === null ? "the system's authorities" : code(ends.trusted)} and the name ${code(ends.demanded)}`,
    );
  if (overTls)
    details.push(
      ends.clientCa === null
        ? rich`Tablet asks for no certificate`
        : ends.own === null
          ? rich`Gateway shows none; the tablet demands one signed by ${code(ends.clientCa)}`
          : rich`Gateway shows ${chainText(ends.ownChain.length === 0 ? [''] : ends.ownChain)}; the tablet holds it against ${code(ends.clientCa)}`,
    );
  const address = textIn(facts.part('gateway', 'statement.forwarded'), 'address');
  return {
    steps: [{ mark: 'failed', text: rich`Connection to ${address}`, details, side: 'gateway', milliseconds: null }],
    bothSides: {
      ends: ['gateway', 'tablet'],
      near: rich`${code(failure)}`,
      far: rich`The tablet never got the request`,
      reason: reasonOf(cause, ends, facts),
      notes: [],
    },
    remedies: remediesOf(cause, ends, facts),
  };
}
