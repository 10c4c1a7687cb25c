import type { FlagReportData } from '../../contract/areas/exports';
import { checkFlags, type VitessMajor, type VitessProgram } from '../../domain/flags';
import { GatehouseError } from '../../domain/kernel';

/** Checks flags that were pasted into the page. Throws GatehouseError `flags.*`. */
export function checkPasted(input: {
  readonly text: string;
  readonly component: VitessProgram | null;
  readonly version: VitessMajor | null;
}): FlagReportData {
  const report = checkFlags(input.text, {
    ...(input.component === null ? {} : { component: input.component }),
    ...(input.version === null ? {} : { versions: [input.version] }),
  });
  if (!report.ok) throw new GatehouseError(report.failure);
  return structuredClone(report.value) as FlagReportData;
}
