import { test } from 'vitest';
import { expectReplayed } from './expect-replayed';

test('grpc-links.json: calls, links and starts, against our gateway and our tablet', { timeout: 240_000 }, () =>
  expectReplayed('grpc-links'),
);
