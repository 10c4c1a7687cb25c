import type { AttackResult, ResponsibleSetting } from '../../domain/attacks';
import { plainText } from '../../domain/trace';
import { attackRun } from './cells';
import { resultOf } from './evidence';
import type { AttackGround } from './ground';
import { honestConnection, type HonestCaller } from './honest';
import { settingsOf } from './named-settings';

/** How long a link that somebody has just left is given to come back, milliseconds. */
const PATIENCE_MS = 1_000;

const broken = new WeakMap<AttackGround, Map<string, Promise<AttackResult | null>>>();

/**
 * Whether the gateway's link serves its honest caller with nobody on it; null: it does. Else the result of whatever is
 * tried on that link: nothing can be told apart there, with the reason that the caller's own connection gives. A link that
 * does not work is tried once for a ground.
 */
export async function linkWithoutUse(
  ground: AttackGround,
  honest: HonestCaller,
  signal: AbortSignal,
): Promise<AttackResult | null> {
  const known = broken.get(ground) ?? new Map<string, Promise<AttackResult | null>>();
  broken.set(ground, known);
  const { gateway } = honest.caller;
  const found = known.get(gateway) ?? tryLink(ground, honest, signal);
  known.set(gateway, found);
  const forget = (): void => void known.delete(gateway);
  const result = await found.catch((error: unknown) => {
    forget();
    throw error;
  });
  // One that works now may be broken later by what an attack does.
  if (result === null) forget();
  return result;
}

async function tryLink(ground: AttackGround, honest: HonestCaller, signal: AbortSignal): Promise<AttackResult | null> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const run = await attackRun(ground, 'honest', honestConnection(ground, honest), signal);
    if (run.attempt.stage === 'done') return null;
    signal.throwIfAborted();
    // Only a link comes back by itself; a refusal stays one.
    if (run.trace.stoppedAt === 'C' && performance.now() < end) continue;
    const { name, topology } = { name: honest.caller.gateway, topology: ground.workspace.topology };
    const result = resultOf(run, { settings: run.trace.stoppedAt === 'C' ? linkSettings(ground, name) : [] });
    const near = run.trace.hops.find(({ id }) => id === 'C')?.bothSides?.near ?? null;
    const index = topology.gateways.findIndex((gateway) => gateway.name === name);
    const said = near === null || index < 0 ? [] : [plainText(near)];
    return {
      ...result,
      ...{ outcome: 'cannot-decide', stoppedAt: null },
      why: [...said, ...result.why.filter((line) => !said.includes(line))],
      sentence: `The caller “${honest.caller.name}” is not answered through gateway ${name} without an attacker either, so that nothing can be told apart.`,
    };
  }
}

/** What a link needs that checks its tablets: the settings that are missing, or else those that are there. */
function linkSettings({ workspace }: AttackGround, name: string): ResponsibleSetting[] {
  const index = workspace.topology.gateways.findIndex((gateway) => gateway.name === name);
  const link = workspace.topology.gateways[index]?.tabletLink ?? null;
  if (link === null) return [];
  const setting = settingsOf(workspace);
  const all = [
    { key: 'serverName', flag: '--tablet-grpc-server-name', value: link.serverName, none: 'the host that is dialled' },
    { key: 'ca', flag: '--tablet-grpc-ca', value: link.ca, none: 'none: the authorities of the operating system' },
  ];
  const missing = all.filter(({ value }) => value === null);
  return (missing.length > 0 ? missing : all).map(({ key, flag, value, none }) =>
    setting(
      {
        ...{ path: ['gateways', index, 'tabletLink', key], name: `gateway ${name}: tabletLink.${key}`, flag },
        ...(value === null
          ? {
              advice:
                key === 'ca'
                  ? 'Name the authority that signs the tablets’ certificates.'
                  : 'Name what the tablets’ certificates carry, so that the gateway takes them.',
            }
          : {}),
      },
      value ?? none,
    ),
  );
}
