import { afterEach, describe, expect, it } from 'vitest';
import { nativeHash } from '../../../src-main/domain/users';
import type { Gateway, SignIn } from '../../../src-main/servers/gateway';
import {
  connectMysql,
  gatewayConfig,
  hardenedMode,
  refusal,
  startGateway,
  users,
  vitessMode,
} from '../../support/gateway-fixture';

/** The gateway tells who signed in by which entry, and nothing of those who did not. */
const file = {
  two: [
    { MysqlNativePassword: nativeHash('old'), UserData: 'old' },
    { MysqlNativePassword: nativeHash('new'), UserData: 'new' },
  ],
};
let gateway: Gateway | null = null;
afterEach(() => gateway?.stop({ graceMs: 0 }));

describe.each([
  ['vitess', vitessMode],
  ['hardened', hardenedMode],
])('sign-ins in %s mode', (_, fidelity) => {
  it('are told with their entry and connection', async () => {
    const heard: SignIn[] = [];
    gateway = await startGateway(
      gatewayConfig(1, { fidelity, mysql: { listen: { host: '127.0.0.1', port: 0 }, auth: users(file, fidelity) } }),
      { signedIn: (signIn) => void heard.push(signIn) },
    );
    const login = (password: string, user = 'two') => connectMysql(gateway as Gateway, { user, password });
    const one = await login('new');
    const two = await login('old');
    expect(await refusal(login('neither'))).not.toBeNull();
    expect(await refusal(login('', 'stranger'))).not.toBeNull();
    expect(heard.map(({ file: path, user, entry }) => [path, user, entry.userData])).toEqual([
      ['users.json', 'two', 'new'],
      ['users.json', 'two', 'old'],
    ]);
    expect(heard.map(({ connection }) => connection)).toEqual(
      [one, two].map(({ threadId }) => ({ id: threadId, unixSocket: false })),
    );
    await Promise.all([one.end(), two.end()]);
  });
});
