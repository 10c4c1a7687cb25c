import { test } from 'vitest';
import { expectReplayed } from './expect-replayed';

test('mysql-protocol.json', { timeout: 300_000 }, () => expectReplayed('mysql-protocol'));
