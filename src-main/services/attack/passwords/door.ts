import type { AttackCard, AttackResult, Evidence, ResponsibleSetting } from '../../../domain/attacks';
import type { Gateway } from '../../../domain/topology';
import type { TestRun } from '../../test/run-test';
import type { Workspace } from '../../workspace/load-workspace';
import { certifiedInsiders } from '../attackers';
import { attackRun } from '../cells';
import { resultOf, seenIn } from '../evidence';
import type { AttackGround } from '../ground';
import { byAuthorityOf } from '../issue-for';
import { keepPair } from '../keep-pair';
import { fileSetting, settingsOf } from '../named-settings';
import { grpcWay, mysqlWay, type WayIn } from '../ways-in';

/** A listener that lets in by passwords of a users file. */
export interface Door {
  readonly gateway: string;
  readonly protocol: 'mysql' | 'grpc';
  /** The users file; '' where the listener lets everybody in. */
  readonly file: string;
  /** Vitess's flag that names the file, or that says that there is none. */
  readonly flag: string;
  readonly way: WayIn;
  /** Shown where the listener asks for one beside the password; null: none. */
  readonly certificate: string | null;
  readonly unixSocket: boolean;
  /** Names in file order, each once. */
  readonly users: readonly string[];
}

/** What needs no table and says who asks. */
const WHO_AM_I = 'select user()';

/** Every listener of a gateway that is meant to check passwords, also one that checks none. */
export function doorsOf(workspace: Workspace, gateway: Gateway): readonly Door[] {
  const doors: Door[] = [];
  const certificate = certifiedInsiders(workspace, gateway)[0]?.certificate ?? null;
  const { mysql, grpc, name } = gateway;
  const mysqlIn = mysqlWay(workspace, gateway);
  const grpcIn = grpcWay(workspace, gateway);
  const users = mysql?.usersFile == null ? undefined : workspace.users.get(mysql.usersFile);
  if (mysql?.auth === 'static' && mysql.usersFile !== null && mysqlIn !== null && users !== undefined)
    doors.push({
      ...{ gateway: name, protocol: 'mysql', file: mysql.usersFile, way: mysqlIn, certificate },
      ...{ flag: '--mysql-auth-server-static-file', unixSocket: mysql.unixSocket, users: [...users.users.keys()] },
    });
  if (mysql?.auth === 'none' && mysqlIn !== null)
    doors.push({
      ...{ gateway: name, protocol: 'mysql', file: '', way: mysqlIn, certificate },
      ...{ flag: '--mysql-auth-server-impl', unixSocket: mysql.unixSocket, users: ['root'] },
    });
  const grpcUsers = grpc?.usersFile == null ? undefined : workspace.grpcUsers.get(grpc.usersFile);
  if (grpc?.authMode === 'static' && grpc.usersFile !== null && grpcIn !== null && grpcUsers !== undefined)
    doors.push({
      ...{ gateway: name, protocol: 'grpc', file: grpc.usersFile, way: grpcIn, certificate },
      ...{ flag: '--grpc-auth-static-password-file', unixSocket: false },
      users: [...new Set(grpcUsers.users.map(({ username }) => username))],
    });
  return doors;
}

/** A card of this group; `kind` and `more` make its id. */
export const passwordCard = (
  door: Door,
  kind: string,
  title: string,
  about: readonly string[],
  more: { readonly id?: string; readonly aim?: string } = {},
): Omit<AttackCard, 'notHere'> => ({
  id: `passwords/${kind}/${door.gateway}/${door.protocol}${more.id === undefined ? '' : `/${more.id}`}`,
  group: 'passwords',
  title,
  aim: `gateway ${door.gateway}, ${door.protocol === 'mysql' ? 'MySQL' : 'gRPC'}${more.aim === undefined ? '' : `, ${more.aim}`}`,
  about,
  hop: 'A',
  scored: true,
});

/** One login and `select user()`. `user` null: over gRPC no user name and password are sent at all. */
export async function logIn(
  ground: AttackGround,
  door: Door,
  login: { readonly user: string | null; readonly password: string; readonly unix?: boolean },
  signal: AbortSignal,
): Promise<TestRun> {
  const connection =
    login.unix === true
      ? { transport: 'mysql-unix' as const, certificate: null }
      : { ...door.way, certificate: await certificateFor(ground, door) };
  return attackRun(
    ground,
    `passwords/${door.gateway}/${door.protocol}`,
    { gateway: door.gateway, ...connection, user: login.user, password: login.password, sql: WHO_AM_I },
    signal,
  );
}

const made = new WeakMap<AttackGround, Map<string, Promise<string | null>>>();

/** What the door asks for beside the password: a caller's certificate, or one that is made for the attacker. */
function certificateFor(ground: AttackGround, door: Door): Promise<string | null> {
  if (door.certificate !== null || !door.way.transport.endsWith('mutual-tls')) return Promise.resolve(door.certificate);
  const known = made.get(ground) ?? new Map<string, Promise<string | null>>();
  made.set(ground, known);
  const name = `anybody-${door.gateway}-${door.protocol}`;
  const present = known.get(name) ?? makeCertificate(ground, door, name);
  known.set(name, present);
  return present;
}

async function makeCertificate(ground: AttackGround, door: Door, name: string): Promise<string | null> {
  const gateway = ground.workspace.topology.gateways.find((candidate) => candidate.name === door.gateway);
  const bundle = gateway?.[door.protocol]?.tls?.clientCa ?? null;
  const wanted = { subject: { commonName: 'anybody' }, extendedKeyUsage: ['clientAuth'] as const };
  const pair = bundle === null ? null : await byAuthorityOf(ground, bundle, wanted);
  return pair === null ? null : keepPair(ground, name, pair);
}

/** Whether the login itself was taken, whatever became of the statement. */
export const gotIn = ({ attempt }: TestRun): boolean =>
  attempt.stage === 'done' ||
  attempt.steps.some(({ name, outcome }) => name === 'mysql.login' && outcome === 'ok') ||
  (attempt.stage === 'statement' && attempt.error !== null);

/** What the gateway recorded of the entry that was compared. */
interface EntryRecord {
  readonly line: number | null;
  readonly reason: string | null;
}

export function entryRecord(ground: AttackGround, { traceId }: TestRun): EntryRecord | null {
  const steps = traceId === null ? [] : ground.cluster.recorder.steps(traceId);
  const data = steps.findLast(({ name }) => name === 'login.entry' || name === 'rpc.authorized')?.data;
  if (data === undefined) return null;
  const { line, reason } = data;
  return { line: typeof line === 'number' ? line : null, reason: typeof reason === 'string' ? reason : null };
}

/** What is said of a login that was tried. */
export interface LoginWords {
  /** `with an empty password` and the like; completes "X logged in …". */
  readonly how: string;
  /** For people: `web`. */
  readonly who: string;
  readonly why: readonly string[];
  readonly advice: string;
}

/** The result of one login: it got through when the gateway took it. */
export function loginResult(ground: AttackGround, door: Door, run: TestRun, words: LoginWords): AttackResult {
  const { how, who } = words;
  const found = resultOf(run, { settings: [] });
  const record = entryRecord(ground, run);
  if (gotIn(run)) {
    const [[name]] = [run.attempt.table?.rows[0] ?? [null]];
    const evidence: Evidence[] = [
      { kind: 'rows', side: 'gateway', text: `logged in${name == null ? '' : `, and user() is ${name}`}` },
    ];
    return {
      ...found,
      outcome: 'got-through',
      stoppedAt: null,
      sentence:
        door.file === '' && who !== ''
          ? `Somebody logged in at gateway ${door.gateway} as "${who}" ${how}: nobody checks the name.`
          : `${who === '' ? 'Somebody' : `“${who}”`} logged in at gateway ${door.gateway} ${who === '' ? namelessly(how) : how}.`,
      why: door.file === '' ? ['The gateway asks nobody for a password (mysql.auth is "none").'] : words.why,
      evidence,
      settings: [decidedBy(ground, door, who, record?.line ?? null, words.advice)],
    };
  }
  return {
    ...found,
    ...withRecord(run, record),
    sentence: `Gateway ${door.gateway} let nobody in ${how}.`,
    settings: [decidedBy(ground, door, who, null, null)],
  };
}

/** The way of a login without a user name, which is said once. */
const namelessly = (how: string): string => (how === 'without a user name' ? how : `without a user name, ${how}`);

/** The gateway's own record counts as its answer where the connection only ends, as real vtgate ends it at a panic. */
function withRecord(
  run: TestRun,
  record: EntryRecord | null,
): Pick<AttackResult, 'outcome' | 'stoppedAt' | 'evidence'> {
  const seen = seenIn(run);
  if (record?.reason == null) return seen;
  const told: Evidence = { kind: 'record', side: 'gateway', text: record.reason };
  const evidence = seen.evidence.some(({ text }) => text === told.text) ? seen.evidence : [...seen.evidence, told];
  return { outcome: 'stopped', stoppedAt: seen.stoppedAt ?? { hop: 'A', side: 'gateway' }, evidence };
}

/** Who decided: the entry that matched, the user's entries that did not, or the setting that asks nobody for a password. */
function decidedBy(
  { workspace }: AttackGround,
  door: Door,
  who: string,
  matched: number | null,
  advice: string | null,
): ResponsibleSetting {
  if (door.file === '') {
    const index = workspace.topology.gateways.findIndex(({ name }) => name === door.gateway);
    const path = ['gateways', index, 'mysql', 'auth'];
    const setting = { path, name: `gateway ${door.gateway}: mysql.auth`, flag: door.flag };
    return settingsOf(workspace)({ ...setting, advice: 'Set mysql.auth to "static" or "clientcert".' }, 'none');
  }
  const own =
    door.protocol === 'mysql'
      ? workspace.users.get(door.file)?.users.get(who)?.[0]?.line
      : workspace.grpcUsers.get(door.file)?.users.find(({ username }) => username === who)?.line;
  return fileSetting(
    `${door.file}: ${own === undefined && matched === null ? 'every user' : who === '' ? 'the user without a name' : who}`,
    matched === null ? 'no entry matches' : 'an entry matches',
    { file: door.file, line: matched ?? own ?? 1 },
    advice,
    door.flag,
  );
}
