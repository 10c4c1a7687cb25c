import type { PageState, PartName } from '../../contract/state';
import { clusterView } from '../cluster/cluster-view';
import { documentView } from '../document/document-view';
import { setupView } from '../settings/setup-view';
import type { OpenWorkspace } from './open-workspace';

/** The parts of the page's state that belong to the open workspace, each made from it by one function. */
export type WorkspacePart = Exclude<PartName, 'app' | 'settings'>;

/** When a part is made anew: on every change of the draft, of the cluster, or both. */
export interface Projection<P extends WorkspacePart> {
  readonly on: readonly ('document' | 'cluster')[];
  make(workspace: OpenWorkspace): PageState[P] | Promise<PageState[P]>;
}

/** One line an area: what the page shows of it. No secret ever goes into a part. */
export const projections: { readonly [P in WorkspacePart]: Projection<P> } = {
  access: { on: ['document'], make: ({ access }) => access.view() },
  queryRules: { on: ['document'], make: ({ queryRules }) => queryRules.view() },
  callers: { on: ['document'], make: ({ callers }) => callers.view() },
  certificates: { on: ['document'], make: ({ certificates }) => certificates.view() },
  document: { on: ['document'], make: ({ document }) => documentView(document) },
  cluster: {
    on: ['document', 'cluster'],
    make: ({ cluster, document }) => clusterView(cluster, document.draft, document.applied),
  },
  test: { on: ['document'], make: ({ test }) => test.view() },
  tour: { on: ['document', 'cluster'], make: ({ tour }) => tour.view() },
  exports: { on: ['document'], make: ({ exports }) => exports.view() },
  setup: { on: ['document'], make: ({ document, keychain }) => setupView(document, keychain) },
  findings: { on: ['document'], make: ({ document }) => [...document.draftFindings] },
};
