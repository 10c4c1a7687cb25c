import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { AttackCard, AttackResult, Evidence } from '../../../domain/attacks';
import type { Backend } from '../../../domain/topology';
import { writeFileAtomic } from '../../../servers/store';
import type { TestRun } from '../../test/run-test';
import { attackRun } from '../cells';
import { resultOf } from '../evidence';
import type { AttackGround } from '../ground';
import { honestCaller, honestConnection, untilHonest, type HonestCaller } from '../honest';
import { settingsOf } from '../named-settings';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { faultWords, faultyPair, listenersFaults, type Fault } from './faults';

type MysqlFault = Exclude<Fault, 'none'>;
/** Whether a MySQL takes a weak key of its own at all is its library's affair. */
const mysqlFaults: readonly MysqlFault[] = listenersFaults.filter((fault) => fault !== 'weak-key');

/** How long an honest caller is given to get through again, milliseconds. */
const PATIENCE_MS = 5_000;

type Tls = NonNullable<Extract<Backend, { kind: 'managed' }>['tls']>;

/** Faults of the certificate of a MySQL that the workspace runs, at the tablets that check it. */
export function shownToTablets(world: AttackWorld): PlannedAttack[] {
  const { backends, tablets, gateways } = world.workspace.topology;
  return backends.flatMap((backend) => {
    const served = tablets.filter((tablet) => tablet.backend === backend.name).map(({ alias }) => alias);
    const tls = backend.kind === 'managed' ? backend.tls : null;
    const cardOf = (fault: MysqlFault | 'any'): Omit<AttackCard, 'notHere'> => ({
      ...{ id: `certificates/${fault}/mysql-${backend.name}`, group: 'certificates' },
      title: fault === 'any' ? 'A faulty certificate, shown by MySQL' : `${faultWords[fault].title}, shown by MySQL`,
      aim: `link ${served.join(', ')} → MySQL ${backend.name}`,
      about: [
        `A certificate is made for MySQL ${backend.name}${fault === 'any' ? '' : `: ${faultWords[fault].about}`}.`,
        'The MySQL of the rehearsal shows it from then on, and the tablet’s connections are ended, so that it has to look at it.',
        'A caller reads a table.',
      ],
      ...{ hop: 'E', scored: true },
    });
    const honest = gateways.map(({ name }) => honestCaller(world, name)).find((one) => one !== null) ?? null;
    if (served.length === 0 || tls === null || honest === null)
      return [
        notHere(
          cardOf('any'),
          served.length === 0
            ? 'No tablet uses this MySQL.'
            : tls === null
              ? 'The rehearsal reaches this MySQL without TLS, over its Unix socket, so that no certificate is looked at.'
              : 'The workspace’s tests have no caller who could read through the tablet.',
        ),
      ];
    return mysqlFaults.map((fault) => ({
      card: { ...cardOf(fault), notHere: null },
      alone: true,
      run: (ground, signal) => perform(ground, { name: backend.name, tls, honest }, fault, signal),
    }));
  });
}

interface About {
  readonly name: string;
  readonly tls: Tls;
  readonly honest: HonestCaller;
}

async function perform(
  ground: AttackGround,
  { name, tls, honest }: About,
  fault: MysqlFault,
  signal: AbortSignal,
): Promise<AttackResult> {
  const nothing = { stoppedAt: null, why: [], evidence: [], settings: [], trace: null, milliseconds: 0 };
  if (!isMariadb(ground, name))
    return {
      ...{ ...nothing, outcome: 'not-here' },
      sentence: `MySQL ${name} looks at a certificate before it shows it (ALTER INSTANCE RELOAD TLS) and refuses a faulty one; a MariaDB shows it, so the rehearsal needs one (--mysqld).`,
    };
  const usual = await attackRun(ground, 'mysql/before', honestConnection(ground, honest), signal);
  if (usual.attempt.stage !== 'done')
    return {
      ...{ ...nothing, outcome: 'cannot-decide' },
      sentence: `“${honest.caller.name}” is not answered with the right certificate either, so that nothing can be told apart.`,
    };
  const names = ['localhost', '127.0.0.1'];
  const pair = await faultyPair(ground, fault, tls.ca, {
    ...{ purpose: 'serverAuth', commonName: 'localhost', dnsNames: names.slice(0, 1), ipAddresses: names.slice(1) },
  });
  if (pair === null)
    return {
      ...{ ...nothing, outcome: 'not-here' },
      sentence: `No key of the authorities in ${tls.ca} is in this workspace, so that nobody here can be given such a certificate.`,
    };
  const files = [join(ground.dir, tls.cert), join(ground.dir, tls.key)] as const;
  const before = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const show = async ([cert, key]: readonly (string | undefined)[]): Promise<void> => {
    await writeFileAtomic(files[1], key ?? '', 0o600);
    await writeFileAtomic(files[0], cert ?? '', 0o644);
    await readAgain(ground);
  };
  try {
    await show([pair.cert, pair.key]);
    const { run, said } = await untilKnown(ground, name, honest, signal);
    const found = resultOf(run, { settings: [] });
    const through = run.attempt.stage === 'done';
    const stopped = !through && said !== null;
    const evidence: Evidence[] = [
      ...(said === null ? [] : [{ kind: 'record' as const, side: 'tablet' as const, text: said }]),
      ...found.evidence.filter(({ kind }) => kind === 'error'),
    ];
    return {
      ...found,
      ...(stopped
        ? { outcome: 'stopped', stoppedAt: { hop: 'E', side: 'tablet' }, evidence }
        : through
          ? {}
          : { outcome: 'cannot-decide', stoppedAt: null }),
      sentence: through
        ? `The tablet took the certificate of MySQL ${name}, and “${honest.caller.name}” was answered.`
        : stopped
          ? `The tablet did not take the certificate of MySQL ${name}, so that “${honest.caller.name}” got an error.`
          : 'The caller was not answered, and nobody said why.',
      why: said === null ? [] : [said],
      settings: [
        settingsOf(ground.workspace)(
          {
            path: ['backends', ground.workspace.topology.backends.findIndex((one) => one.name === name), 'tls', 'ca'],
            name: `MySQL ${name}: tls.ca`,
            flag: '--db-ssl-ca',
          },
          'none',
        ),
      ],
    };
  } finally {
    await show(before);
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    await untilHonest(ground, honest, patience).catch(() => undefined);
  }
}

/**
 * Asks as an honest caller until it is answered or a tablet has said in its own words that the certificate does not hold: that
 * it serves nobody for the moment, because its connections were ended, tells nothing.
 */
async function untilKnown(
  ground: AttackGround,
  name: string,
  honest: HonestCaller,
  signal: AbortSignal,
): Promise<{ readonly run: TestRun; readonly said: string | null }> {
  const { topology } = ground.workspace;
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const run = await attackRun(ground, `mysql/${name}`, honestConnection(ground, honest), signal);
    if (run.attempt.stage === 'done') return { run, said: null };
    const errors = ground.cluster.tablets.map(({ backendError }, index) =>
      topology.tablets[index]?.backend === name ? backendError : null,
    );
    const said = errors.find((error) => error !== null && aboutCertificate.test(error)) ?? null;
    if (said !== null || performance.now() > until) return { run, said };
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** How Node's TLS (OpenSSL) words a certificate that does not hold. */
const aboutCertificate = /certificate|altnames|cert's list|issuer/i;
const LOOK_EVERY_MS = 20;

const isMariadb = (ground: AttackGround, name: string): boolean =>
  /maria/i.test(ground.addresses.backends.find((backend) => backend.name === name)?.vendor ?? '');

/** MariaDB reads certificate and key anew (MariaDB manual: FLUSH SSL), and everybody has to come again. */
async function readAgain(ground: AttackGround): Promise<void> {
  await ground.atMysql('FLUSH SSL');
  const others = await ground.atMysql(
    "SELECT id AS id FROM information_schema.processlist WHERE user NOT IN ('root', 'system user', 'event_scheduler')",
  );
  for (const { id } of others) await ground.atMysql(`KILL ${Number(id)}`).catch(() => undefined);
}
