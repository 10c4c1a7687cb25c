import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type {
  CertificateAdvice,
  CertificateCheck,
  CertificateImportReport,
  CertificateRow,
  CertificatesDone,
  CertificatesPart,
} from '../../../src-main/contract';
import { PageFailure } from '../../../src-renderer/bridge/failure';
import { certificates as text } from '../../../src-renderer/text/certificates';
import { documentPart, pageOf } from '../support/page';
import CertificatesSample from './CertificatesSample.svelte';
import { cpuTime } from '../../support/cpu-time';

type Page = Awaited<ReturnType<typeof pageOf>>;
let page: Page | null = null;
afterEach(() => {
  page?.end();
  page = null;
  history.replaceState(null, '');
});

const row = (id: string, more: Partial<CertificateRow> = {}): CertificateRow => ({
  ...{ id, file: id, parent: null, connected: true, name: id, role: 'caller', status: 'valid', statusNote: null },
  ...{ statusDate: '2027-05-03T00:00:00Z', daysLeft: 300, faulty: null, key: 'clear' },
  keyFile: id.replace('-cert', '-key'),
  ...{ uses: [], trustedBy: [], signs: { authorities: 0, certificates: 0 }, caller: null },
  ...{ subject: `CN=${id}`, issuer: 'CA', serial: '40b48c5a98dcf528d374811bcc578cda', names: [] },
  purposes: { client: true, server: false, authority: false },
  ...{ keyText: 'ECDSA P-256', notBefore: '2026-05-03T00:00:00Z', notAfter: '2027-05-03T00:00:00Z' },
  ...{ chain: [id], checks: [], findings: [], renewable: true, revocable: true, canSign: false, authority: null },
  ...more,
});
const ca = (id: string, name: string, more: Partial<CertificateRow> = {}): CertificateRow =>
  row(`pki/${id}/ca-cert.pem`, {
    ...{ name, role: 'authority', authority: id, canSign: true },
    purposes: { client: false, server: false, authority: true },
    chain: [`pki/${id}/ca-cert.pem`],
    ...more,
  });
const root = ca('root', 'root', { role: 'root', revocable: false, signs: { authorities: 2, certificates: 0 } });
const callersCa = ca('callers', 'callers CA', {
  parent: root.id,
  chain: ['pki/callers/ca-cert.pem', root.id],
  trustedBy: [{ kind: 'gateway', names: ['main'] }],
});
const gatewaysCa = ca('gateways', 'gateways CA', {
  parent: root.id,
  chain: ['pki/gateways/ca-cert.pem', root.id],
  trustedBy: [{ kind: 'client', names: [] }],
});
const caller = (name: string, more: Partial<CertificateRow> = {}): CertificateRow => {
  const id = `pki/callers/${name}-cert.pem`;
  return row(id, {
    ...{ name, parent: callersCa.id, issuer: 'callers CA', chain: [id, callersCa.id, root.id] },
    caller: { name, groups: ['localhost', name], gateways: ['main'] },
    checks: ['client'],
    ...more,
  });
};
const main = row('pki/gateways/main-cert.pem', {
  ...{ name: 'main.internal', role: 'gateway-server', parent: gatewaysCa.id, issuer: 'gateways CA' },
  chain: ['pki/gateways/main-cert.pem', gatewaysCa.id, root.id],
  uses: [{ kind: 'gateway', names: ['main'] }],
  purposes: { client: false, server: true, authority: false },
});
const olga = caller('olga');
const check = (id: string, more: Partial<CertificateCheck>): CertificateCheck => ({
  ...{ id, link: 'client-gateway-mysql', from: [], to: ['main'], shownBy: 'listener', checkedBy: 'client' },
  ...{ reason: 'client-side', names: ['localhost'], flags: [], shown: [], callers: false, against: [] },
  ...{ missingFile: null, crl: null, path: [], warning: null },
  ...more,
});
const checks = [
  check('server', { shown: [main.id], against: [gatewaysCa.id], path: [...main.chain] }),
  check('client', {
    ...{ shownBy: 'dialler', checkedBy: 'gateway', reason: 'verified', flags: ['--mysql-server-ssl-ca'] },
    ...{ shown: [olga.id], callers: true, against: [callersCa.id], path: [olga.id, callersCa.id, root.id] },
  }),
];
const part = (more: Partial<CertificatesPart> = {}): CertificatesPart => ({
  rows: [root, callersCa, gatewaysCa, olga, main],
  checks,
  crls: [],
  usualSet: [],
  gateways: [{ name: 'main', mysql: true, auth: 'clientcert', trust: null }],
  locked: false,
  findings: [],
  ...more,
});
const done = (more: Partial<CertificatesDone> = {}): CertificatesDone => ({
  ...{ show: null, files: [], notes: [], made: null, count: 1 },
  ...more,
});
const advice = (more: Partial<CertificateAdvice> = {}): CertificateAdvice => ({
  ...{ notes: [], file: 'pki/callers/x-cert.pem', notAfter: '2027-05-03T00:00:00Z' },
  ...more,
});

const show = async (
  certificates: CertificatesPart,
  answers: Parameters<typeof pageOf>[1] = {},
): Promise<Page & { calls(path: string): unknown[] }> => {
  const usual = {
    'certificates.advise': () => advice(),
    'certificates.consequences': () => ({ lines: ['1 certificate signed by it remains.'] }),
    'certificates.fields': () => ({ fields: [{ label: 'Version', value: '3' }], pem: 'PEM TEXT' }),
  };
  const made = await pageOf({ document: documentPart(), certificates } as never, { ...usual, ...answers });
  page = made;
  render(CertificatesSample, { app: made.app });
  return { ...made, calls: (path) => made.reached.filter((call) => call.path === path).map(({ input }) => input) };
};
const refuse = (code: string, summary: string) => () => {
  throw new PageFailure({ code, summary });
};
const button = (name: string | RegExp): HTMLElement => screen.getByRole('button', { name });
const tree = (): HTMLElement => screen.getByRole('treegrid', { name: 'Certificates by issuer' });
const line = (name: RegExp): HTMLElement => within(tree()).getByRole('row', { name });
const details = (): HTMLElement => screen.getByRole('complementary');
const dialog = (): HTMLElement => screen.getByRole('dialog');
const pick = async (item: RegExp, of = details()): Promise<void> => {
  await userEvent.click(within(of).getByRole('button', { name: /More/ }));
  await userEvent.click(await screen.findByRole('menuitem', { name: item }));
};

describe('the tree', () => {
  it('shows issuers above what they signed, with level, role, user and status', async () => {
    await show(part());
    expect(line(/^root/).getAttribute('aria-level')).toBe('1');
    expect(line(/callers CA/).getAttribute('aria-level')).toBe('2');
    const leaf = line(/^olga/);
    expect(leaf.getAttribute('aria-level')).toBe('3');
    expect(leaf.textContent).toMatch(/Caller.*caller olga.*Valid/s);
    expect(line(/callers CA/).textContent).toContain('gateway trusts it');
    expect(line(/gateways CA/).textContent).toContain('clients trust it');
    expect(line(/main\.internal/).textContent).toContain('gateway main');
  });

  it('is one tab stop, walked with arrows; Delete asks', async () => {
    await show(part());
    line(/^root/).focus();
    await userEvent.keyboard('{ArrowDown}{ArrowDown}');
    expect(document.activeElement).toBe(line(/^olga/));
    await userEvent.keyboard('{Delete}');
    expect(await screen.findByRole('dialog', { name: 'Delete olga?' })).toBeTruthy();
  });

  it('says what is faulty on purpose, and what is not connected', async () => {
    const stranger = row('pki/imported/x-cert.pem', { connected: false, status: 'signer-unknown', name: 'stranger' });
    await show(part({ rows: [...part().rows, caller('bad', { faulty: 'expired', status: 'expired' }), stranger] }));
    expect(line(/^bad/).textContent).toContain('Faulty on purpose');
    expect(line(/^bad/).textContent).toContain('Expired 3 May 2027');
    const others = screen.getByRole('treegrid', { name: 'Not connected' });
    expect(within(others).getByRole('row', { name: /stranger/ }).textContent).toContain('Signer unknown');
  });

  it.each([
    [{ status: 'expires-soon', daysLeft: 12 }, 'Ends in 12 days'],
    [{ status: 'expires-soon', daysLeft: 1 }, 'Ends tomorrow'],
    [{ status: 'revoked', statusDate: new Date().toISOString() }, 'Revoked today'],
    [{ status: 'not-yet-valid' }, 'Not valid before 3 May 2027'],
    [{ status: 'name-missing' }, 'Name missing'],
    [{ status: 'wrong-purpose' }, 'Wrong purpose'],
    [{ status: 'self-signed' }, 'Self-signed'],
  ] as const)('%o reads "%s"', async (more, words) => {
    await show(part({ rows: [root, callersCa, caller('olga', more)] }));
    expect(line(/^olga/).textContent).toContain(words);
  });

  it('is filtered by name, group, status and role, keeping the authorities above; and says so when nothing is left', async () => {
    await show(part({ rows: [...part().rows, caller('bad', { status: 'expired' })] }));
    const filter = screen.getByRole('searchbox', { name: 'Filter certificates' });
    await userEvent.type(filter, 'expired');
    expect(
      within(tree())
        .getAllByRole('row')
        .slice(1)
        .map((one) => one.textContent?.trim().split(' ')[0]),
    ).toEqual(['root', 'callers', 'bad']);
    await userEvent.clear(filter);
    await userEvent.click(screen.getByRole('checkbox', { name: 'Hide unusable' }));
    expect(within(tree()).queryByRole('row', { name: /^bad/ })).toBeNull();
    await userEvent.type(filter, 'nothing like it');
    expect(screen.getByText('No certificate matches')).toBeTruthy();
    await userEvent.click(button('Clear filter'));
    expect(line(/^bad/)).toBeTruthy();
  });

  it('of 200 certificates takes no second to filter', async () => {
    const many = Array.from({ length: 200 }, (_, index) => caller(`caller ${index}`));
    await show(part({ rows: [root, callersCa, ...many] }));
    const start = cpuTime();
    await fireEvent.input(screen.getByRole('searchbox'), { target: { value: 'caller 19' } });
    await waitFor(() => expect(within(tree()).getAllByRole('row').length).toBe(14));
    expect(cpuTime() - start).toBeLessThan(3000);
  });
});

describe('the sentence', () => {
  it.each<[string, Partial<CertificatesPart>, string]>([
    ['what holds', {}, 'Two authorities answer who may call whom.'],
    [
      'what ends soon',
      { rows: [root, { ...main, status: 'expires-soon', daysLeft: 12 }] },
      'main.internal ends in 12 days.',
    ],
    [
      'what is broken',
      { rows: [root, { ...main, status: 'expired' }] },
      'main.internal is in use and will not be accepted.',
    ],
    ['what is open', { checks: [check('x', { warning: 'w' })] }, 'One link is not checked on both sides.'],
    [
      'what is missing',
      { checks: [check('x', { missingFile: 'pki/x.pem' })] },
      'A certificate that gatehouse.json names is not here.',
    ],
  ])('says %s', (_, more, sentence) => expect(text.statement(part(more))).toBe(sentence));

  it('says first what is broken, then the rest in numbers', () => {
    const crls = [
      {
        authority: callersCa.id,
        name: 'callers CA',
        file: 'f',
        thisUpdate: new Date().toISOString(),
        nextUpdate: null,
        entries: 1,
        used: true,
      },
    ];
    expect(text.summary(part({ rows: [olga, caller('x', { status: 'revoked', faulty: 'revoked' })], crls }))).toEqual([
      '2 certificates',
      '1 revoked',
      '1 faulty on purpose',
      'CRL of callers CA from today',
    ]);
  });
});

describe('one certificate', () => {
  it('shows how gateways know it, its chain, and marks its links', async () => {
    await show(part());
    await userEvent.click(line(/^olga/));
    expect(within(details()).getByRole('heading', { level: 2 }).textContent).toBe('olga');
    expect(details().textContent).toMatch(/Gateway calls it.*olga.*Groups.*localhost, olga.*Signed by.*callers CA/s);
    expect(details().textContent).toMatch(/Common name → immediate caller.*olga.*Let in by gateway main\./s);
    const grid = screen.getByRole('grid', { name: 'Who checks whom' });
    const marked = within(grid)
      .getAllByRole('row')
      .filter((one) => one.classList.contains('related'));
    expect(marked.map((one) => one.textContent)).toEqual([
      expect.stringMatching(/olga.*gateway.*callers CA.*--mysql-server-ssl-ca/s),
    ]);
    await userEvent.click(within(details()).getByRole('button', { name: 'callers CA' }));
    expect(line(/callers CA/).getAttribute('aria-selected')).toBe('true');
  });

  it('a row of "Who checks whom" marks its path in the tree', async () => {
    await show(part());
    const grid = screen.getByRole('grid', { name: 'Who checks whom' });
    await userEvent.click(within(grid).getByRole('row', { name: /main\.internal/ }));
    const marked = within(tree())
      .getAllByRole('row')
      .filter((one) => one.classList.contains('related'));
    expect(marked.map((one) => one.textContent?.trim().split(' ')[0])).toEqual(['root', 'gateways', 'main.internal']);
    expect(screen.getByText('Its path is marked in the tree.')).toBeTruthy();
  });

  it('asked for by another screen, by its file', async () => {
    const { app } = await show(part());
    app.nav.go('certificates', { file: olga.id });
    expect(await screen.findByRole('complementary', { name: 'olga' })).toBeTruthy();
  });

  it('a warning of a link is told when its row is chosen', async () => {
    await show(
      part({ checks: [check('x', { checkedBy: 'nobody', reason: 'plain', warning: 'Clients talk in clear.' })] }),
    );
    await userEvent.click(screen.getByRole('row', { name: /nobody/ }));
    expect(screen.getByText('Clients talk in clear.')).toBeTruthy();
  });

  it('says why it cannot be renewed or revoked, and nothing happens then', async () => {
    await show(
      part({ rows: [root, { ...callersCa, canSign: false }, caller('olga', { renewable: false, revocable: false })] }),
    );
    await userEvent.click(line(/^olga/));
    const revoke = within(details()).getByRole('button', { name: /Revoke/ });
    expect(revoke.getAttribute('aria-disabled')).toBe('true');
    await userEvent.click(revoke);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('all fields come by a call, the private key only when it is asked for', async () => {
    const { calls } = await show(part(), { 'certificates.reveal': () => ({ pem: 'THE KEY', encrypted: false }) });
    await userEvent.click(line(/^olga/));
    await userEvent.click(button('All fields'));
    expect(await within(dialog()).findByText('PEM TEXT')).toBeTruthy();
    expect(calls('certificates.reveal')).toEqual([]);
    expect(document.body.textContent).not.toContain('THE KEY');
    await userEvent.click(within(dialog()).getByRole('button', { name: /^Show/ }));
    expect(await within(dialog()).findByText('THE KEY')).toBeTruthy();
    expect(calls('certificates.reveal')).toEqual([{ id: olga.id }]);
  });
});

describe('a new certificate', () => {
  it('asks four things, chooses the authority, and tells what was made', async () => {
    const made = { name: 'robot', signedBy: 'callers CA', notAfter: '2027-05-03T12:00:00Z' };
    const { calls, app } = await show(part(), { 'certificates.create': () => done({ show: olga.id, made }) });
    await userEvent.click(button('New certificate'));
    const form = screen.getByRole('form', { name: 'New certificate' });
    expect(within(form).getByRole<HTMLSelectElement>('combobox', { name: 'Signed by' }).value).toBe('callers');
    await userEvent.selectOptions(within(form).getByRole('combobox', { name: 'For' }), 'Gateway server');
    expect(within(form).getByRole<HTMLSelectElement>('combobox', { name: 'Signed by' }).value).toBe('gateways');
    await userEvent.selectOptions(within(form).getByRole('combobox', { name: 'For' }), 'Caller');
    await userEvent.type(within(form).getByRole('textbox', { name: 'Common name' }), 'robot');
    await userEvent.selectOptions(within(form).getByRole('combobox', { name: 'Valid for' }), '90 days');
    await userEvent.click(button('Create certificate'));
    await waitFor(() =>
      expect(app.notices.visible?.text).toBe('Created robot, signed by callers CA, valid until 3 May 2027.'),
    );
    expect(app.notices.visible?.action?.label).toBe('Undo');
    expect(calls('certificates.create')).toMatchObject([
      { for: 'caller', commonName: 'robot', signedBy: 'callers', validFor: 90, request: null },
    ]);
    expect(details().getAttribute('aria-label')).toBe('olga');
  });

  it('warns while one types, linked to the field; an error keeps it from being created', async () => {
    const notes = [
      { field: 'commonName', level: 'warning', text: 'The name ends with a space.' },
      { field: 'dns', level: 'error', text: 'DNS names are ASCII.' },
    ] as const;
    const { calls } = await show(part(), { 'certificates.advise': () => advice({ notes: [...notes] }) });
    await userEvent.click(button('New certificate'));
    const name = screen.getByRole('textbox', { name: 'Common name' });
    await userEvent.type(name, 'robot ');
    const warning = await screen.findByText('The name ends with a space.');
    expect(
      name
        .getAttribute('aria-describedby')
        ?.split(' ')
        .some((id) => document.getElementById(id)?.contains(warning) === true),
    ).toBe(true);
    await userEvent.click(button(/Create certificate/));
    expect(calls('certificates.create')).toEqual([]);
  });

  it('keeps what was typed when it is refused', async () => {
    await show(part(), { 'certificates.create': refuse('certs.exists', 'It is there already.') });
    await userEvent.click(button('New certificate'));
    await userEvent.type(screen.getByRole('textbox', { name: 'Common name' }), 'robot');
    await userEvent.click(button('Create certificate'));
    expect((await screen.findByRole('alert')).textContent).toContain('It is there already.');
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Common name' }).value).toBe('robot');
  });

  it('encrypted keys ask for their passphrase, and go on with what was asked', async () => {
    let locked = true;
    const { calls, app } = await show(part(), {
      'certificates.create': () => {
        if (locked) throw new PageFailure({ code: 'certs.passphrase-missing', summary: 'encrypted' });
        return done();
      },
      'certificates.unlockKeys': ({ passphrase }: { passphrase: string }) => {
        if (passphrase !== 'right')
          throw new PageFailure({ code: 'certs.passphrase-wrong', summary: 'It does not open them.' });
        locked = false;
      },
    });
    await userEvent.click(button('New certificate'));
    await userEvent.type(screen.getByRole('textbox', { name: 'Common name' }), 'robot');
    await userEvent.click(button('Create certificate'));
    const field = await screen.findByLabelText('Passphrase');
    await userEvent.type(field, 'wrong{Enter}');
    expect(await screen.findByText('It does not open them.')).toBeTruthy();
    expect((field as HTMLInputElement).value).toBe('');
    await userEvent.type(field, 'right{Enter}');
    await waitFor(() => expect(app.notices.visible).not.toBeNull());
    expect(calls('certificates.create').length).toBe(2);
  });
});

describe('actions', () => {
  it('renews one, or an authority with everything below it', async () => {
    const { calls, app } = await show(part(), {
      'certificates.renew': () => done({ count: 2, notes: ['x was left as it is: its private key is not here.'] }),
    });
    await userEvent.click(line(/callers CA/));
    await userEvent.click(button('Renew…'));
    expect(within(dialog()).getByRole('radio', { name: /Everything below it too \(1 certificate\)/ })).toBeTruthy();
    await userEvent.click(within(dialog()).getByRole('button', { name: 'Renew' }));
    await waitFor(() => expect(app.notices.visible).not.toBeNull());
    expect(calls('certificates.renew')).toEqual([{ id: callersCa.id, days: 365, branch: true, revokeOld: false }]);
    expect(app.notices.visible).toMatchObject({
      level: 'warning',
      text: 'Renewed 2 certificates. x was left as it is: its private key is not here.',
    });
  });

  it('revokes with a reason, and offers the CRL only where a part looks at none', async () => {
    const { calls } = await show(part(), { 'certificates.revoke': () => done() });
    await userEvent.click(line(/^olga/));
    await userEvent.click(button('Revoke…'));
    expect(within(dialog()).getByRole('checkbox', { name: /look at the CRL/ })).toHaveProperty('checked', true);
    await userEvent.selectOptions(within(dialog()).getByRole('combobox', { name: 'Reason' }), 'It was replaced');
    await userEvent.click(within(dialog()).getByRole('button', { name: 'Revoke' }));
    await waitFor(() =>
      expect(calls('certificates.revoke')).toEqual([{ id: olga.id, reason: 'superseded', useCrl: true }]),
    );
  });

  it('deletes after telling what follows', async () => {
    const { calls } = await show(part(), { 'certificates.remove': () => done() });
    await userEvent.click(line(/callers CA/));
    await pick(/^Delete/);
    const question = await screen.findByRole('dialog', { name: 'Delete callers CA?' });
    expect(await within(question).findByText('1 certificate signed by it remains.')).toBeTruthy();
    await userEvent.click(within(question).getByRole('button', { name: 'Delete' }));
    await waitFor(() => expect(calls('certificates.remove')).toEqual([{ id: callersCa.id }]));
    await waitFor(() => expect(screen.queryByRole('complementary')).toBeNull());
  });

  it('makes a faulty copy; what is no fault for a server is refused', async () => {
    const { calls } = await show(part(), { 'certificates.makeFaulty': () => done() });
    await userEvent.click(line(/main\.internal/));
    await pick(/^Make a faulty/);
    await userEvent.selectOptions(
      within(dialog()).getByRole('combobox', { name: 'Fault' }),
      'For servers only, shown by a client',
    );
    await userEvent.click(within(dialog()).getByRole('button', { name: /Make certificate/ }));
    expect(calls('certificates.makeFaulty')).toEqual([]);
    expect(within(dialog()).getAllByText('For a server this is no fault.')).not.toEqual([]);
    await userEvent.selectOptions(within(dialog()).getByRole('combobox', { name: 'Fault' }), 'Expired a month ago');
    await userEvent.click(within(dialog()).getByRole('button', { name: /Make certificate/ }));
    await waitFor(() => expect(calls('certificates.makeFaulty')).toEqual([{ like: main.id, fault: 'expired' }]));
  });

  it('exports what is faulty on purpose only after it was said that it is wanted', async () => {
    URL.createObjectURL = vi.fn(() => '#');
    const bad = caller('bad', { faulty: 'expired', status: 'expired' });
    const { calls } = await show(part({ rows: [root, callersCa, bad] }), {
      'certificates.export': () => ({ name: 'bad.pem', mediaType: 'x', content: 'PEM', encoding: 'utf8' }),
    });
    await userEvent.click(line(/^bad/));
    await userEvent.click(button('Export…'));
    await userEvent.click(within(dialog()).getByRole('button', { name: /Save file/ }));
    expect(calls('certificates.export')).toEqual([]);
    await userEvent.click(within(dialog()).getByRole('checkbox', { name: 'Export it all the same' }));
    await userEvent.click(within(dialog()).getByRole('button', { name: /Save file/ }));
    await waitFor(() =>
      expect(calls('certificates.export')).toEqual([{ id: bad.id, format: 'pem', passphrase: null, faulty: true }]),
    );
  });

  it('PKCS#12 needs a passphrase', async () => {
    const { calls } = await show(part(), { 'certificates.export': refuse('x', 'refused') });
    await userEvent.click(line(/^olga/));
    await userEvent.click(button('Export…'));
    await userEvent.selectOptions(
      within(dialog()).getByRole('combobox', { name: 'Form' }),
      'Certificate and key (PKCS#12)',
    );
    await userEvent.click(within(dialog()).getByRole('button', { name: /Save file/ }));
    expect(calls('certificates.export')).toEqual([]);
    await userEvent.type(within(dialog()).getByLabelText('Passphrase'), 'a long passphrase{Enter}');
    await waitFor(() =>
      expect(calls('certificates.export')).toMatchObject([{ format: 'pkcs12', passphrase: 'a long passphrase' }]),
    );
    expect((await within(dialog()).findByRole('alert')).textContent).toContain('refused');
  });

  it('shows how clients connect', async () => {
    const { calls } = await show(part(), {
      'certificates.snippets': () => ({
        notes: ['Gateway main does not run.'],
        snippets: [
          { title: 'mysql', language: 'shell', text: 'mysql --host=x' },
          { title: 'Go', language: 'go', text: 'package main' },
        ],
      }),
    });
    await userEvent.click(line(/^olga/));
    await pick(/^Connect/);
    expect(await within(dialog()).findByText('mysql --host=x')).toBeTruthy();
    await userEvent.click(within(dialog()).getByRole('radio', { name: 'Go' }));
    expect(within(dialog()).getByText('package main')).toBeTruthy();
    expect(calls('certificates.snippets')).toEqual([{ id: olga.id, gateway: 'main' }]);
  });
});

describe('importing', () => {
  const report = (more: Partial<CertificateImportReport> = {}): CertificateImportReport => ({
    files: [
      {
        name: 'robot.pem',
        outcome: 'import',
        lines: ['Certificate robot, signed by callers CA.'],
        findings: [],
        request: null,
      },
      {
        ...{ name: 'bad.pem', outcome: 'refused', lines: [], request: null },
        findings: [
          {
            code: 'x',
            level: 'error',
            file: 'bad.pem',
            line: 3,
            column: 1,
            message: 'the block is cut off',
            remedy: 'Copy it again.',
          },
        ],
      },
    ],
    ...{ certificates: 1, keys: 0, crls: 0, writes: [], show: olga.id },
    ...more,
  });
  /** jsdom's File cannot be read as bytes. */
  const file = (name: string, content = 'x'): File =>
    Object.assign(new File([content], name), {
      arrayBuffer: () => Promise.resolve(new TextEncoder().encode(content).buffer),
    });

  it('says for each file what would become of it, then imports as one step', async () => {
    const { calls, app } = await show(part(), {
      'certificates.inspectImport': () => report(),
      'certificates.import': () => report(),
    });
    const target = document.querySelector('[data-drop]');
    await fireEvent.drop(target!, { dataTransfer: { files: [file('robot.pem'), file('bad.pem')] } });
    const region = await screen.findByRole('region', { name: 'What would be imported' });
    expect(region.textContent).toMatch(
      /robot\.pem.*Import.*Certificate robot.*bad\.pem.*Refused.*Line 3: the block is cut off\. Copy it again/s,
    );
    expect(calls('certificates.inspectImport')).toEqual([
      {
        files: [
          { name: 'robot.pem', content: btoa('x') },
          { name: 'bad.pem', content: btoa('x') },
        ],
        passphrases: [],
      },
    ]);
    await userEvent.click(within(dialog()).getByRole('button', { name: 'Import 1 certificate' }));
    await waitFor(() => expect(app.notices.visible?.text).toBe('Imported 1 certificate.'));
    expect(calls('certificates.import').length).toBe(1);
  });

  it('PEM text pasted anywhere opens it; text that is none does not', async () => {
    await show(part(), { 'certificates.inspectImport': () => report() });
    const paste = (data: string): Event =>
      Object.assign(new Event('paste', { bubbles: true, cancelable: true }), {
        clipboardData: { files: [], getData: () => data },
      });
    document.body.dispatchEvent(paste('shopping list'));
    expect(screen.queryByRole('dialog')).toBeNull();
    document.body.dispatchEvent(paste('-----BEGIN CERTIFICATE-----'));
    expect(await screen.findByRole('dialog', { name: 'Import certificates and keys' })).toBeTruthy();
    expect(screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Paste PEM text' }).value).toContain('BEGIN');
  });

  it('a file that is encrypted asks for its passphrase', async () => {
    const locked = report({
      files: [{ name: 'a.p12', outcome: 'passphrase', lines: ['It is encrypted.'], findings: [], request: null }],
      certificates: 0,
    });
    const { calls } = await show(part(), {
      'certificates.inspectImport': ({ passphrases }: { passphrases: string[] }) =>
        passphrases[0] === 'open' ? report() : locked,
    });
    await userEvent.click(button('Import…'));
    await fireEvent.drop(within(dialog()).getByText(/drop files anywhere/), {
      dataTransfer: { files: [file('a.p12')] },
    });
    const field = await screen.findByLabelText('Passphrase');
    expect(button(/^Import$/).getAttribute('aria-disabled')).toBe('true');
    await userEvent.type(field, 'open');
    await screen.findByRole('button', { name: 'Import 1 certificate' });
    expect(calls('certificates.inspectImport').at(-1)).toMatchObject({ passphrases: ['open'] });
  });

  it('a file beyond 1 MB is not even read, and said', async () => {
    const { calls } = await show(part());
    await userEvent.click(button('Import…'));
    await fireEvent.drop(within(dialog()).getByText(/drop files anywhere/), {
      dataTransfer: { files: [file('huge.pem', 'x'.repeat(1_100_000))] },
    });
    expect(await screen.findByText('huge.pem is larger than 1 MB and was not read.')).toBeTruthy();
    expect(calls('certificates.inspectImport')).toEqual([]);
  });

  it('a request leads to the form, with its names', async () => {
    const request = { pem: 'CSR', commonName: 'robot', dns: ['bots'], ip: [] };
    await show(part(), {
      'certificates.inspectImport': () =>
        report({ files: [{ name: 'r.csr', outcome: 'request', lines: [], findings: [], request }], certificates: 0 }),
    });
    await userEvent.click(button('Import…'));
    await fireEvent.drop(within(dialog()).getByText(/drop files anywhere/), {
      dataTransfer: { files: [file('r.csr')] },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Issue…' }));
    const form = await screen.findByRole('form', { name: 'New certificate' });
    expect(within(form).getByRole<HTMLInputElement>('textbox', { name: 'Common name' }).value).toBe('robot');
    expect(within(form).getByText('The key stays with whoever made the request.')).toBeTruthy();
  });
});

describe('an empty workspace', () => {
  it('creates the usual set in one click', async () => {
    const { calls, app } = await show(part({ rows: [], checks: [], usualSet: ['Authority root'] }), {
      'certificates.createUsualSet': () => done({ count: 12 }),
    });
    expect(screen.getByRole('heading', { name: 'No certificates' })).toBeTruthy();
    expect(screen.getByRole('list', { name: 'What is made' }).textContent).toContain('Authority root');
    await userEvent.click(button('Create the usual set'));
    await waitFor(() => expect(app.notices.visible?.text).toBe('Created 12 certificates and put them to use.'));
    expect(calls('certificates.createUsualSet').length).toBe(1);
  });

  it('tells when that fails, and stays', async () => {
    const { app } = await show(part({ rows: [], checks: [] }), {
      'certificates.createUsualSet': refuse('x', 'gatehouse.json has faults.'),
    });
    await userEvent.click(button('Create the usual set'));
    await waitFor(() => expect(app.notices.visible?.text).toBe('gatehouse.json has faults.'));
    expect(button('Create the usual set')).toBeTruthy();
  });
});
