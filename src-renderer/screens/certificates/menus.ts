import type { CertificateRow, CertificatesPart } from '../../../src-main/contract';
import { certificates as text } from '../../text/certificates';
import type { MenuItem } from '../../ui/menu';
import type { CertificatesView } from './certificates-view.svelte';

const words = text.details;

/** Gateways to which a snippet can lead. */
export const gatewaysFor = (part: CertificatesPart | null): readonly string[] =>
  (part?.gateways ?? []).filter(({ mysql }) => mysql).map(({ name }) => name);

/** What can be done on the screen beside importing and making one certificate. */
export function moreItems(view: CertificatesView, part: CertificatesPart): MenuItem[] {
  return [
    {
      label: text.usualSetMissing,
      ...(part.usualSet.length > 0 ? { detail: part.usualSet.slice(0, 3).join(', ') } : {}),
      disabledReason: part.usualSet.length === 0 ? text.usualSetComplete : undefined,
      onselect: () => void view.createUsualSet(),
    },
    {
      label: text.makeFaulty,
      disabledReason: part.rows.some(copyable) ? undefined : text.faultyDialog.none,
      onselect: () => view.open({ kind: 'faulty', like: null }),
    },
    {
      label: text.connectUser,
      disabledReason: gatewaysFor(part).length === 0 ? text.noMysqlGateway : undefined,
      onselect: () => view.open({ kind: 'connect', row: null }),
    },
    ...(part.locked ? [{ label: text.unlock, onselect: () => (view.unlocking = () => undefined) }] : []),
  ];
}

/** Whether a faulty copy of a certificate can be made: a leaf whose signer is here with its key. */
export const copyable = (row: CertificateRow): boolean => !row.purposes.authority && row.revocable;

/** Why a certificate cannot be revoked; undefined: it can. */
export const whyNotRevocable = (row: CertificateRow): string | undefined =>
  row.status === 'revoked'
    ? words.already
    : row.role === 'root'
      ? words.rootNotRevocable
      : row.revocable
        ? undefined
        : words.noKeyHere;

export const whyNotRenewable = (row: CertificateRow): string | undefined =>
  row.renewable ? undefined : row.keyFile === '' ? words.noOwnFile : words.noKeyHere;

/** What can be done with one certificate beside renewing, exporting and revoking it. */
export function rowItems(view: CertificatesView, row: CertificateRow): MenuItem[] {
  const { part } = view;
  const authority = row.authority;
  return [
    {
      label: words.copyPem,
      onselect: () =>
        void view.app.attempt(async () => {
          const { pem } = await view.app.call.certificates.fields({ id: row.id });
          await navigator.clipboard.writeText(pem);
          view.app.notices.say(words.copied);
        }),
    },
    ...(row.caller === null
      ? []
      : [
          {
            label: words.connect,
            disabledReason: gatewaysFor(part).length === 0 ? text.noMysqlGateway : undefined,
            onselect: () => view.open({ kind: 'connect', row }),
          },
        ]),
    ...(row.purposes.authority
      ? [
          {
            label: words.issueBelow,
            disabledReason: row.canSign ? undefined : words.noPrivateKey,
            onselect: () => view.open({ kind: 'new', preset: { signedBy: authority } }),
          },
          {
            label: words.useCrl,
            disabledReason: row.canSign ? undefined : words.noPrivateKey,
            onselect: () =>
              void view.attempt(
                () => view.app.call.certificates.useCrl({ authority: authority ?? '' }),
                ({ files }) => words.crlUsed(files.includes('gatehouse.json')),
              ),
          },
        ]
      : [
          {
            label: words.makeFaulty,
            disabledReason: copyable(row) ? undefined : words.noKeyHere,
            onselect: () => view.open({ kind: 'faulty', like: row.id }),
          },
        ]),
    { kind: 'separator' },
    {
      label: words.remove,
      shortcut: 'Delete',
      danger: true,
      disabledReason: row.id === row.file ? undefined : words.noOwnFile,
      onselect: () => view.open({ kind: 'delete', row }),
    },
  ];
}
