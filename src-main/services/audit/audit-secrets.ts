import type { SecretStore } from '../../servers/store';
import { listed, recordAudit } from './audit-trail';

/** Records, by name, which secrets of the workspace in `dir` are stored and removed through this store. */
export function auditSecrets(secrets: Pick<SecretStore, 'onChanged'>, dir: string): void {
  secrets.onChanged(({ stored, removed }) =>
    recordAudit(dir, {
      what: 'secrets.changed',
      summary: [
        stored.length > 0 ? `${stored.length === 1 ? 'One secret was' : `${stored.length} secrets were`} stored.` : '',
        removed.length > 0
          ? `${removed.length === 1 ? 'One secret was' : `${removed.length} secrets were`} removed.`
          : '',
      ]
        .filter((text) => text !== '')
        .join(' '),
      facts: { stored: listed(stored).items, removed: listed(removed).items },
    }),
  );
}
