import { test } from 'vitest';
import { expectReplayed } from './expect-replayed';

test(
  'healthstream.json: recorded tablets before our gateway, recorded gateways before our tablet',
  { timeout: 240_000 },
  () => expectReplayed('healthstream'),
);
