import { it } from 'vitest';
import { expectReplayed } from './expect-replayed';

it('errors.json: provoked errors, at the gateway and at the tablet', { timeout: 300_000 }, () =>
  expectReplayed('errors'),
);
