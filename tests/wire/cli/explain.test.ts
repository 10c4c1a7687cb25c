import { beforeAll, describe, expect, it } from 'vitest';
import { buildProgram, expectMistake, gatehouse } from '../../support/cli/gatehouse';

beforeAll(() => buildProgram());

const denial = `ERROR 1045 (28000) at line 1: target: shop.0.primary: vttablet: rpc error: code = PermissionDenied desc = Select command denied to user 'reporting' for table 'orders' (ACL check error) (CallerID: reporting)`;

describe('gatehouse explain', () => {
  it('says where a text arose, why, and what helps', async () => {
    const end = await gatehouse(['explain', denial]);
    expect(end.code).toBe(0);
    expect(end.stdout).toContain('The table ACL denies it');
    expect(end.stdout).toContain('Where    Tablet: may they?');
    expect(end.stdout).toContain('vtgate: target: shop.0.primary: (meant for keyspace shop, shard 0, primary)');
  });

  it('reads standard input and answers with one document, without the secret that was pasted', async () => {
    const end = await gatehouse(['explain', '-', '--json'], { input: `mysql --password=hunter2\n${denial}` });
    expect(end.code).toBe(0);
    expect(end.stdout + end.stderr).not.toContain('hunter2');
    expect(JSON.parse(end.stdout)).toMatchObject({
      schema: 1,
      secretsMasked: 1,
      known: [{ id: 'vttablet.denied', stage: 'D', by: 'vttablet', remedies: expect.any(Array) as unknown }],
    });
  });

  it('says that it does not know a text, and ends with 1', async () => {
    const end = await gatehouse(['explain', 'flux capacitor is empty']);
    expect(end.code).toBe(1);
    expect(end.stdout).toContain('This text is not known.');
    const known = await gatehouse(['explain', '--list', '--json']);
    expect((JSON.parse(known.stdout) as { entries: unknown[] }).entries.length).toBeGreaterThan(200);
  });

  it('shows no control character that a terminal would obey', async () => {
    const end = await gatehouse(['explain', '-'], { input: "Access denied for user '\u001b[2J\u0007'" });
    expect(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(end.stdout)).toBe(false);
  });

  it.each<[RegExp, string[]]>([
    [/no text to explain/, ['explain', ' ']],
    [/not both/, ['explain', 'x', '--list']],
  ])('%s', async (words, args) => expectMistake(await gatehouse(args), 2, words));
});
