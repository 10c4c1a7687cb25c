import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import type { ClusterLink, ClusterNode, ClusterPart } from '../../../src-main/contract/areas/cluster';
import type { PageState } from '../../../src-main/contract/state';
import { chainOf, protectionSentence, screenOf, weakOthers } from '../../../src-renderer/screens/overview/chain';
import { pageOf } from '../support/page';
import OverviewSample from './OverviewSample.svelte';

const node = (id: string, more: Partial<ClusterNode> = {}): ClusterNode => {
  const [kind = '', name = ''] = id.split(':');
  return {
    acl: kind === 'tablet' ? 'strict' : null,
    id,
    kind: kind as ClusterNode['kind'],
    name,
    state: 'running',
    fault: null,
    addresses: [{ label: 'gRPC', address: '127.0.0.1:15991' }],
    detail: '',
    rates: null,
    ...more,
  };
};
const link = (from: string, to: string, protection: ClusterLink['protection'], more: Partial<ClusterLink> = {}) =>
  ({
    id: `${from}>${to}`,
    from,
    to,
    protocol: 'grpc',
    protection,
    toShows: null,
    fromShows: null,
    text: `text of ${from}`,
    checks: [],
    flags: ['--grpc-ca'],
    file: 'gatehouse.json',
    line: 31,
    findings: [],
    ...more,
  }) satisfies ClusterLink;
const cluster = (more: Partial<ClusterPart> = {}): ClusterPart => ({
  state: 'running',
  since: '2026-05-03T09:12:00Z',
  steps: [],
  failure: null,
  nodes: [node('gateway:main'), node('gateway:other'), node('tablet:zone1-100'), node('backend:local')],
  links: [
    link('client', 'gateway:main', 'mutual-tls', { checks: [{ who: 'gateway', against: 'pki/callers/ca-cert.pem' }] }),
    link('client', 'gateway:other', 'plain'),
    link('gateway:main', 'tablet:zone1-100', 'mutual-tls'),
    link('gateway:other', 'tablet:zone1-100', 'mutual-tls'),
    link('tablet:zone1-100', 'backend:local', 'plain'),
  ],
  stale: [],
  holder: null,
  fidelity: 'vitess',
  vitess: '24.0.4',
  ...more,
});

let page: Awaited<ReturnType<typeof pageOf>> | null = null;
afterEach(() => {
  page?.end();
  page = null;
  history.replaceState(null, '');
});
const show = async (
  state: Partial<PageState>,
  answers: Parameters<typeof pageOf>[1] = {},
): Promise<Awaited<ReturnType<typeof pageOf>>> => {
  page = await pageOf({ findings: [], ...state }, answers);
  render(OverviewSample, { app: page.app });
  return page;
};

describe('the chain on show', () => {
  it('follows the choice and falls back to what there is', () => {
    const chain = chainOf(cluster(), { gateway: 'gateway:other' });
    expect(chain.links.map((one) => one?.protection)).toEqual(['plain', 'mutual-tls', 'plain']);
    expect(chainOf(cluster(), { gateway: 'gateway:gone' }).gateway?.id).toBe('gateway:main');
    expect(chainOf({ nodes: [], links: [] }, {}).links).toEqual([null, null, null]);
  });

  it('is said in one sentence, the weak links plainly', () => {
    expect(protectionSentence(chainOf(cluster(), {}))).toBe('Every caller is checked. The last link is not encrypted.');
    const sound = cluster({
      links: [
        link('client', 'gateway:main', 'mutual-tls'),
        link('gateway:main', 'tablet:zone1-100', 'mutual-tls'),
        link('tablet:zone1-100', 'backend:local', 'tls'),
      ],
    });
    expect(protectionSentence(chainOf(sound, {}))).toBe('Every caller is checked. Nothing crosses a network readably.');
  });

  it('never claims that nothing is readable while one link is', () => {
    for (const protection of ['plain', 'tls-optional'] as const) {
      const weak = cluster({ links: [link('client', 'gateway:main', protection)] });
      expect(protectionSentence(chainOf(weak, {}))).not.toContain('Nothing crosses');
    }
  });

  it('names the gateway it speaks of when there are more, and those it does not hold for', async () => {
    expect(protectionSentence(chainOf(cluster(), {}), 2)).toBe(
      'Through main, every caller is checked. The last link is not encrypted.',
    );
    expect(weakOthers(cluster(), node('gateway:main'))).toEqual(['other']);
    expect(weakOthers(cluster(), node('gateway:other'))).toEqual([]);
  });

  it('leads from a finding to where it is dealt with', () => {
    expect(screenOf('users.reporting.json')).toBe('callers');
    expect(screenOf('acl.json')).toBe('access');
    expect(screenOf('pki/root/ca-cert.pem')).toBe('certificates');
    expect(screenOf('gatehouse.json')).toBe('settings');
  });
});

describe('Overview', () => {
  it('has one heading, the sentence, and the picture again as a list', async () => {
    await show({ cluster: cluster() });
    expect(screen.getAllByRole('heading', { level: 1 })).toHaveLength(1);
    expect(screen.getByText('Through main, every caller is checked. The last link is not encrypted.')).toBeTruthy();
    expect(screen.getByText(/^Not so through other, where callers may talk readably\./)).toBeTruthy();
    const list = screen.getByRole('list', { name: 'The way of a statement as a list' });
    expect(
      within(list)
        .getAllByRole('listitem')
        .map((item) => item.textContent?.trim()),
    ).toEqual([
      'Client to Gateway: Mutual TLS. text of client',
      'Gateway to Tablet: Mutual TLS. text of gateway:main',
      'Tablet to MySQL: Not encrypted. text of tablet:zone1-100',
    ]);
  });

  it('shows the weakest link first, and another one when it is picked', async () => {
    await show({ cluster: cluster() });
    expect(screen.getByRole('heading', { level: 2, name: 'Tablet to MySQL' })).toBeTruthy();
    expect(screen.getByText('gatehouse.json, line 31')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: /^Client to Gateway: ?Mutual TLS/ }));
    expect(screen.getByRole('heading', { level: 2, name: 'Client to Gateway' })).toBeTruthy();
    expect(screen.getByText('gateway against')).toBeTruthy();
  });

  it('shows another gateway', async () => {
    await show({ cluster: cluster() });
    await userEvent.click(screen.getByRole('radio', { name: 'other' }));
    expect(screen.getByText(/^Through other, callers talk to the gateway readably\./)).toBeTruthy();
    expect(screen.getByRole('button', { name: /^Gateway other: Running/ })).toBeTruthy();
  });

  it('starts, stops and restarts the cluster and its parts', async () => {
    const { reached, change } = await show({ cluster: cluster({ state: 'stopped', since: null }) });
    const user = userEvent.setup({ pointerEventsCheck: 0 });
    await user.click(screen.getByRole('button', { name: 'Start cluster' }));
    await change({ cluster: cluster() });
    await user.click(screen.getByRole('button', { name: /^Gateway main: Running/ }));
    await user.click(screen.getByRole('button', { name: 'Restart' }));
    await user.click(screen.getByRole('button', { name: 'Stop cluster' }));
    await user.click(screen.getByRole('button', { name: 'More' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Restart cluster' }));
    expect(reached).toEqual([
      { path: 'cluster.start', input: undefined },
      { path: 'cluster.part', input: { id: 'gateway:main', action: 'restart' } },
      { path: 'cluster.stop', input: undefined },
      { path: 'cluster.restart', input: undefined },
    ]);
  });

  it('a start that failed stands there with its reason, and can be tried again', async () => {
    const failure = { code: 'port', summary: 'Port 15306 is in use.', detail: 'EADDRINUSE' };
    await show({ cluster: cluster({ state: 'failed', since: null, failure }) });
    expect(screen.getByRole('alert').textContent).toContain('Port 15306 is in use.');
    expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
  });

  it('a part of a stopped cluster cannot be started alone, and says why', async () => {
    const { reached } = await show({
      cluster: cluster({ state: 'stopped', nodes: [node('gateway:main', { state: 'stopped' })], links: [] }),
    });
    await userEvent.click(screen.getByRole('button', { name: /^Gateway main: Stopped/ }));
    const start = screen.getByRole('button', { name: 'Start' });
    expect(document.getElementById(start.getAttribute('aria-describedby') ?? '')?.textContent).toContain('stopped');
    await userEvent.click(start);
    expect(reached).toEqual([]);
  });

  it('an empty workspace says what is missing', async () => {
    const { app } = await show({ cluster: cluster({ nodes: [], links: [], state: 'stopped' }) });
    expect(screen.getByRole('heading', { name: 'No gateway yet' })).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Create the usual set…' }));
    expect(app.nav.screen).toBe('certificates');
  });

  it('requires TLS with one click into the draft, at the place of that gateway, with the effect beside it', async () => {
    const optional = cluster();
    const links = optional.links.map((one) =>
      one.to === 'gateway:other' ? { ...one, protection: 'tls-optional' as const, protocol: 'mysql' as const } : one,
    );
    const { app, reached } = await show(
      { cluster: { ...optional, links } },
      { 'document.impactOf': () => ({ cells: 2, gains: 0, loses: 2, becomes: [{ mark: 'refuse', cells: 2 }] }) },
    );
    await userEvent.click(screen.getByRole('radio', { name: 'other' }));
    expect(await screen.findByText('2 cells change')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Require TLS' }));
    const edit = { kind: 'topology.set', path: ['gateways', 1, 'mysql', 'requireSecureTransport'], value: true };
    expect(reached.at(-1)).toEqual({ path: 'document.edit', input: { edit } });
    expect(app.notices.visible?.text).toBe('Require TLS: now in the draft.');
  });

  it('findings lead to their screens, the worst first', async () => {
    const finding = { code: 'x', file: 'acl.json', line: 14, column: 1, remedy: 'Change it.' };
    const { app } = await show({
      cluster: cluster(),
      findings: [
        { ...finding, level: 'warning', message: 'a warning' },
        { ...finding, level: 'error', message: 'an error' },
        { ...finding, level: 'info', message: 'a note' },
      ],
    });
    const section = screen.getByRole('region', { name: /Findings/ });
    const items = within(section).getAllByRole('listitem');
    expect(items[0]?.textContent).toContain('an error');
    expect(within(section).getByText('1 note').closest('details')?.textContent).toContain('a note');
    await userEvent.click(within(items[0] as HTMLElement).getByRole('button', { name: 'Show: Access' }));
    expect(app.nav.screen).toBe('access');
    expect(app.nav.parameters).toEqual({ file: 'acl.json', line: '14' });
  });

  it('draws the last tests and leads to their traces', async () => {
    const run = {
      id: 'r1',
      kind: 'single' as const,
      at: '2026-05-03T09:14:00Z',
      title: 'vtgate client 2',
      detail: 'select 1',
      verdict: 'denied' as const,
      asExpected: true,
      milliseconds: 20,
      cancelled: false,
    };
    const trace = {
      title: 'Denied at the tablet',
      verdict: 'denied',
      protection: { A: 'mutual-tls', C: 'mutual-tls', E: 'unknown' },
      actual: { verdict: 'deny', stoppedAt: 'tablet' },
    };
    const { app } = await show(
      { cluster: cluster(), test: { callers: [], runs: [run] } as never },
      { 'test.run': () => ({ kind: 'single', trace }) },
    );
    expect(await screen.findByText('Denied at the tablet')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: /^Open the trace of ?vtgate client 2/ }));
    expect(app.nav.screen).toBe('test');
    expect(app.nav.parameters).toEqual({ tab: 'runs', run: 'r1' });
  });

  it('Test everything runs the matrix and shows it', async () => {
    const { app, reached } = await show({ cluster: cluster() }, { 'test.runMatrix': () => ({ total: 15 }) });
    await userEvent.click(screen.getByRole('button', { name: 'Test everything' }));
    expect(reached).toEqual([{ path: 'test.runMatrix', input: { which: 'all' } }]);
    expect(app.nav.screen).toBe('test');
  });
});
