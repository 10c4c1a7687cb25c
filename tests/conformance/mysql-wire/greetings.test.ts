import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createTlsAcceptor, type ServerTlsConfig } from '../../../src-main/servers/tls';
import { RawClient, parseGreeting } from '../../support/mysql-wire/raw-client';
import { startServer } from '../../support/mysql-wire/start-server';
import { createPki } from '../../support/tls-identities';

const recording = JSON.parse(readFileSync(new URL('../recorded/logins.json', import.meta.url), 'utf8')) as {
  readonly greetings: Readonly<Record<string, unknown>>;
};
const fidelity = { mode: 'vitess', version: '24.0-recorded' } as const;
const pki = createPki();
const { cert, key } = pki.leaf({ name: 'gate.example', purposes: ['serverAuth'] });

interface Setting {
  readonly tlsConfig?: ServerTlsConfig;
  readonly serverVersion?: string;
}

const start = ({ tlsConfig, ...options }: Setting, unix: boolean) =>
  startServer({
    ...options,
    ...(tlsConfig === undefined ? {} : { tls: createTlsAcceptor(tlsConfig, { fidelity }) }),
    fidelity,
    unix,
  });

describe('greetings as recorded', () => {
  const greetingOf = async (setting: Setting, unix = false) => {
    const running = await start(setting, unix);
    const client = await RawClient.connect(unix ? { path: running.socketPath } : { port: running.port });
    const packet = await client.expect();
    const greeting = parseGreeting(packet.payload);
    client.close();
    await running.stop();
    return {
      protocol: packet.payload[0],
      serverVersion: greeting.version,
      filler: packet.payload[packet.payload.indexOf(0, 1) + 13],
      charset: greeting.charset,
      status: greeting.status,
      capabilities: `0x${greeting.flags.toString(16).toUpperCase().padStart(8, '0')}`,
      authDataLength: greeting.authDataLength,
      reserved: greeting.reserved.toString('hex'),
      saltTerminator: greeting.saltTerminator,
      plugin: greeting.plugin,
      trailing: greeting.trailing,
      seq: packet.sequence,
    };
  };

  it('without TLS, with TLS, over the socket, with a version of its own', async () => {
    expect(await greetingOf({})).toEqual(recording.greetings['without TLS']);
    expect(await greetingOf({ tlsConfig: { cert, key } })).toEqual(recording.greetings['with TLS']);
    expect(await greetingOf({ tlsConfig: { cert, key } }, true)).toEqual(recording.greetings['without TLS']);
    expect(await greetingOf({ serverVersion: '9.9.9-mine' })).toEqual(recording.greetings['static-version']);
  });
});
