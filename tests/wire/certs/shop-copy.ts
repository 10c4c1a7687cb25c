import { cp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parsePem, verifyPeer, type ParsedCertificate, type PeerVerdict } from '../../../src-main/domain/certs';
import { certificatesView } from '../../../src-main/services/certs/certificates-view';
import { topologyOf } from '../../../src-main/services/certs/usual-set';
import type { CertificateRow, CertificatesPart } from '../../../src-main/contract/areas/certificates';
import { makeWorkspace } from '../../support/workspace';

/** The shop, made once and copied for each test. */
export interface ShopCopies {
  /** A fresh copy; the folder of the one before is removed. */
  fresh(): Promise<string>;
  remove(): Promise<void>;
}

export async function shopCopies(): Promise<ShopCopies> {
  const shop = await makeWorkspace('shop');
  let count = 0;
  let last: string | null = null;
  return {
    fresh: async () => {
      if (last !== null) await rm(last, { recursive: true, force: true });
      last = join(shop.dir, '..', `copy-${(count += 1)}`);
      await cp(shop.dir, last, { recursive: true });
      return last;
    },
    remove: () => shop.remove(),
  };
}

export const viewOf = async (dir: string, now = new Date()): Promise<CertificatesPart> =>
  certificatesView({ dir, topology: (await topologyOf(dir)).topology, now });

export const rowOf = async (dir: string, id: string): Promise<CertificateRow> => {
  const row = (await viewOf(dir)).rows.find((candidate) => candidate.id === id);
  if (row === undefined) throw new Error(`${id} is not in the view`);
  return row;
};

export const certificatesIn = async (dir: string, path: string): Promise<readonly ParsedCertificate[]> =>
  parsePem(await readFile(join(dir, path), 'utf8'), path).certificates;

/** What a gateway says to a client that shows the file, with the CA file and the CRL that it is set up with. */
export async function judged(
  dir: string,
  file: string,
  options: { readonly trust: string; readonly crl?: string; readonly mode?: 'vitess' | 'hardened' },
): Promise<PeerVerdict> {
  return verifyPeer({
    chain: (await certificatesIn(dir, file)).map(({ der }) => der),
    anchors: await certificatesIn(dir, options.trust),
    crls: options.crl === undefined ? [] : parsePem(await readFile(join(dir, options.crl), 'utf8'), 'crl').crls,
    now: new Date(),
    fidelity: { mode: options.mode ?? 'hardened', version: '24.0.4' },
    purpose: 'client',
  });
}

/** Every file of a folder with its content and mode, to see that nothing changed. */
export async function snapshot(dir: string): Promise<Record<string, string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const states = await Promise.all(
    files.map(async (path) => {
      const [content, { mode }] = await Promise.all([readFile(path), stat(path)]);
      return [
        path.slice(dir.length),
        `${(mode & 0o777).toString(8)} ${createHash('sha256').update(content).digest('hex')}`,
      ];
    }),
  );
  return Object.fromEntries(states.sort()) as Record<string, string>;
}

/** The code of the failure that a promise rejects with; `done` when it does not. */
export const codeOf = (doing: Promise<unknown>): Promise<string> =>
  doing.then(
    () => 'done',
    (error: { failure?: { code: string } }) => error.failure?.code ?? String(error),
  );
