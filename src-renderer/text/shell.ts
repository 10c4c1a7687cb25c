import type { ScreenId } from '../state/navigation.svelte';
import { count } from './plural';

/** Every visible string of the window around the screens. */
export const shell = {
  product: 'Gatehouse',
  screens: {
    overview: 'Overview',
    certificates: 'Certificates',
    callers: 'Callers',
    access: 'Access',
    test: 'Test',
    export: 'Export',
    watch: 'Watch',
    tour: 'Tour',
    history: 'History',
    settings: 'Settings',
  } satisfies Record<ScreenId, string>,
  navigation: 'Screens',
  workspaceMenu: 'Workspace',
  openOther: 'Open another workspace…',
  closeWorkspace: 'Close workspace',
  search: 'Search or run a command',
  reviewChanges: 'Review changes',
  status: 'Status',
  connecting: 'Connecting to Gatehouse',
  lost: 'Gatehouse does not answer. What is shown is the last known state; the connection is tried again.',
  refused: {
    'no-token': {
      title: 'This address has no key.',
      text: 'Open the whole address that “gatehouse serve” printed in its terminal, the part after # too. Each start has its own.',
    },
    'wrong-token': {
      title: 'This address belongs to an earlier start.',
      text: 'Gatehouse was started again since. Open the address that “gatehouse serve” printed last in its terminal.',
    },
  },
  skip: 'Skip to the screen',
  gateway: 'Gateway',
  tablet: 'Tablet',
  mysql: 'MySQL',
  stopped: 'stopped',
  starting: 'starting',
  running: 'running',
  failed: 'failed',
  noFindings: 'No findings',
  findings: (number: number): string => count(number, 'finding', 'findings'),
  noDraft: 'No draft',
  draft: (number: number): string => `Draft: ${count(number, 'change', 'changes')}`,
  stop: 'Stop',
  dismiss: 'Dismiss',
  details: 'Details',
  protection: {
    'mutual-tls': 'mutual TLS',
    tls: 'TLS',
    'tls-optional': 'TLS offered',
    plain: 'not encrypted',
    'local-socket': 'local socket',
  },
} as const;

export const dropText = {
  over: 'Certificates, users.json or a table ACL file: drop to import, with a report first',
  unknown: (name: string): string =>
    `${name} holds no certificate, no users and no table ACL that could be imported. Nothing was changed.`,
  noWorkspace: 'Open or start a workspace first; then the file can be imported.',
};

export const unlock = {
  title: 'Passphrase needed',
  text: (dir: string): string => `The secrets of ${dir} are locked with a passphrase.`,
  label: 'Passphrase',
  open: 'Open',
  cancel: 'Cancel',
};

export const palette = {
  title: 'Search or run a command',
  placeholder: 'Search or run a command',
  none: (text: string): string => `No match for “${text}”`,
  goTo: (screen: string): string => `Go to ${screen}`,
  results: (number: number): string => count(number, 'result', 'results'),
};

export const commandText = {
  palette: 'Command Palette…',
  undo: (what: string | null): string => (what === null ? 'Undo' : `Undo ${what}`),
  redo: (what: string | null): string => (what === null ? 'Redo' : `Redo ${what}`),
  nothingToUndo: 'There is nothing to undo',
  nothingToRedo: 'There is nothing to redo',
  review: 'Review Changes…',
  noChanges: 'The draft has no changes',
  start: 'Start Cluster',
  stop: 'Stop Cluster',
  restart: 'Restart Cluster',
  isRunning: 'The cluster is running',
  isStopped: 'The cluster is stopped',
  shortcuts: 'Keyboard Shortcuts',
  back: 'Back',
  forward: 'Forward',
  openWorkspace: 'Open Another Workspace…',
  closeWorkspace: 'Close Workspace',
  nextPane: 'Next Pane',
  previousPane: 'Previous Pane',
};
