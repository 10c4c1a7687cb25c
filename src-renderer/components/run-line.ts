import { verdictText } from '../text/verdict';
import type { VerdictKind } from './verdict';

/** How a link is protected, or that a run did not come so far. */
export type LinkState = 'mutual-tls' | 'tls' | 'tls-optional' | 'plain' | 'local-socket' | 'unreached';

export interface Station {
  readonly name: string;
  readonly kind: 'end' | 'gate';
  readonly state: 'passed' | 'denied' | 'refused' | 'unreached';
}

/** A run as a line through the gates: stations, and the links between them (one fewer). */
export interface Run {
  readonly stations: readonly Station[];
  readonly links: readonly LinkState[];
}

/** Where a run ended, as `verify` and `decide` name it. */
export type StoppedAt = 'connect' | 'tls' | 'login' | 'gateway' | 'link' | 'tablet' | 'backend';

const stationOf: Record<StoppedAt, number> = {
  connect: 1,
  tls: 1,
  login: 1,
  gateway: 1,
  link: 2,
  tablet: 2,
  backend: 3,
};

/**
 * The line of a run through client, gateway, tablet and MySQL.
 *
 * @param links how each of the three links is protected for this run
 * @param verdict what came of it; `not-run` and `running` draw everything as not reached
 * @param stoppedAt where it ended, when it did not come through
 */
export function runOf(
  links: readonly [LinkState, LinkState, LinkState],
  verdict: VerdictKind,
  stoppedAt?: StoppedAt | null,
): Run {
  const idle = verdict === 'not-run' || verdict === 'running' || verdict === 'cannot-decide';
  const stop = stoppedAt == null ? (idle ? 0 : 4) : stationOf[stoppedAt];
  const how = verdict === 'denied' ? 'denied' : 'refused';
  const stations = verdictText.stations.map((name, index): Station => ({
    name,
    kind: index === 0 || index === 3 ? 'end' : 'gate',
    state: index < stop ? 'passed' : index === stop && stop > 0 ? how : index === 0 && !idle ? 'passed' : 'unreached',
  }));
  // A dial that nobody answered never had a protection.
  const met = (index: number): boolean => index < stop && !(stoppedAt === 'connect' && index === 0);
  return { stations, links: links.map((link, index) => (met(index) ? link : 'unreached')) };
}

/** The same in words, for screen readers. */
export function runText({ stations, links }: Run): string {
  const parts: string[] = [];
  for (const [index, link] of links.entries()) {
    const from = stations[index];
    const to = stations[index + 1];
    if (from === undefined || to === undefined) break;
    if (link !== 'unreached') parts.push(verdictText.linkSpoken(from.name, to.name, verdictText.link[link]));
    if (to.state === 'denied' || to.state === 'refused') {
      parts.push(verdictText.stoppedSpoken(to.name, verdictText.stopped[to.state]));
      break;
    }
  }
  return parts.length === 0 ? verdictText.word['not-run'] : parts.join('; ');
}
