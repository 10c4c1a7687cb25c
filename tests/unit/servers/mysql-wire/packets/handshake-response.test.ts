import { describe, expect, it } from 'vitest';
import {
  readClientFlags,
  readHandshakeResponse,
  writeHandshakeResponse,
  writeSslRequest,
} from '../../../../../src-main/servers/mysql-wire/packets/handshake-response';
import { hex, payloadOf } from './built';

/** Login packets as these clients send them, without their header. */
const recorded = {
  mysql2: hex(`
    cff3ba0800000000e00000000000000000000000000000000000000000000000616c6963650014d2623b54172b04ad70e2d3292ffa46b328
    9c7425636f6d6d65726365006d7973716c5f6e61746976655f70617373776f726400310c5f636c69656e745f6e616d650c4e6f64652d4d79
    53514c2d320f5f636c69656e745f76657273696f6e06332e32342e36`),
  mariadb: hex(`
    8da2bf0000001000210000000000000000000000000000000000000000000000616c6963650014d2623b54172b04ad70e2d3292ffa46b328
    9c7425636f6d6d65726365006d7973716c5f6e61746976655f70617373776f7264007f035f6f73054c696e75780c5f636c69656e745f6e61
    6d650a6c69626d617269616462045f7069640531303831370f5f636c69656e745f76657273696f6e06332e332e3230095f706c6174666f72
    6d067838365f36340c70726f6772616d5f6e616d65056d7973716c0c5f7365727665725f686f7374093132372e302e302e31`),
  mysql9: hex(`
    8da2bf1900000001ff0000000000000000000000000000000000000000000000616c6963650000636f6d6d657263650063616368696e675f
    736861325f70617373776f72640072045f706964053130383138095f706c6174666f726d067838365f3634035f6f73054c696e75780c5f63
    6c69656e745f6e616d65086c69626d7973716c076f735f7573657204726f6f740f5f636c69656e745f76657273696f6e05392e372e340c70
    726f6772616d5f6e616d65056d7973716c`),
};

describe('login packet', () => {
  it('of mysql2', () => {
    const response = readHandshakeResponse(recorded.mysql2);
    expect(response).toMatchObject({
      capabilities: 0x08baf3cf,
      maxPacket: 0,
      charset: 224,
      user: 'alice',
      database: 'commerce',
      plugin: 'mysql_native_password',
    });
    expect(response.reply.toString('hex')).toBe('d2623b54172b04ad70e2d3292ffa46b3289c7425');
    expect([...response.attributes]).toEqual([
      ['_client_name', 'Node-MySQL-2'],
      ['_client_version', '3.24.6'],
    ]);
  });

  it('of the mariadb command line', () => {
    const response = readHandshakeResponse(recorded.mariadb);
    expect(response).toMatchObject({ user: 'alice', database: 'commerce', charset: 33, maxPacket: 0x100000 });
    expect(response.attributes.get('program_name')).toBe('mysql');
  });

  it('of the command line of MySQL 9', () => {
    const response = readHandshakeResponse(recorded.mysql9);
    expect(response).toMatchObject({ user: 'alice', plugin: 'caching_sha2_password', charset: 255 });
    expect(response.reply.length).toBe(0);
    expect(response.attributes.get('_client_version')).toBe('9.7.4');
  });

  it.each(Object.entries(recorded))('of %s is written as it was read', (_name, payload) => {
    const response = readHandshakeResponse(payload);
    expect(payloadOf((out) => writeHandshakeResponse(out, response))).toEqual(payload);
  });

  it('knows the older forms of the reply', () => {
    const base = { maxPacket: 0, charset: 45, user: 'u', database: null, plugin: null, attributes: new Map() };
    for (const capabilities of [0x200, 0x8200, 0x208200]) {
      const response = { ...base, capabilities, reply: Buffer.from('reply') };
      expect(readHandshakeResponse(payloadOf((out) => writeHandshakeResponse(out, response)))).toEqual(response);
    }
  });

  it('says where it breaks off, at every length', () => {
    const whole = recorded.mysql9;
    const attributesStart = whole.indexOf('caching_sha2_password') + 22;
    const fields = new Set<string>();
    for (let length = 0; length < attributesStart; length += 1) {
      try {
        readHandshakeResponse(whole.subarray(0, length));
        expect.unreachable(`read with ${length} bytes`);
      } catch (error) {
        fields.add((error as Error).message);
      }
    }
    expect([...fields]).toEqual([
      "can't read client flags",
      "can't read maxPacketSize",
      "can't read characterSet",
      "can't read reserved",
      "can't read username",
      "can't read auth-response",
      "can't read dbname",
      "can't read authMethod",
    ]);
  });

  it('goes on without attributes that break off', () => {
    const cut = recorded.mysql2.subarray(0, recorded.mysql2.length - 3);
    expect(readHandshakeResponse(cut)).toMatchObject({ user: 'alice', plugin: 'mysql_native_password' });
  });

  it('needs protocol 4.1', () => {
    const old = Buffer.from(recorded.mysql2);
    old[1] = old[1]! & ~0x02;
    expect(() => readHandshakeResponse(old)).toThrow("can't read protocol 4.1");
  });
});

describe('SSLRequest', () => {
  it('is the beginning of a login packet', () => {
    const flags = { capabilities: 0x81bffa0f | 0, maxPacket: 0x1000000, charset: 45 };
    const unsigned = { ...flags, capabilities: flags.capabilities >>> 0 };
    const payload = payloadOf((out) => writeSslRequest(out, unsigned));
    expect(payload.length).toBe(32);
    expect(readClientFlags(payload)).toEqual(unsigned);
    expect(() => readHandshakeResponse(payload)).toThrow("can't read username");
  });
});
