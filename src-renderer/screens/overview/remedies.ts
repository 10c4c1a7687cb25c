import type { ClusterLink } from '../../../src-main/contract/areas/cluster';
import type { DraftEditData } from '../../../src-main/contract/areas/edits';
import { overview } from '../../text/overview';

/** One click into the draft. */
export interface LinkRemedy {
  readonly label: string;
  readonly edit: DraftEditData;
}

/** Position of a gateway in gatehouse.json: every gateway has its links, in the order of the file. */
function gatewayIndex(links: readonly ClusterLink[], id: string): number {
  const order = [...new Set(links.flatMap(({ from, to }) => [from, to]).filter((part) => part.startsWith('gateway:')))];
  return order.indexOf(id);
}

/** What one edit of the draft can do for a link; most weak links need certificates first and have none. */
export function remediesOf(link: ClusterLink, links: readonly ClusterLink[]): LinkRemedy[] {
  if (link.from !== 'client' || link.protection !== 'tls-optional') return [];
  const index = gatewayIndex(links, link.to);
  if (index < 0) return [];
  const set = (path: (string | number)[], value: boolean): DraftEditData => ({ kind: 'topology.set', path, value });
  return [
    {
      label: overview.requireTls,
      edit:
        link.protocol === 'mysql'
          ? set(['gateways', index, 'mysql', 'requireSecureTransport'], true)
          : set(['gateways', index, 'grpc', 'optionalTls'], false),
    },
  ];
}
