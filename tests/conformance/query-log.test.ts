import { it } from 'vitest';
import { expectReplayed } from './expect-replayed';

it('query-log.json: the lines of both programs for what MySQL and gRPC clients did', { timeout: 240_000 }, () =>
  expectReplayed('query-log'),
);
