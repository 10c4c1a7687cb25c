import { it } from 'vitest';
import { expectReplayed } from './expect-replayed';

it('logins.json: every way to log in, over sockets', { timeout: 180_000 }, () => expectReplayed('logins'));
