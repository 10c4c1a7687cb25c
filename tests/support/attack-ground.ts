import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttackResult } from '../../src-main/domain/attacks';
import { openGround, type AttackGround } from '../../src-main/services/attack/ground';
import type { AttackFamily, AttackWorld, PlannedAttack } from '../../src-main/services/attack/planned';
import type { SampleName } from '../../src-main/services/workspace/init-workspace';
import type { RunOverrides, Workspace } from '../../src-main/services/workspace/load-workspace';
import { makeWorkspace, ports } from './workspace';

export const worldOf = (workspace: Workspace, hasSecret: (name: string) => boolean = () => true): AttackWorld => ({
  workspace,
  now: new Date(),
  hasSecret,
});

/** A workspace of a sample, as a test changes it, with a ground on which attacks are performed. */
export interface AttackRig {
  readonly ground: AttackGround;
  readonly planned: readonly PlannedAttack[];
  /** Performs the one attack with this id; a wrong id is the test's own fault. */
  perform(id: string): Promise<AttackResult>;
  close(): Promise<void>;
}

/** `change` gets gatehouse.json as read and changes it in place. */
export async function attackRig(
  sample: SampleName,
  family: AttackFamily,
  options: {
    readonly change?: (topology: any) => void; // eslint-disable-line @typescript-eslint/no-explicit-any
    readonly files?: Readonly<Record<string, string | Buffer>>;
    readonly overrides?: RunOverrides;
  } = {},
): Promise<AttackRig> {
  const made = await makeWorkspace(sample);
  const file = join(made.dir, 'gatehouse.json');
  const topology: unknown = JSON.parse(await readFile(file, 'utf8'));
  options.change?.(topology);
  await writeFile(file, JSON.stringify(topology, null, 2));
  for (const [path, content] of Object.entries(options.files ?? {})) await writeFile(join(made.dir, path), content);
  const ground = await openGround({
    dir: made.dir,
    ports,
    unlocker: { kind: 'key-file' },
    ...(options.overrides === undefined ? {} : { overrides: options.overrides }),
  });
  const planned = family.plan(worldOf(ground.workspace, (name) => ground.secrets.get(name) !== undefined));
  return {
    ground,
    planned,
    perform: async (id) => {
      const attack = planned.find(({ card }) => card.id === id);
      if (attack === undefined)
        throw new Error(`no attack ${id} among ${planned.map(({ card }) => card.id).join(', ')}`);
      return attack.run(ground, AbortSignal.timeout(30_000));
    },
    close: async () => {
      await ground.close();
      await made.remove();
    },
  };
}
