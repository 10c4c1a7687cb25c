import type { Replay } from './outcome';
import { inParallel } from './in-parallel';
import { needsTopologyServer, playFakeCase, type FakeCase } from './health/fake-cases';
import { GatewayHalf } from './health/gateway-half';
import type { SessionCase } from './health/recorded-session';
import { TabletHalf } from './health/tablet-half';

interface Recording {
  readonly cases: readonly (SessionCase | FakeCase | { readonly id: string; readonly part: 'streamHealth' })[];
}

/**
 * healthstream.json, both halves: recorded tablets before our gateway (what it asks them is compared field by field), and
 * recorded gateways before our tablet in front of MySQL (what it answers is compared). Cases about records that only a
 * topology server has are counted on stderr and not played: an embedded gateway has none of them to be without.
 */
export const replayHealthstream: Replay = async function* (recording, settings) {
  const { cases } = recording as Recording;
  const wanted = cases.filter(({ id }) => settings.only?.(id) ?? true);
  const fakes = wanted.filter((one): one is FakeCase => one.part === 'fakeTablet' || one.part === 'topology');
  const unplayable = fakes.filter(needsTopologyServer);
  if (unplayable.length > 0)
    process.stderr.write(`healthstream.json: ${unplayable.length} cases need a topology server and were not played\n`);
  const sessions = wanted
    .filter((one): one is SessionCase => one.part === 'gatewayRequests')
    .sort((a, b) => (a.order ?? -1) - (b.order ?? -1));
  yield* inParallel(
    fakes.filter((one) => !needsTopologyServer(one)),
    16,
    async (one) => [await playFakeCase(one, settings)],
  );
  const gateway = new GatewayHalf(settings);
  await gateway.start();
  try {
    for (const one of sessions) yield await gateway.play(one);
  } finally {
    await gateway.stop();
  }
  const tablet = new TabletHalf(settings);
  if (await tablet.start()) {
    try {
      for (const one of sessions) {
        const outcome = await tablet.play(one);
        if (outcome !== null) yield outcome;
      }
      for (const one of wanted.filter(({ part }) => part === 'gatewayRequests' || part === 'streamHealth')) {
        const outcome = await tablet.playHealth(one);
        if (outcome !== null) yield outcome;
      }
    } finally {
      await tablet.stop();
    }
  }
  const known = new Set(
    wanted
      .filter(({ part }) => ['gatewayRequests', 'streamHealth', 'topology', 'fakeTablet'].includes(part))
      .map(({ id }) => id),
  );
  for (const one of wanted) {
    if (known.has(one.id)) continue;
    const difference = { tier: 'a', at: 'part', expected: one.part, seen: 'a part that cannot be played' } as const;
    yield { id: one.id, compared: ['a'], differences: [difference], recorded: one };
  }
};
