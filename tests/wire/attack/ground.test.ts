import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attackRun } from '../../../src-main/services/attack/cells';
import { resultOf } from '../../../src-main/services/attack/evidence';
import type { AttackGround } from '../../../src-main/services/attack/ground';
import { performAttacks } from '../../../src-main/services/attack/lab';
import { attackRig, type AttackRig } from '../../support/attack-ground';

const none = { group: 'downgrade' as const, plan: () => [] };
const signal = (): AbortSignal => AbortSignal.timeout(20_000);

describe('the ground of attacks', () => {
  let rig: AttackRig;
  let ground: AttackGround;
  beforeAll(async () => {
    rig = await attackRig('shop', none);
    ground = rig.ground;
  }, 60_000);
  afterAll(() => rig.close());

  const web = { gateway: 'main', user: 'web', trust: 'pki/root/ca-cert.pem', sql: 'SELECT id FROM orders' } as const;
  const password = (): string => ground.secrets.get('users/web')?.reveal() ?? '';

  it('lets an honest client through the relay of the link', async () => {
    const run = await attackRun(
      ground,
      'honest',
      { ...web, transport: 'mysql-tls-verified', password: password() },
      signal(),
    );
    expect(resultOf(run, { settings: [] })).toMatchObject({ outcome: 'got-through', evidence: [{ kind: 'rows' }] });
  });

  it('knows an answer of the gateway from a connection that only ends', async () => {
    const run = await attackRun(ground, 'plain', { ...web, transport: 'mysql-plain', password: password() }, signal());
    const result = resultOf(run, { settings: [] });
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'A', side: 'gateway' } });
    expect(result.evidence[0]).toMatchObject({ kind: 'error' });
    expect(JSON.stringify(result)).not.toContain(password());
  });

  it('counts the client’s own check as the client’s', async () => {
    const run = await attackRun(
      ground,
      'name',
      { ...web, transport: 'mysql-tls-verified', serverName: 'bank.example', password: password() },
      signal(),
    );
    expect(resultOf(run, { settings: [] })).toMatchObject({ outcome: 'stopped', stoppedAt: { side: 'client' } });
  });

  it('takes a link that leads nowhere for no answer of anybody', async () => {
    const [link] = ground.links;
    link!.stand((near) => near.destroy());
    await link!.nextConnection(signal());
    link!.stand(null);
    expect(link!.gateway).toBe('main');
  });

  it('reads MySQL as its root, past the gateway', async () => {
    const [row] = await ground.atMysql('SELECT COUNT(*) AS n FROM orders');
    expect(Number(row?.['n'])).toBeGreaterThan(0);
  });

  it('keeps and puts back rows that a strict mode would refuse', async () => {
    await ground.atMysql('CREATE TABLE odd (id INT AUTO_INCREMENT PRIMARY KEY, placed DATE NOT NULL)');
    await ground.atMysql(`INSERT INTO odd VALUES (0, '0000-00-00')`);
    await ground.atMysql('CREATE TABLE odd_kept AS SELECT * FROM odd');
    const [row] = await ground.atMysql('SELECT id, CAST(placed AS CHAR) AS placed FROM odd_kept');
    expect(row).toEqual({ id: 0, placed: '0000-00-00' });
    await ground.atMysql('DROP TABLE odd, odd_kept');
  });

  it('performs in the order given, a broken attack as "cannot decide"', async () => {
    const card = {
      ...{ id: 'x', group: 'downgrade' as const, title: 't', aim: 'a', about: [], hop: 'A' as const },
      ...{ scored: true, notHere: null },
    };
    const performed = await performAttacks(ground, [
      { card: { ...card, id: 'alone' }, alone: true, run: () => Promise.reject(new Error('broke')) },
      {
        card: { ...card, id: 'left out', notHere: 'no such place' },
        alone: false,
        run: () => Promise.reject(new Error()),
      },
    ]);
    expect(performed.map(({ card: { id }, result }) => [id, result.outcome])).toEqual([
      ['alone', 'cannot-decide'],
      ['left out', 'not-here'],
    ]);
  });

  it('leaves nothing behind', async () => {
    const { dir } = ground;
    await rig.close();
    expect(existsSync(dir)).toBe(false);
  });
});
