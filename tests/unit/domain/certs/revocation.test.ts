import { describe, expect, test } from 'vitest';

import { EXPIRED_CRL_WARNING, pairOf } from '../../../../src-main/domain/certs';
import type { Fidelity } from '../../../../src-main/domain/fidelity/fidelity';
import { resign, tlv } from '../../../support/certs/altered';
import { crlWith } from '../../../support/certs/altered-crl';
import {
  authority,
  client,
  daysFromNow,
  hardened,
  hardenedRecorded,
  judgeClient,
  list,
  now,
  recorded,
  server,
  judgeServer,
  vitess,
} from '../../../support/certs/pki';

const root = authority('Root CA');
const middle = authority('Middle CA', { issuer: root });
const leaf = client(root, 'leaf');
const below = client(middle, 'below');
const serial = leaf.certificate.serial;

const outcome = (verdict: ReturnType<typeof judgeClient>): string => (verdict.ok ? 'ok' : verdict.cause);

const current = { thisUpdate: daysFromNow(-1), nextUpdate: daysFromNow(1) };
const expired = { thisUpdate: daysFromNow(-9), nextUpdate: daysFromNow(-1) };

interface Row {
  readonly what: string;
  readonly judge: (fidelity: Fidelity) => ReturnType<typeof judgeClient>;
  /** Recorded, 24.0.4, hardened; hardened with the recorded version is like hardened unless named. */
  readonly outcomes: readonly [string, string, string];
}

const rows: readonly Row[] = [
  {
    what: 'not listed',
    judge: (fidelity) => judgeClient({ chain: [leaf], anchors: [root], crls: [list(root, ['01'])], fidelity }),
    outcomes: ['ok', 'ok', 'ok'],
  },
  {
    what: 'listed',
    judge: (fidelity) => judgeClient({ chain: [leaf], anchors: [root], crls: [list(root, [serial])], fidelity }),
    outcomes: ['revoked', 'revoked', 'revoked'],
  },
  {
    what: 'listed in an expired list',
    judge: (fidelity) =>
      judgeClient({ chain: [leaf], anchors: [root], crls: [list(root, [serial], expired)], fidelity }),
    outcomes: ['revoked', 'revoked', 'revoked'],
  },
  {
    what: 'not listed in an expired list',
    judge: (fidelity) => judgeClient({ chain: [leaf], anchors: [root], crls: [list(root, [], expired)], fidelity }),
    outcomes: ['ok', 'ok', 'crl-expired'],
  },
  {
    what: 'listed in an outdated list, released in a newer one',
    judge: (fidelity) =>
      judgeClient({
        chain: [leaf],
        anchors: [root],
        crls: [list(root, [serial], expired), list(root, [], current)],
        fidelity,
      }),
    outcomes: ['revoked', 'ok', 'ok'],
  },
  {
    what: 'listed in the newer of two lists, which comes first',
    judge: (fidelity) =>
      judgeClient({
        chain: [leaf],
        anchors: [root],
        crls: [list(root, [serial], current), list(root, [], expired)],
        fidelity,
      }),
    outcomes: ['revoked', 'revoked', 'revoked'],
  },
  {
    what: 'listed in the list with the higher number of one moment',
    judge: (fidelity) =>
      judgeClient({
        chain: [leaf],
        anchors: [root],
        crls: [list(root, [serial], { ...current, number: 7 }), list(root, [], { ...current, number: 6 })],
        fidelity,
      }),
    outcomes: ['revoked', 'revoked', 'revoked'],
  },
  {
    what: 'listed by a namesake with another key',
    judge: (fidelity) =>
      judgeClient({ chain: [leaf], anchors: [root], crls: [list(authority('Root CA'), [serial])], fidelity }),
    outcomes: ['ok', 'ok', 'crl-missing'],
  },
  {
    what: 'listed by another authority',
    judge: (fidelity) => judgeClient({ chain: [leaf], anchors: [root], crls: [list(middle, [serial])], fidelity }),
    outcomes: ['ok', 'ok', 'crl-missing'],
  },
  {
    what: 'a list whose signature does not hold',
    judge: (fidelity) => judgeClient({ chain: [leaf], anchors: [root], crls: [forged()], fidelity }),
    outcomes: ['ok', 'ok', 'crl-missing'],
  },
  {
    what: 'listed in a list of changes only',
    judge: (fidelity) => judgeClient({ chain: [leaf], anchors: [root], crls: [delta([serial])], fidelity }),
    outcomes: ['revoked', 'ok', 'crl-missing'],
  },
  {
    what: 'an anchor revoked by a namesake of its authority',
    judge: (fidelity) => {
      const namesake = authority('Root CA');
      const crls = [list(namesake, [middle.certificate.serial]), list(middle, [])];
      return judgeClient({ chain: [below], anchors: [middle, namesake], crls, fidelity });
    },
    outcomes: ['ok', 'ok', 'ok'],
  },
  {
    what: 'the intermediate has no list',
    judge: (fidelity) => judgeClient({ chain: [below, middle], anchors: [root], crls: [list(root, [])], fidelity }),
    outcomes: ['ok', 'ok', 'crl-missing'],
  },
  {
    what: 'both have a list',
    judge: (fidelity) =>
      judgeClient({ chain: [below, middle], anchors: [root], crls: [list(root, []), list(middle, [])], fidelity }),
    outcomes: ['ok', 'ok', 'ok'],
  },
  {
    what: 'the intermediate is revoked',
    judge: (fidelity) =>
      judgeClient({
        chain: [below, middle],
        anchors: [root],
        crls: [list(root, [middle.certificate.serial]), list(middle, [])],
        fidelity,
      }),
    outcomes: ['revoked', 'revoked', 'revoked'],
  },
  {
    what: 'the revoked intermediate is itself an anchor, its root is not',
    judge: (fidelity) =>
      judgeClient({
        chain: [below],
        anchors: [middle],
        crls: [list(root, [middle.certificate.serial]), list(middle, [])],
        fidelity,
      }),
    outcomes: ['ok', 'ok', 'ok'],
  },
  {
    what: 'the revoked intermediate is an anchor beside its root',
    judge: (fidelity) =>
      judgeClient({
        chain: [below],
        anchors: [middle, root],
        crls: [list(root, [middle.certificate.serial]), list(middle, [])],
        fidelity,
      }),
    outcomes: ['ok', 'revoked', 'revoked'],
  },
  {
    what: 'a root that lists itself',
    judge: (fidelity) =>
      judgeClient({ chain: [leaf], anchors: [root], crls: [list(root, [root.certificate.serial])], fidelity }),
    outcomes: ['ok', 'ok', 'ok'],
  },
  { what: 'one of two paths is revoked', judge: twoPaths, outcomes: ['revoked', 'ok', 'ok'] },
  {
    what: 'no list at all',
    judge: (fidelity) => judgeClient({ chain: [leaf], anchors: [root], fidelity }),
    outcomes: ['ok', 'ok', 'ok'],
  },
  {
    what: 'a pinned leaf is never looked up',
    judge: (fidelity) => judgeClient({ chain: [leaf], anchors: [leaf], crls: [list(root, [serial])], fidelity }),
    outcomes: ['ok', 'ok', 'ok'],
  },
  {
    what: 'a server is looked up like a client',
    judge: (fidelity) => {
      const gate = server(root, ['gate.example']);
      return judgeServer({
        chain: [gate],
        anchors: [root],
        crls: [list(root, [gate.certificate.serial])],
        name: 'gate.example',
        fidelity,
      });
    },
    outcomes: ['revoked', 'revoked', 'revoked'],
  },
];

describe('revocation', () => {
  test.each(rows)('$what: $outcomes', ({ judge, outcomes }) => {
    expect([recorded, vitess, hardened].map((fidelity) => outcome(judge(fidelity)))).toEqual(outcomes);
  });

  test('hardened mode with the recorded version has its own rules on top of the recorded ones', () => {
    const outdated = [list(root, [serial], expired), list(root, [], current)];
    expect(outcome(judgeClient({ chain: [leaf], anchors: [root], crls: outdated, fidelity: hardenedRecorded }))).toBe(
      'revoked',
    );
    expect(
      outcome(
        judgeClient({ chain: [leaf], anchors: [root], crls: [list(root, [], expired)], fidelity: hardenedRecorded }),
      ),
    ).toBe('crl-expired');
    expect(
      outcome(
        judgeClient({ chain: [below, middle], anchors: [root], crls: [list(root, [])], fidelity: hardenedRecorded }),
      ),
    ).toBe('crl-missing');
  });

  test("an expired list warns in Vitess's words", () => {
    for (const fidelity of [recorded, vitess]) {
      const verdict = judgeClient({ chain: [leaf], anchors: [root], crls: [list(root, [], expired)], fidelity });
      expect(verdict).toMatchObject({ ok: true, warnings: [EXPIRED_CRL_WARNING] });
      expect(judgeClient({ chain: [leaf], anchors: [root], crls: [list(root, [])], fidelity })).toMatchObject({
        warnings: [],
      });
    }
  });

  test('the last moment of a list', () => {
    const crls = [list(root, [], { thisUpdate: daysFromNow(-1), nextUpdate: now })];
    expect(outcome(judgeClient({ chain: [leaf], anchors: [root], crls, fidelity: hardened }))).toBe('crl-expired');
    expect(
      outcome(
        judgeClient({ chain: [leaf], anchors: [root], crls, fidelity: hardened, now: new Date(now.getTime() - 1) }),
      ),
    ).toBe('ok');
  });

  test('the refusal says since when and why, and has the words of Vitess', () => {
    const crls = [list(root, [{ serial, date: daysFromNow(-3), reason: 'keyCompromise' }])];
    const verdict = judgeClient({ chain: [leaf], anchors: [root], crls });
    expect(verdict).toMatchObject({
      ok: false,
      stage: 'revocation',
      vitessText: 'Certificate revoked: CommonName=leaf',
    });
    expect(verdict.ok ? '' : verdict.message).toContain('was revoked at 2026-05-29T12:00:00Z (keyCompromise)');
  });

  test('24.0.4 gives the clean paths only', () => {
    const verdict = twoPaths(vitess);
    expect(verdict.ok && verdict.paths.map((path) => path.map(({ issuerText }) => issuerText))).toEqual([
      ['CN=Middle CA', 'CN=Other Root', 'CN=Other Root'],
    ]);
  });
});

/** Two authorities have certified the same intermediate; one of them has taken that back. */
function twoPaths(fidelity: Fidelity): ReturnType<typeof judgeClient> {
  const other = authority('Other Root');
  const crossed = authority('Middle CA', { issuer: other, key: pairOf(middle.privateKey) });
  const crls = [list(root, [middle.certificate.serial]), list(other, []), list(middle, [])];
  return judgeClient({ chain: [below, middle, crossed], anchors: [root, other], crls, fidelity });
}

function forged(): ReturnType<typeof list> {
  const honest = list(root, [serial]);
  const signed = resign({ der: leaf.der }, root);
  const crl = { ...honest.crl, signature: signed.certificate.signature, fingerprint: signed.certificate.fingerprint };
  return { ...honest, crl };
}

function delta(serials: readonly string[]): ReturnType<typeof list> {
  return crlWith(list(root, serials), {
    extension: { oid: '2.5.29.27', critical: true, value: tlv(0x02, '\x01') },
    issuer: root,
  });
}
