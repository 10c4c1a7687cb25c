import { compare } from '../compare';
import type { CaseOutcome, Difference, Replay } from '../outcome';
import { Ground } from '../vtgate/ground';
import { startTabletGround } from '../vtgate/tablet';
import { recordedReason } from '../vtgate/vtgate';
import { playClient } from './client';
import type { LoginCase, LoginsRecording, StartCase } from './recorded';
import { playSequence } from './sequence';
import { Servers } from './servers';
import { playSingle } from './single';

async function playStart({ flags, expect }: StartCase, servers: Servers): Promise<readonly Difference[]> {
  const expected =
    expect.start === 'ok'
      ? { start: 'ok' }
      : { start: 'refused', reason: recordedReason(expect.log), exit: expect.exit };
  const vtgate = await servers.start(flags);
  if (vtgate.start === 'refused') return compare(expected, vtgate);
  await vtgate.stop();
  return compare(expected, { start: 'ok' });
}

/** The differences of a case; null: a program that it needs is not on this machine. */
async function play(found: LoginCase, servers: Servers): Promise<readonly Difference[] | null> {
  switch (found.kind) {
    case 'start':
      return playStart(found, servers);
    case 'sequence':
      return playSequence(found, servers);
    case 'client':
      return playClient(found, servers);
    case undefined:
      return playSingle(found, servers);
  }
}

/** logins.json: every connection over a socket of its kind, the callers as a real tablet received them. */
export const replayLogins: Replay = async function* (recording, settings) {
  const given = recording as LoginsRecording;
  const ground = await Ground.make(settings.folder);
  const tablet = await startTabletGround(given.acl, settings.fidelity);
  const servers = new Servers(given, ground, tablet, settings);
  try {
    for (const found of given.cases) {
      if (settings.only?.(found.id) === false) continue;
      yield await play(found, servers).then(
        (differences) => outcome(found, differences),
        (error: unknown) => outcome(found, [{ tier: 'a', at: '', expected: found, seen: String(error) }]),
      );
    }
  } finally {
    await servers.stop();
    await tablet.stop();
    ground.dispose();
  }
};

const outcome = (recorded: LoginCase, differences: readonly Difference[] | null): CaseOutcome =>
  differences === null
    ? { id: recorded.id, compared: [], differences: [], missing: missing(recorded), recorded }
    : { id: recorded.id, compared: ['a'], differences, recorded };

/** The client without its settings. */
const missing = (found: LoginCase): string =>
  found.kind === 'client' ? found.client.replace(/ (?:--|default|TLS|\().*$/, '') : 'a program';
