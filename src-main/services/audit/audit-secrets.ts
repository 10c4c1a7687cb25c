import type { SecretStore } from '../../servers/store';
import { listed, recordAudit } from './audit-trail';

/** `Secret users/web stored.`, `3 secrets removed.` */
function sentence(names: readonly string[], what: string): string {
  if (names.length === 0) return '';
  return names.length === 1 ? `Secret ${names[0]} ${what}.` : `${names.length} secrets ${what}.`;
}

/** Records, by name, which secrets of the workspace in `dir` are stored and removed through this store. */
export function auditSecrets(secrets: Pick<SecretStore, 'onChanged'>, dir: string): void {
  secrets.onChanged(({ stored, removed }) =>
    recordAudit(dir, {
      what: 'secrets.changed',
      summary: [sentence(stored, 'stored'), sentence(removed, 'removed')].filter((text) => text !== '').join(' '),
      facts: { stored: listed(stored).items, removed: listed(removed).items },
    }),
  );
}
