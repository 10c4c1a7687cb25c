import type { SubjectSpec } from '../../../src-main/domain/certs';

/** Texts as Go's pkix.Name.String() prints them; tests/unit/domain/certs/agreement-go.test.ts asks Go itself. */
export const subjects: readonly {
  readonly subject: SubjectSpec;
  readonly text: string;
  readonly commonName: string;
}[] = [
  { subject: { commonName: 'client1' }, text: 'CN=client1', commonName: 'client1' },
  { subject: {}, text: '', commonName: '' },
  {
    subject: { organization: 'Acme', organizationalUnit: 'Data', commonName: 'client3' },
    text: 'CN=client3,OU=Data,O=Acme',
    commonName: 'client3',
  },
  { subject: { commonName: ['first', 'second'] }, text: 'CN=second', commonName: 'second' },
  {
    subject: {
      country: 'CH',
      state: 'Bern',
      locality: 'Thun',
      streetAddress: 'Hauptgasse 1',
      postalCode: '3600',
      organization: 'O',
      organizationalUnit: 'U',
      commonName: 'c',
      serialNumber: '7',
    },
    text: 'SERIALNUMBER=7,CN=c,OU=U,O=O,POSTALCODE=3600,STREET=Hauptgasse 1,L=Thun,ST=Bern,C=CH',
    commonName: 'c',
  },
  { subject: { organization: ['A', 'B'], commonName: 'x' }, text: 'CN=x,O=A+O=B', commonName: 'x' },
  { subject: { commonName: 'x,O=Acme' }, text: 'CN=x\\,O=Acme', commonName: 'x,O=Acme' },
  { subject: { commonName: '+"\\<>;=' }, text: 'CN=\\+\\"\\\\\\<\\>\\;=', commonName: '+"\\<>;=' },
  { subject: { commonName: ' a b ' }, text: 'CN=\\ a b\\ ', commonName: ' a b ' },
  { subject: { commonName: '#a#' }, text: 'CN=\\#a#', commonName: '#a#' },
  { subject: { commonName: ' ' }, text: 'CN=\\ ', commonName: ' ' },
  { subject: { commonName: 'Zoë Ünal 🔑' }, text: 'CN=Zoë Ünal 🔑', commonName: 'Zoë Ünal 🔑' },
  { subject: { commonName: 'a:b' }, text: 'CN=a:b', commonName: 'a:b' },
  {
    subject: [
      { type: 'DC', value: 'example' },
      { type: 'CN', value: 'x' },
    ],
    text: 'CN=x,0.9.2342.19200300.100.1.25=#13076578616d706c65',
    commonName: 'x',
  },
  {
    subject: [
      { type: 'emailAddress', value: 'a@b' },
      { type: 'UID', value: 'u' },
    ],
    text: '0.9.2342.19200300.100.1.1=#130175,1.2.840.113549.1.9.1=#0c03614062',
    commonName: '',
  },
  {
    subject: [
      [
        { type: 'CN', value: 'multi' },
        { type: 'O', value: 'Acme' },
      ],
      { type: 'C', value: 'CH' },
    ],
    text: 'CN=multi,O=Acme,C=CH',
    commonName: 'multi',
  },
  {
    subject: [
      { type: 'CN', value: 'x' },
      { type: '2.5.4.4', value: 'Sûr' },
    ],
    text: 'CN=x,2.5.4.4=#0c0453c3bb72',
    commonName: 'x',
  },
];
