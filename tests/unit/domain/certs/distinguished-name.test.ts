import { describe, expect, test } from 'vitest';

import { createAuthority, type SubjectSpec } from '../../../../src-main/domain/certs';
import { daysFromNow } from '../../../support/certs/pki';
import { subjects } from '../../../support/certs/subjects';

describe('subject text', () => {
  test.each(subjects)('$text', ({ subject, text, commonName }) => {
    const { certificate } = createAuthority({ subject, notBefore: daysFromNow(-1) });
    expect(certificate.subjectText).toBe(text);
    expect(certificate.issuerText).toBe(text);
    expect(certificate.lastCommonName).toBe(commonName);
  });

  const refused: readonly (readonly [string, SubjectSpec, string])[] = [
    ['an empty value', { commonName: '' }, 'certs.subject-empty'],
    ['an unknown attribute', [{ type: 'NAME', value: 'x' }], 'certs.subject-attribute'],
    ['a country beyond ASCII', { country: 'Ö' }, 'certs.subject-characters'],
    ['an e-mail address beyond ASCII', [{ type: 'emailAddress', value: 'ö@x' }], 'certs.subject-characters'],
  ];
  test.each(refused)('%s is refused when written', (_what, subject, code) => {
    expect(() => createAuthority({ subject })).toThrow(
      expect.objectContaining({ failure: expect.objectContaining({ code }) }),
    );
  });
});
