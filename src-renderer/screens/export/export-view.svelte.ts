import type { ExportVersionData, FlagReportData, VitessMajorData } from '../../../src-main/contract/areas/exports';
import type { AppState } from '../../state/app-state.svelte';
import { exportText as text } from '../../text/export';

export type ExportTab = keyof typeof text.tabs;
const tabs = Object.keys(text.tabs) as ExportTab[];
export const majors: readonly VitessMajorData[] = ['24', '23', '22'];

const isTab = (value: string | undefined): value is ExportTab => tabs.includes(value as ExportTab);
const isMajor = (value: string | undefined): value is VitessMajorData => majors.includes(value as VitessMajorData);

/** What the Export screen shows: the release, the tab, whether keys go along. Release and tab are part of the place. */
export class ExportView {
  includeKeys = $state(false);
  /** What was learned of the flags that were pasted last; the text itself lives in its field only. */
  report = $state.raw<FlagReportData | null>(null);
  /** The dialog that writes the folder. */
  exporting = $state(false);

  constructor(readonly app: AppState) {}

  get version(): VitessMajorData {
    const wanted = this.app.nav.parameters['version'];
    return isMajor(wanted) ? wanted : '24';
  }
  get tab(): ExportTab {
    const wanted = this.app.nav.parameters['tab'];
    return isTab(wanted) ? wanted : 'files';
  }
  show(change: { readonly version?: VitessMajorData; readonly tab?: ExportTab }): void {
    this.app.nav.note({ version: this.version, tab: this.tab, ...change });
  }

  /** The release on show; null until the state has come. */
  get shown(): ExportVersionData | null {
    return this.app.state.exports?.versions[this.version] ?? null;
  }
  get proving(): boolean {
    return this.app.state.exports?.proving != null;
  }
  /** The tests ran with these very files. */
  get proved(): boolean {
    return this.shown?.proof.state === 'current';
  }
  get keys(): number {
    return this.shown?.files.filter(({ kind }) => kind === 'key' || kind === 'database-password').length ?? 0;
  }

  async prove(): Promise<void> {
    await this.app.attempt(() => this.app.call.exports.prove({ version: this.version }));
  }

  async copy(what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(what);
      this.app.notices.say(text.flags.copied);
    } catch {
      this.app.notices.tell('warning', text.flags.copyFailed);
    }
  }
}
