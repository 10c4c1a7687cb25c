import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCrl, parsePem, type Issuer } from '../../../domain/certs';
import { writeFileAtomic } from '../../../servers/store';
import type { AttackGround } from '../ground';

const DAY = 86_400_000;

/** A rewritten list, and the way back. */
export interface Rewritten {
  /** When the list ends. */
  readonly endsAt: Date;
  /** Puts the old file back. */
  restore(): Promise<void>;
}

/**
 * Writes a new list of `issuer` into the CRL file in place of its old one: with `serial` added, or, with `end`, with what
 * it listed and an end that has passed or comes in a second or two (a list's times have no fractions). Lists of other authorities stay.
 */
export async function rewriteCrl(
  ground: AttackGround,
  file: string,
  issuer: Issuer,
  change: { readonly serial?: string; readonly end?: 'past' | 'soon' },
): Promise<Rewritten> {
  const path = join(ground.dir, file);
  const before = await readFile(path, 'utf8');
  const blocks = before.match(/-----BEGIN X509 CRL-----[\s\S]*?-----END X509 CRL-----\r?\n?/g) ?? [];
  const own = blocks.flatMap((text) => parsePem(text, file, 'crl').crls).find((crl) => isOf(issuer, crl.rawIssuer));
  const others = blocks.filter((text) => parsePem(text, file, 'crl').crls.every((crl) => !isOf(issuer, crl.rawIssuer)));
  const now = ground.clock.now().getTime();
  const at = (days: number): Date => new Date(now + days * DAY);
  const { serial, end } = change;
  const soon = new Date((Math.floor(now / 1000) + 2) * 1000);
  const endsAt = end === 'past' ? at(-2) : end === 'soon' ? soon : at(7);
  const made = createCrl({
    issuer,
    thisUpdate: end === 'past' ? at(-9) : new Date(now - 60_000),
    nextUpdate: endsAt,
    number: (own?.number ?? 0n) + 1n,
    revoked: [
      ...(own?.revoked.values() ?? []),
      ...(serial === undefined ? [] : [{ serial, date: new Date(now - 60_000), reason: 'keyCompromise' as const }]),
    ],
  });
  await writeFileAtomic(path, [...others, made.pem].join(''), 0o644);
  return { endsAt, restore: () => writeFileAtomic(path, before, 0o644) };
}

const isOf = ({ certificate }: Issuer, rawIssuer: Buffer): boolean => certificate.rawSubject.equals(rawIssuer);

/**
 * Has the ground's parts take over what was written. A list that has ended is a finding that stands against a reload; as at
 * SIGHUP hardened parts take it all the same.
 */
export async function takeOver(ground: AttackGround, end?: 'past' | 'soon'): Promise<void> {
  if (end === 'past') await ground.cluster.hangUp();
  else await ground.cluster.reload();
}
