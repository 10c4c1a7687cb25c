import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { pemBlock, readCertificate, Verifier, type ParsedCertificate } from '../../../../src-main/domain/certs';
import { haveCommand, runForeign, temporaryDirectory } from '../../../support/certs/foreign-tools';
import { hardened, now } from '../../../support/certs/pki';
import { type ChainGroup, randomFrom, randomGroup } from '../../../support/certs/random-chains';

const directory = temporaryDirectory();
const GROUPS = Number(process.env['CHAIN_GROUPS'] ?? 40);
const LEAVES = 8;

const parsed = (der: Buffer): ParsedCertificate => {
  const reading = readCertificate(der);
  if (!reading.ok) throw new Error(reading.failure.detail);
  return reading.value;
};

/**
 * Where OpenSSL is known to differ from Go, whose rules verifyPeer follows. Each entry says who is stricter.
 */
const known: readonly {
  readonly what: string;
  readonly applies: (group: ChainGroup, leaf: ChainGroup['leaves'][number]) => boolean;
}[] = [
  { what: 'OpenSSL does not take the purpose any for TLS', applies: (_group, leaf) => leaf.spoil === 'any purpose' },
  {
    what: 'Go refuses names with spaces below name constraints, OpenSSL compares them',
    applies: (group, leaf) => group.spoil.includes('names') && leaf.spoil === 'name with spaces',
  },
];

describe.runIf(haveCommand('openssl', 'agreement with openssl verify'))('agreement with openssl verify', () => {
  test.each(['client', 'server'] as const)(
    `${GROUPS * LEAVES} random chains as %s`,
    (purpose) => {
      const seed = Number(process.env['CHAIN_SEED'] ?? (purpose === 'client' ? 7 : 8));
      const random = randomFrom(seed);
      const verifier = new Verifier();
      const differences: string[] = [];
      let accepted = 0;
      let refused = 0;
      for (let number = 0; number < GROUPS; number += 1) {
        const group = randomGroup(number, purpose, LEAVES, random);
        const folder = join(directory.path, `${purpose}-${number}`);
        mkdirSync(folder);
        const write = (name: string, ders: readonly { readonly der: Buffer }[]): string => {
          const file = join(folder, name);
          writeFileSync(file, ders.map(({ der }) => pemBlock('CERTIFICATE', der)).join(''));
          return file;
        };
        const untrusted =
          group.intermediates.length === 0 ? [] : ['-untrusted', write('untrusted.pem', group.intermediates)];
        const files = group.leaves.map((leaf, index) => write(`${index}.pem`, [leaf]));
        const common = [
          'verify',
          '-partial_chain',
          '-no-CApath',
          '-no-CAstore',
          '-auth_level',
          '2',
          '-attime',
          String(now.getTime() / 1000),
          '-purpose',
          `ssl${purpose}`,
          '-CAfile',
          write('anchors.pem', group.anchors),
        ];
        const { text } = runForeign('openssl', [...common, ...untrusted, ...files]);
        const anchors = group.anchors.map(({ der }) => parsed(der));
        for (const [index, leaf] of group.leaves.entries()) {
          const base = {
            chain: [leaf.der, ...group.intermediates.map(({ der }) => der)],
            anchors,
            now,
            fidelity: hardened,
          };
          const verdict = verifier.verifyPeer(
            purpose === 'client' ? { ...base, purpose } : { ...base, purpose, name: null },
          );
          const theirs = text.includes(`${files[index] ?? ''}: OK`);
          if (verdict.ok) accepted += 1;
          else refused += 1;
          if (verdict.ok !== theirs && !known.some(({ applies }) => applies(group, leaf))) {
            differences.push(
              `seed ${seed}, group ${number} (${group.spoil}), leaf ${index} (${leaf.spoil}): ${verdict.ok ? 'ok' : verdict.cause}, OpenSSL ${theirs ? 'ok' : 'refuses'}`,
            );
          }
        }
      }
      expect(differences.slice(0, 25)).toEqual([]);
      expect(accepted).toBeGreaterThan(GROUPS);
      expect(refused).toBeGreaterThan(GROUPS);
    },
    120_000,
  );
});
