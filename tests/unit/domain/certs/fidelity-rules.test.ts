import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import {
  checkCrlConfiguration,
  type IssuedCrl,
  type KeyPair,
  pairOf,
  type PeerVerdict,
} from '../../../../src-main/domain/certs';
import { certRules } from '../../../../src-main/domain/fidelity/rules/certs';
import { certificateWith, oidTlv, resign, tlv } from '../../../support/certs/altered';
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
  vitess,
} from '../../../support/certs/pki';

const root = authority('Root CA');
const leaf = client(root, 'leaf');
const expired = { thisUpdate: daysFromNow(-9), nextUpdate: daysFromNow(-1) };

const passes = (verdict: PeerVerdict): boolean => verdict.ok;
const starts = (fidelity: typeof vitess): boolean =>
  checkCrlConfiguration({
    crlText: list(authority('Foreign'), []).pem,
    anchors: [root.certificate],
    hasCertAndKey: true,
    now,
    fidelity,
  }).failure === null;

/** For each rule: what passes under [24.0-recorded, 24.0.4, hardened with 24.0-recorded, hardened with 24.0.4]. */
const shown: Readonly<
  Record<string, { readonly outcomes: readonly boolean[]; readonly ask: (fidelity: typeof vitess) => boolean }>
> = {
  'certs-weak-key-refused': {
    outcomes: [true, true, false, false],
    ask: (fidelity) => {
      const key = (generateKeyPairSync as unknown as (type: string, options: object) => KeyPair)('rsa', {
        modulusLength: 1024,
      });
      return passes(judgeClient({ chain: [client(root, 'weak', { key })], anchors: [root], fidelity }));
    },
  },
  'certs-unread-name-constraint-refused': {
    outcomes: [true, true, false, false],
    ask: (fidelity) => {
      const value = tlv(
        0x30,
        tlv(0xa0, tlv(0x30, tlv(0xa4, tlv(0x30, tlv(0x31, tlv(0x30, oidTlv('2.5.4.10'), tlv(0x0c, 'Acme'))))))),
      );
      const anchor = resign(certificateWith(root, { extension: { oid: '2.5.29.30', critical: false, value } }), root);
      return passes(judgeClient({ chain: [leaf], anchors: [anchor], fidelity }));
    },
  },
  'certs-crl-expired-refused': {
    outcomes: [true, true, false, false],
    ask: (fidelity) =>
      passes(judgeClient({ chain: [leaf], anchors: [root], crls: [list(root, [], expired)], fidelity })),
  },
  'certs-crl-missing-refused': {
    outcomes: [true, true, false, false],
    ask: (fidelity) => {
      const middle = authority('Middle', { issuer: root });
      return passes(
        judgeClient({ chain: [client(middle, 'x'), middle], anchors: [root], crls: [list(root, [])], fidelity }),
      );
    },
  },
  'certs-crl-configuration-checked': { outcomes: [true, false, false, false], ask: starts },
  'certs-crl-fail-closed': { outcomes: [true, false, false, false], ask: starts },
  'certs-crl-one-clean-path': {
    outcomes: [false, true, false, true],
    ask: (fidelity) => {
      const middle = authority('Middle', { issuer: root });
      const other = authority('Other');
      const crossed = authority('Middle', { issuer: other, key: pairOf(middle.privateKey) });
      const crls: readonly IssuedCrl[] = [list(root, [middle.certificate.serial]), list(other, []), list(middle, [])];
      return passes(
        judgeClient({ chain: [client(middle, 'x'), middle, crossed], anchors: [root, other], crls, fidelity }),
      );
    },
  },
  'certs-crl-newest-only': {
    outcomes: [false, true, false, true],
    ask: (fidelity) =>
      passes(
        judgeClient({
          chain: [leaf],
          anchors: [root],
          crls: [list(root, [leaf.certificate.serial], expired), list(root, [])],
          fidelity,
        }),
      ),
  },
  'certs-crl-revoked-anchor': {
    outcomes: [true, false, true, false],
    ask: (fidelity) => {
      const middle = authority('Middle', { issuer: root });
      const crls = [list(root, [middle.certificate.serial]), list(middle, [])];
      return passes(judgeClient({ chain: [client(middle, 'x')], anchors: [root, middle], crls, fidelity }));
    },
  },
};

describe('rules on which the judgement of certificates parts', () => {
  const behavioural = certRules.filter(({ id }) => id.startsWith('certs-'));

  test('every rule is shown here, and nothing else', () => {
    expect(Object.keys(shown).sort()).toEqual(behavioural.map(({ id }) => id).sort());
    for (const { test: path } of certRules)
      expect(existsSync(fileURLToPath(new URL(`../../../../${path}`, import.meta.url)))).toBe(true);
  });

  test.each(behavioural)('$id', ({ id }) => {
    const rule = shown[id];
    expect([recorded, vitess, hardenedRecorded, hardened].map((fidelity) => rule?.ask(fidelity))).toEqual(
      rule?.outcomes,
    );
  });

  test('tls-alert-not-sendable: every refusal names the alert that Vitess sends', () => {
    const verdict = judgeClient({ chain: [client(authority('Foreign'), 'x')], anchors: [root] });
    expect(verdict).toMatchObject({ ok: false, alert: 'unknown_ca' });
  });
});
