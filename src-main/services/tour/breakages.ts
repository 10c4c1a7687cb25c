import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Breakage } from '../../contract/areas/tour';
import { issueCertificate, openPrivateKey, parsePem } from '../../domain/certs';
import { FixedClock, GatehouseError, type Clock } from '../../domain/kernel';
import { writeFileAtomic } from '../../servers/store';
import { applyEdit } from '../document/draft-edits';
import { client1 } from './tour-sample';

const DAY_MS = 86_400_000;

/** Breaks one thing in the draft `dir`, as somebody would by mistake. */
export async function breakDraft(dir: string, what: Breakage, clock: Clock): Promise<void> {
  switch (what) {
    case 'not-strict':
      return applyEdit(dir, { kind: 'topology.set', path: ['tablets', 0, 'acl', 'strict'], value: false }, null);
    case 'expired':
      return reissueClient1(dir, 'vtgate-client', new FixedClock(new Date(clock.now().getTime() - 400 * DAY_MS)));
    case 'other-authority':
      return reissueClient1(dir, 'vttablet-client', clock);
  }
}

/** Issues the first caller's certificate anew, by `authority` and as of the clock's time, for 365 days. */
async function reissueClient1(dir: string, authority: string, clock: Clock): Promise<void> {
  const read = (path: string): Promise<string> => readFile(join(dir, path), 'utf8');
  const issuerPem = await read(`pki/${authority}/ca-cert.pem`);
  const [certificate] = parsePem(issuerPem, 'ca-cert.pem').certificates;
  const key = openPrivateKey(await read(`pki/${authority}/ca-key.pem`), undefined);
  if (certificate === undefined || !key.ok)
    throw new GatehouseError({
      code: 'tour.authority',
      summary: `The authority ${authority} of the tour is not as the tour made it. Undo its step and do it again.`,
    });
  const made = issueCertificate({
    clock,
    role: 'caller',
    subject: { commonName: 'vtgate client 1' },
    issuer: { certificate, privateKey: key.value },
    dnsNames: ['localhost', 'vtgate client 1'],
    ipAddresses: ['127.0.0.1', '::1'],
    days: 365,
  });
  await writeFileAtomic(join(dir, client1.replace('-cert.pem', '-key.pem')), made.privateKeyPem.reveal(), 0o600);
  await writeFileAtomic(join(dir, client1), made.pem + issuerPem, 0o644);
}
