import { readFileSync } from 'node:fs';
import type { CertifiedName } from '../../../src-main/domain/identity';

/** Reads one recording of real Vitess. */
export const readRecording = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../recorded/${name}`, import.meta.url), 'utf8')) as T;

export interface RecordedCaller {
  readonly username: string;
  readonly groups: readonly string[];
}

/** A login of users-files.json: what was tried and how real vtgate answered. */
export interface RecordedLogin {
  readonly user: string;
  readonly password: string;
  readonly transport: 'tcp' | 'socket';
  readonly result: 'ok' | 'error' | 'closed';
  readonly selectUser?: string;
  readonly immediate?: RecordedCaller;
  readonly errno?: number;
  readonly sqlstate?: string;
  readonly message?: string;
}

/**
 * Last CN, DNS SANs and the subjects of all presented certificates (as Go's pkix.Name.String() writes them) of each
 * certificate, from the recordings' own description of them.
 */
export const certificates: Readonly<Record<string, CertifiedName & { readonly subjects: readonly string[] }>> = {
  good: { commonName: 'client1', dnsNames: [], subjects: ['CN=client1'] },
  groups: { commonName: 'client2', dnsNames: ['dev', 'ops'], subjects: ['CN=client2'] },
  'cn-alice': { commonName: 'alice', dnsNames: ['dev'], subjects: ['CN=alice'] },
  subject: { commonName: 'client3', dnsNames: [], subjects: ['CN=client3,OU=Data,O=Acme'] },
  client10: { commonName: 'client10', dnsNames: [], subjects: ['CN=client10'] },
  'o-client1': { commonName: 'stranger', dnsNames: [], subjects: ['CN=stranger,O=client1'] },
  'two-cn': { commonName: 'second', dnsNames: [], subjects: ['CN=second'] },
  'no-cn': { commonName: '', dnsNames: ['dev'], subjects: ['O=Acme'] },
  'empty-subject': { commonName: '', dnsNames: ['dev'], subjects: [''] },
  unicode: { commonName: 'Zoë Ünal', dnsNames: [], subjects: ['CN=Zoë Ünal'] },
  spaces: { commonName: 'vtgate client 1', dnsNames: ['localhost'], subjects: ['CN=vtgate client 1'] },
  vttlstest: {
    commonName: 'vtgate client 1',
    dnsNames: ['localhost', 'vtgate client 1'],
    subjects: ['CN=vtgate client 1'],
  },
  'san-other': { commonName: 'client4', dnsNames: [], subjects: ['CN=client4'] },
  'san-mixed': { commonName: 'client5', dnsNames: ['dev', '*.example.org', 'dev'], subjects: ['CN=client5'] },
  colon: { commonName: 'a:b', dnsNames: [], subjects: ['CN=a:b'] },
  comma: { commonName: 'x,O=Acme', dnsNames: [], subjects: ['CN=x\\,O=Acme'] },
  upper: { commonName: 'CLIENT1', dnsNames: [], subjects: ['CN=CLIENT1'] },
  'both-eku': { commonName: 'client6', dnsNames: [], subjects: ['CN=client6'] },
  'any-eku': { commonName: 'client7', dnsNames: [], subjects: ['CN=client7'] },
  'no-eku': { commonName: 'client8', dnsNames: [], subjects: ['CN=client8'] },
  'no-usage': { commonName: 'client11', dnsNames: [], subjects: ['CN=client11'] },
  'wrong-usage': { commonName: 'client12', dnsNames: [], subjects: ['CN=client12'] },
  revoked: { commonName: 'client15', dnsNames: [], subjects: ['CN=client15'] },
  below: { commonName: 'client16', dnsNames: ['dev'], subjects: ['CN=client16'] },
  'below-chain': { commonName: 'client16', dnsNames: ['dev'], subjects: ['CN=client16', 'CN=Client Intermediate CA'] },
  'below-revoked-chain': {
    commonName: 'client17',
    dnsNames: [],
    subjects: ['CN=client17', 'CN=Client Intermediate CA'],
  },
  'good-plus-other': { commonName: 'client1', dnsNames: [], subjects: ['CN=client1', 'CN=client1'] },
  'ca-itself': { commonName: 'Client CA', dnsNames: [], subjects: ['CN=Client CA'] },
};
