import Activity from '@lucide/svelte/icons/activity';
import BadgeCheck from '@lucide/svelte/icons/award';
import Clock from '@lucide/svelte/icons/clock';
import Export from '@lucide/svelte/icons/upload';
import Footprints from '@lucide/svelte/icons/footprints';
import Gate from '@lucide/svelte/icons/fence';
import ListChecks from '@lucide/svelte/icons/list-checks';
import Sliders from '@lucide/svelte/icons/sliders-horizontal';
import User from '@lucide/svelte/icons/user';
import Workflow from '@lucide/svelte/icons/waypoints';
import type { Component } from 'svelte';
import Access from '../screens/access/Access.svelte';
import Callers from '../screens/callers/Callers.svelte';
import Certificates from '../screens/certificates/Certificates.svelte';
import ExportScreen from '../screens/export/Export.svelte';
import History from '../screens/history/History.svelte';
import Overview from '../screens/overview/Overview.svelte';
import Settings from '../screens/settings/Settings.svelte';
import Test from '../screens/test/Test.svelte';
import TourResults from '../screens/tour/TourResults.svelte';
import Watch from '../screens/watch/Watch.svelte';
import type { ScreenId } from '../state/navigation.svelte';
import type { IconComponent } from '../ui/Icon.svelte';

export interface Screen {
  readonly id: ScreenId;
  readonly icon: IconComponent;
  readonly component: Component;
  /** In the upper part of the sidebar (the work) or the lower one; undefined: reached from elsewhere. */
  readonly place?: 'work' | 'foot';
  readonly keys?: string;
}

/** The places of the window, in the order of the work. */
export const screens: readonly Screen[] = [
  { id: 'overview', icon: Workflow, component: Overview, place: 'work', keys: 'Mod+1' },
  { id: 'certificates', icon: BadgeCheck, component: Certificates, place: 'work', keys: 'Mod+2' },
  { id: 'callers', icon: User, component: Callers, place: 'work', keys: 'Mod+3' },
  { id: 'access', icon: Gate, component: Access, place: 'work', keys: 'Mod+4' },
  { id: 'test', icon: ListChecks, component: Test, place: 'work', keys: 'Mod+5' },
  { id: 'export', icon: Export, component: ExportScreen, place: 'work', keys: 'Mod+6' },
  { id: 'watch', icon: Activity, component: Watch, place: 'work', keys: 'Mod+7' },
  { id: 'tour', icon: Footprints, component: TourResults },
  { id: 'history', icon: Clock, component: History, place: 'foot' },
  { id: 'settings', icon: Sliders, component: Settings, place: 'foot', keys: 'Mod+,' },
];
