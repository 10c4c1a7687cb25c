import { render, screen } from '@testing-library/svelte';
import { describe, expect, test } from 'vitest';
import { runOf, runText, type LinkState } from '../../../src-renderer/components/run-line';
import RunLine from '../../../src-renderer/components/RunLine.svelte';

const links: [LinkState, LinkState, LinkState] = ['mutual-tls', 'mutual-tls', 'plain'];
const states = (run: ReturnType<typeof runOf>): string => run.stations.map((one) => one.state).join(' ');

describe('a run as a line', () => {
  test('through to MySQL', () => {
    const run = runOf(links, 'allowed', null);
    expect(states(run)).toBe('passed passed passed passed');
    expect(run.links).toEqual(links);
  });

  test('denied at the tablet: the rest is not reached', () => {
    const run = runOf(links, 'denied', 'tablet');
    expect(states(run)).toBe('passed passed denied unreached');
    expect(run.links).toEqual(['mutual-tls', 'mutual-tls', 'unreached']);
  });

  test.each(['tls', 'login', 'gateway'] as const)('refused at %s: stopped at the gateway, the link was there', (at) => {
    const run = runOf(['tls', 'mutual-tls', 'plain'], 'refused', at);
    expect(states(run)).toBe('passed refused unreached unreached');
    expect(run.links).toEqual(['tls', 'unreached', 'unreached']);
  });

  test('nobody answered the dial: not even the first link was there', () => {
    expect(runOf(links, 'refused', 'connect').links).toEqual(['unreached', 'unreached', 'unreached']);
  });

  test('MySQL said no: stopped at the end', () => {
    expect(states(runOf(links, 'refused', 'backend'))).toBe('passed passed passed refused');
  });

  test('not run: nothing is claimed', () => {
    const run = runOf(links, 'not-run');
    expect(states(run)).toBe('unreached unreached unreached unreached');
    expect(run.links).toEqual(['unreached', 'unreached', 'unreached']);
    expect(runText(run)).toBe('Not run');
  });
});

test('the picture says the same in words', () => {
  render(RunLine, { run: runOf(links, 'denied', 'tablet') });
  expect(screen.getByRole('img').getAttribute('aria-label')).toBe(
    'Client to Gateway: mutual TLS; Gateway to Tablet: mutual TLS; denied at Tablet',
  );
});

test('with a text beside it, it is decoration', () => {
  render(RunLine, { run: runOf(links, 'allowed'), label: '' });
  expect(screen.queryByRole('img')).toBeNull();
});
