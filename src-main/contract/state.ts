import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import type { AccessPart } from './areas/access';
import type { AppPart } from './areas/app';
import type { CallersPart } from './areas/callers';
import type { CertificatesPart } from './areas/certificates';
import type { ClusterPart } from './areas/cluster';
import type { DocumentPart } from './areas/document';
import type { TestPart } from './areas/test';
import type { TourPart } from './areas/tour';
import type { ExportsPart } from './areas/exports';
import type { QueryRulesPart } from './areas/query-rules';
import type { SettingsPart, SetupPart } from './areas/settings';
import type { FindingData } from './finding';

/**
 * Everything the page shows without asking, by part. A part is sent whole when it changes; null: no workspace is open.
 * Areas add their part here and its projection in services/app/projections.ts.
 */
export interface PageState {
  readonly app: AppPart;
  /** The app's own settings; there without a workspace too. */
  readonly settings: SettingsPart;
  readonly access: AccessPart | null;
  readonly queryRules: QueryRulesPart | null;
  readonly document: DocumentPart | null;
  readonly callers: CallersPart | null;
  readonly certificates: CertificatesPart | null;
  readonly cluster: ClusterPart | null;
  readonly tour: TourPart | null;
  readonly exports: ExportsPart | null;
  readonly findings: readonly FindingData[] | null;
  readonly setup: SetupPart | null;
  readonly test: TestPart | null;
}
export type PartName = keyof PageState;

/** First a snapshot, then changes with the next numbers; on a gap the page asks again. */
export type StateMessage =
  | { readonly kind: 'snapshot'; readonly revision: number; readonly parts: PageState }
  | {
      readonly [P in PartName]: {
        readonly kind: 'change';
        readonly revision: number;
        readonly part: P;
        readonly value: PageState[P];
      };
    }[PartName];

export const stateContract = {
  // Built by the services themselves: its shape is checked by the compiler, not again for every event.
  watch: oc.input(z.void()).output(eventIterator(z.custom<StateMessage>())),
};
