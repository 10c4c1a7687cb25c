import type { AuditValue } from '../../domain/audit';
import { describeChanges, plain, type DescribedChange } from '../../domain/workspace';
import { changedPaths, own, type Manifest, type Scan } from '../../servers/store';
import { listed } from './audit-trail';

type Facts = { readonly [key: string]: AuditValue };

/** What differs between two versions: every file with the SHA-256 of its content on both sides (null: not there). */
export function fileFacts(before: Manifest, after: Manifest): Facts {
  const { items, more } = listed(changedPaths(before, after));
  return {
    files: items.map((path) => ({
      path,
      before: own(before, path)?.hash ?? null,
      after: own(after, path)?.hash ?? null,
    })),
    ...(more > 0 ? { moreFiles: more } : {}),
  };
}

/** Changes as the sentences that a review shows; they hold no secret. */
export function sentenceFacts(changes: readonly Pick<DescribedChange, 'sentence'>[]): Facts {
  const { items, more } = listed(changes);
  return { changes: items.map(({ sentence }) => plain(sentence)), ...(more > 0 ? { moreChanges: more } : {}) };
}

/** What differs between two states of a workspace's folder, as files and as sentences. */
export function scanFacts(before: Scan, after: Scan): { readonly sentences: readonly string[]; readonly facts: Facts } {
  const contents = ({ files }: Scan): Map<string, Buffer> =>
    new Map([...files].map(([path, { content }]) => [path, content]));
  const manifest = ({ files }: Scan): Manifest => Object.fromEntries([...files].map(([path, { ref }]) => [path, ref]));
  const changes = describeChanges(contents(before), contents(after), new Map());
  return {
    sentences: changes.map(({ sentence }) => plain(sentence)),
    facts: { ...fileFacts(manifest(before), manifest(after)), ...sentenceFacts(changes) },
  };
}
