import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Suite } from '../../domain/probes';
import type { Topology } from '../../domain/topology';
import type { CertificateUse } from './certificate-use';
import { markFaulty } from './faulty-record';
import { issuedFile } from './issued-serials';
import { fault, keyFileOf, PkiFolder } from './pki-folder';
import type { IndexedCertificate } from './pki-index';
import { topologyOf, useOf } from './usual-set';

const plural = (count: number, one: string, many: string): string => (count === 1 ? `1 ${one}` : `${count} ${many}`);

/** What deleting a certificate would mean, a sentence each; the gravest first. */
export function deletionConsequences(
  use: CertificateUse,
  id: string,
  world: { readonly suites: readonly Suite[]; readonly now: Date },
): string[] {
  const item = known(use, id);
  const { certificate } = item;
  const lines: string[] = [];
  const parts = new Set<string>();
  for (const { check, shown, callers, against } of use.checks) {
    const names = check.shownBy === 'listener' ? check.to : check.from;
    if (!callers && shown.includes(id)) for (const name of names) parts.add(name);
    if (against.includes(id) && check.checkedBy !== 'client')
      for (const name of check.shownBy === 'listener' ? check.from : check.to) parts.add(name);
  }
  if (parts.size > 0)
    lines.push(`gatehouse.json names it: ${[...parts].join(', ')} cannot start until another one is set there.`);
  const children = use.childrenOf(id).length;
  if (children > 0)
    lines.push(
      `${plural(children, 'certificate signed by it remains', 'certificates signed by it remain')} but will not be accepted where it was trusted.`,
    );
  const copies = [...use.index.byFile].filter(([file, ids]) => file !== item.file && ids.includes(id)).length;
  if (copies > 0)
    lines.push(
      `A copy of it stays in ${plural(copies, 'file that sends', 'files that send')} it along: it is shown without a key then.`,
    );
  const tests = world.suites.filter(({ callers }) => callers.some((caller) => caller.certificate === item.file));
  if (tests.length > 0)
    lines.push(
      `${plural(tests.length, 'test file uses', 'test files use')} it: ${tests.map(({ name }) => name).join(', ')}.`,
    );
  if (certificate.notAfter > world.now && !certificate.rawSubject.equals(certificate.rawIssuer))
    lines.push('Whoever has a copy of its key can still use it: revoke it first to shut it out.');
  return lines;
}

/**
 * Deletes a certificate and its private key; of an authority also its CRL and the record of what it issued, when nothing
 * names the CRL. What it has signed stays. Returns the files deleted.
 */
export async function removeCertificate(dir: string, file: string): Promise<string[]> {
  const pki = new PkiFolder(dir);
  const { topology } = await topologyOf(dir);
  const use = await useOf(dir, topology);
  const item = known(use, await pki.inside(file));
  const own = item.file.endsWith('-cert.pem');
  if (item.id !== item.file || (!own && (use.index.byFile.get(item.file) ?? []).length > 1))
    throw fault('bundle', `${item.file} holds other certificates too. Take it out of the file with an editor.`);
  const files = [item.file, ...(own ? [keyFileOf(item.file)] : [])];
  if (item.authority !== null) {
    const crl = `pki/${item.authority}/crl.pem`;
    if (!namesCrl(topology, crl)) files.push(crl, issuedFile(item.authority));
  }
  const deleted: string[] = [];
  for (const path of files)
    await rm(join(dir, path)).then(
      () => deleted.push(path),
      () => undefined,
    );
  await markFaulty(dir, item.certificate, null);
  const folder = join(dir, item.file, '..');
  if ((await readdir(folder).catch(() => ['?'])).length === 0) await rmdir(folder);
  return deleted;
}

function known(use: CertificateUse, id: string): IndexedCertificate {
  const item = use.byId.get(id);
  if (item === undefined) throw fault('missing', `${id} is not there.`);
  return item;
}

const namesCrl = ({ gateways, tablets }: Topology, path: string): boolean =>
  [
    ...gateways.flatMap(({ mysql, grpc, tabletLink }) => [mysql?.tls, grpc?.tls, tabletLink]),
    ...tablets.map(({ grpc }) => grpc.tls),
  ].some((tls) => tls?.crl === path);
