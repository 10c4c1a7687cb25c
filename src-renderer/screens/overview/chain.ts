import type { ClusterLink, ClusterNode, ClusterPart } from '../../../src-main/contract/areas/cluster';
import type { ScreenId } from '../../state/navigation.svelte';
import { overview } from '../../text/overview';

/** What of a cluster with several gateways and tablets the picture shows. */
export interface Choice {
  readonly gateway?: string | undefined;
  readonly protocol?: ClusterLink['protocol'] | undefined;
  readonly tablet?: string | undefined;
}

/** One way from client to MySQL. Null: there is no such part. */
export interface Chain {
  readonly gateway: ClusterNode | null;
  readonly tablet: ClusterNode | null;
  readonly backend: ClusterNode | null;
  /** Client to gateway, gateway to tablet, tablet to MySQL. */
  readonly links: readonly [ClusterLink | null, ClusterLink | null, ClusterLink | null];
  /** What clients can speak to this gateway. */
  readonly protocols: readonly ClusterLink['protocol'][];
}

/** The chain that a choice leads to; what it leaves open or what is gone is the first there is. */
export function chainOf({ nodes, links }: Pick<ClusterPart, 'nodes' | 'links'>, choice: Choice): Chain {
  const pick = (kind: ClusterNode['kind'], id: string | undefined): ClusterNode | null =>
    nodes.find((node) => node.kind === kind && node.id === id) ?? nodes.find((node) => node.kind === kind) ?? null;
  const gateway = pick('gateway', choice.gateway);
  const tablet = pick('tablet', choice.tablet);
  const client = links.filter(({ from, to }) => from === 'client' && to === gateway?.id);
  const between = links.find(({ from, to }) => from === gateway?.id && to === tablet?.id) ?? null;
  const last = links.find(({ from }) => tablet !== null && from === tablet.id) ?? null;
  return {
    gateway,
    tablet,
    backend: last === null ? pick('backend', undefined) : pick('backend', last.to),
    links: [client.find(({ protocol }) => protocol === choice.protocol) ?? client[0] ?? null, between, last],
    protocols: client.map(({ protocol }) => protocol),
  };
}

/**
 * The one sentence of the screen: how the chain on show is protected, the worst said plainly. Where there are more gateways
 * it names the one it speaks of, because it claims nothing of the others.
 */
export function protectionSentence({ links, gateway, tablet }: Chain, gateways = 1): string {
  const [client, between, last] = links;
  const parts = [
    client === null ? '' : overview.client[client.protection],
    between === null ? '' : overview.between[between.protection],
    last === null ? '' : overview.last[last.protection],
  ].filter((part) => part !== '');
  const sound = links.every(
    (link) => link !== null && link.protection !== 'plain' && link.protection !== 'tls-optional',
  );
  // What the tablet lets pass is worth more than how it is carried.
  const open = tablet !== null && tablet.acl !== null && tablet.acl !== 'strict';
  if (open) parts.push(overview.open[tablet.acl as 'dry-run' | 'off' | 'none']);
  if (client?.findings.some(({ code }) => code === 'topology.claimed-callers') === true) parts.push(overview.claimed);
  const sentence = [...parts, ...(sound && !open ? [overview.allEncrypted] : [])].join(' ');
  return gateways > 1 && gateway !== null && sentence !== '' ? overview.through(gateway.name, sentence) : sentence;
}

/** Names of the other gateways whose callers may talk readably. */
export function weakOthers(
  { nodes, links }: Pick<ClusterPart, 'nodes' | 'links'>,
  shown: ClusterNode | null,
): string[] {
  return nodes
    .filter(({ kind, id }) => kind === 'gateway' && id !== shown?.id)
    .filter(({ id }) =>
      links.some(
        ({ from, to, protection }) =>
          from === 'client' && to === id && (protection === 'plain' || protection === 'tls-optional'),
      ),
    )
    .map(({ name }) => name);
}

/** Name of a certificate's file for reading: `pki/vtgate-client/ca-cert.pem` is `vtgate-client CA`. */
export function certificateName(file: string, names: Readonly<Record<string, string>>): string {
  const known = names[file];
  if (known !== undefined) return known;
  const parts = file.replace(/-cert\.pem$|\.pem$/, '').split('/');
  const last = parts.at(-1) ?? file;
  return last === 'ca' ? `${parts.at(-2) ?? ''} CA` : last;
}

/** The screen on which a finding of this file is dealt with. */
export function screenOf(file: string): ScreenId {
  if (file.startsWith('pki/')) return 'certificates';
  if (/^(users|grpc-users|grpc-credentials)[^/]*\.json$/.test(file)) return 'callers';
  if (file.startsWith('tests/')) return 'test';
  if (/acl[^/]*\.json$|query-rules/.test(file)) return 'access';
  return file === 'gatehouse.json' ? 'settings' : 'overview';
}
