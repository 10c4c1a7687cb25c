import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import {
  createAuthority,
  issueCertificate,
  readCertificate,
  speaksFor,
  Verifier,
  type ParsedCertificate,
  type SubjectSpec,
} from '../../../../src-main/domain/certs';
import { haveCommand, runForeign, temporaryDirectory } from '../../../support/certs/foreign-tools';
import { authority, client, daysFromNow, now, server, vitess } from '../../../support/certs/pki';
import { randomFrom, randomGroup } from '../../../support/certs/random-chains';
import { subjects } from '../../../support/certs/subjects';

interface Question {
  readonly chain: readonly Buffer[];
  readonly anchors: readonly Buffer[];
  readonly purpose: 'client' | 'server';
  readonly name?: string;
}

interface Answer {
  readonly ok: boolean;
  readonly alert: string;
  readonly text: string;
  readonly paths: number;
  readonly subjects: readonly string[] | null;
  readonly name: string;
  readonly dns: readonly string[] | null;
  readonly serial: string;
}

const directory = temporaryDirectory();
const haveGo = haveCommand('go', "agreement with Go's crypto/x509");
const program = join(directory.path, 'go-verify');

function build(): boolean {
  if (!haveGo) return false;
  const source = fileURLToPath(new URL('../../../support/go-verify/main.go', import.meta.url));
  const { code, text } = runForeign('go', ['build', '-o', program, source]);
  if (code !== 0) console.log(`not run: agreement with Go's crypto/x509, because the program does not build: ${text}`);
  return code === 0;
}

function askGo(questions: readonly Question[]): readonly Answer[] {
  const text = (bytes: readonly Buffer[]): readonly string[] => bytes.map((one) => one.toString('base64'));
  const input = questions
    .map((question) =>
      JSON.stringify({
        ...question,
        chain: text(question.chain),
        anchors: text(question.anchors),
        now: now.toISOString(),
      }),
    )
    .join('\n');
  const result = spawnSync(program, [], { input: `${input}\n`, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status !== 0) throw new Error(result.stderr);
  return result.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}

const parsed = (der: Buffer): ParsedCertificate => {
  const reading = readCertificate(der);
  if (!reading.ok) throw new Error(reading.failure.detail);
  return reading.value;
};

function askOurs(question: Question): ReturnType<Verifier['verifyPeer']> {
  const base = { chain: question.chain, anchors: question.anchors.map(parsed), now, fidelity: vitess };
  return new Verifier().verifyPeer(
    question.purpose === 'client'
      ? { ...base, purpose: 'client' }
      : { ...base, purpose: 'server', name: question.name ?? null },
  );
}

describe.runIf(build())("agreement with Go's crypto/x509", () => {
  test('random chains: verdict, alert, number of paths, identity and words', () => {
    const questions: (Question & { readonly what: string })[] = [];
    for (const purpose of ['client', 'server'] as const) {
      const random = randomFrom(Number(process.env['CHAIN_SEED'] ?? 21));
      for (let number = 0; number < Number(process.env['CHAIN_GROUPS'] ?? 40); number += 1) {
        const group = randomGroup(number, purpose, 8, random);
        for (const leaf of group.leaves) {
          questions.push({
            what: `${purpose}, group ${number} (${group.spoil}), leaf (${leaf.spoil})`,
            chain: [leaf.der, ...group.intermediates.map(({ der }) => der)],
            anchors: group.anchors.map(({ der }) => der),
            purpose,
          });
        }
      }
    }
    const answers = askGo(questions);
    expect(answers).toHaveLength(questions.length);
    const differences: unknown[] = [];
    const alerts = new Map<string, number>();
    for (const [index, question] of questions.entries()) {
      const theirs = answers[index] as Answer;
      const ours = askOurs(question);
      alerts.set(theirs.alert, (alerts.get(theirs.alert) ?? 0) + 1);
      const mine = ours.ok
        ? {
            ok: true,
            alert: '',
            paths: ours.paths.length,
            subjects: ours.peer.subjects,
            name: ours.peer.commonName,
            dns: ours.peer.dnsNames,
            serial: ours.peer.serial,
          }
        : { ok: false, alert: ours.alert };
      const wanted = theirs.ok
        ? {
            ok: true,
            alert: '',
            paths: theirs.paths,
            subjects: theirs.subjects,
            name: theirs.name,
            dns: theirs.dns ?? [],
            serial: theirs.serial,
          }
        : { ok: false, alert: theirs.alert };
      const words = ours.ok || sameWords(ours.vitessText, theirs.text);
      if (JSON.stringify(mine) !== JSON.stringify(wanted) || !words)
        differences.push({
          what: question.what,
          mine,
          wanted,
          ours: ours.ok ? '' : `${ours.cause}: ${ours.vitessText}`,
          theirs: theirs.text,
        });
    }
    expect(differences.slice(0, 10)).toEqual([]);
    for (const alert of ['', 'unknown_ca', 'certificate_expired', 'bad_certificate'])
      expect(alerts.get(alert) ?? 0).toBeGreaterThan(10);
  }, 120_000);

  test('subject texts', () => {
    const random = randomFrom(5);
    const types = [
      'CN',
      'O',
      'OU',
      'C',
      'L',
      'ST',
      'STREET',
      'POSTALCODE',
      'SERIALNUMBER',
      'DC',
      'UID',
      'emailAddress',
      '2.5.4.4',
      '1.2.3.4.5',
    ];
    const alphabet = [...'ab,+"\\<>;#= =:*&é🔑1'];
    const ascii = new Set(['C', 'SERIALNUMBER', 'DC', 'emailAddress']);
    const made: SubjectSpec[] = subjects.map(({ subject }) => subject);
    for (let index = 0; index < 400; index += 1) {
      made.push(
        Array.from({ length: 1 + Math.floor(random() * 6) }, () => {
          const type = types[Math.floor(random() * types.length)] as string;
          const letters = ascii.has(type) ? ['a', 'b', ' ', '+', '='] : alphabet;
          return {
            type,
            value: Array.from(
              { length: 1 + Math.floor(random() * 5) },
              () => letters[Math.floor(random() * letters.length)] as string,
            ).join(''),
          };
        }),
      );
    }
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const certificates = made.map((subject) => createAuthority({ subject, key, notBefore: daysFromNow(-1) }));
    const answers = askGo(
      certificates.map(({ der }) => ({ chain: [der], anchors: [der], purpose: 'client' as const })),
    );
    for (const [index, { certificate }] of certificates.entries()) {
      expect([certificate.subjectText, certificate.lastCommonName]).toEqual([
        answers[index]?.subjects?.[0],
        answers[index]?.name,
      ]);
    }
  });

  test('server names', () => {
    const root = authority('Root');
    const sans = [
      'gate.example',
      '*.apps.example',
      'x.*.example',
      'a*.example',
      'vttablet server instance',
      '*',
      '*.',
      '.',
      'under_score.example',
      '-dash.example',
      'trailing.example.',
      '127.0.0.1',
      'UPPER.example',
      'a..b',
      '* x',
    ];
    const names = [
      ...sans,
      'x.apps.example',
      'y.x.apps.example',
      'apps.example',
      'GATE.example',
      'gate.example.',
      'x.y.example',
      'ab.example',
      'vttablet Server instance',
      'vttablet',
      'upper.example',
      '127.0.0.2',
      '::1',
      '[::1]',
      '0:0:0:0:0:0:0:1',
      '::ffff:127.0.0.1',
      '127.0.0.01',
      '1.2.3',
      'localhost',
      ' gate.example',
      'gate.example ',
      'a b',
      '..',
      'a.',
      '2130706433',
      'fe80::1%eth0',
      '::',
      '1::2::3',
      '::ffff:1.2.3.4',
      '1:2:3:4:5:6:7:8',
      '1:2:3:4:5:6:7::',
      'trailing.example',
    ];
    const leaves = [
      ...sans.map((san) => server(root, [san])),
      server(root, [], { ipAddresses: ['127.0.0.1', '::1', '1.2.3.4', '1:2:3:4:5:6:7:8'] }),
      server(root, sans),
    ];
    const questions = leaves.flatMap((leaf) =>
      names.map((name) => ({ chain: [leaf.der], anchors: [root.der], purpose: 'server' as const, name })),
    );
    const answers = askGo(questions);
    const differences = questions.flatMap((question, index) => {
      const certificate = parsed(question.chain[0] as Buffer);
      const ours = speaksFor(certificate, question.name);
      return ours === answers[index]?.ok
        ? []
        : [
            {
              name: question.name,
              sans: [...certificate.dnsNames, ...certificate.ipAddresses],
              ours,
              theirs: answers[index]?.text,
            },
          ];
    });
    expect(differences.slice(0, 10)).toEqual([]);
    expect(answers.filter(({ ok }) => ok).length).toBeGreaterThan(40);
  });

  test('mutated certificates: nothing is read here that Go refuses to read', () => {
    const root = authority('Root', {
      nameConstraints: {
        permitted: { dns: ['example.org'], ip: ['10.0.0.0/8'], email: ['example.org'], uri: ['example.org'] },
      },
    });
    const sources = [
      root,
      client(root, 'anna', {
        dnsNames: ['dev.example.org'],
        ipAddresses: ['10.0.0.1', '::1'],
        uris: ['https://x.example.org/'],
        emails: ['a@example.org'],
        crlDistributionPoint: 'http://x/',
      }),
      issueCertificate({
        issuer: authority('RSA', { key: 'rsa-2048' }),
        key: 'rsa-2048',
        subject: { country: 'CH', commonName: 'x' },
      }),
      client(root, 'ed', { key: 'ed25519' }),
    ];
    const random = randomFrom(3);
    const mutants: Buffer[] = [];
    for (let index = 0; index < 4000; index += 1) {
      const der = Buffer.from((sources[index % sources.length] as { readonly der: Buffer }).der);
      for (let changes = 1 + Math.floor(random() * 2); changes > 0; changes -= 1)
        der[Math.floor(random() * der.length)] = Math.floor(random() * 256);
      mutants.push(der);
    }
    const answers = askGo(mutants.map((der) => ({ chain: [der], anchors: [], purpose: 'client' as const })));
    let read = 0;
    let stricter = 0;
    const lax: string[] = [];
    for (const [index, der] of mutants.entries()) {
      const ours = readCertificate(der);
      const theirs = answers[index] as Answer;
      const theyRead = theirs.alert !== 'decode_error';
      if (ours.ok) read += 1;
      if (!ours.ok && theyRead) stricter += 1;
      if (ours.ok && !theyRead) lax.push(`${theirs.text} (mutant ${index})`);
      if (ours.ok && theyRead)
        expect([ours.value.subjectText, ours.value.serial, ours.value.dnsNames]).toEqual([
          theirs.subjects?.[0],
          theirs.serial,
          theirs.dns ?? [],
        ]);
    }
    expect(lax.slice(0, 20)).toEqual([]);
    expect(read).toBeGreaterThan(1000);
    console.log(`of ${mutants.length} mutants ${read} are read by both and ${stricter} by Go alone`);
  }, 60_000);
});

/** The hint about a candidate depends on which one was met first; times have the same form. */
function sameWords(ours: string, theirs: string): boolean {
  const core = (text: string): string =>
    text
      .replace(/ \(possibly because of .*$/s, '')
      .replace(/(not authorized to sign for this name): .*$/s, '$1')
      .replace(/\+00:00/g, 'Z');
  return core(ours) === core(theirs);
}
