import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { compare } from '../compare';
import type { Difference } from '../outcome';
import { ask, command } from '../vtgate/ask';
import type { Ground } from '../vtgate/ground';
import type { RunningVtgate } from '../vtgate/vtgate';
import { playLogin } from '../vtgate/wire-login';
import type { RawClient } from '../../../support/mysql-wire/raw-client';
import type { SequenceCase, SequenceStep } from './recorded';
import type { Servers } from './servers';
import { seenRefusal } from './tls-refusal';

type Facts = { readonly [key: string]: unknown };

/** A TLS session with the certificate that it was made with. */
interface Kept {
  readonly session: Buffer | null;
  readonly certificate: string | undefined;
}

const comChangeUser = 17;
const comResetConnection = 31;

/** One running server and what its client has kept from step to step. */
class Sequence {
  readonly #sessions = new Map<string, Kept>();
  readonly #open = new Map<string, RawClient>();
  #last: RawClient | null = null;

  constructor(
    private readonly vtgate: RunningVtgate,
    private readonly servers: Servers,
    private readonly files: SequenceFiles,
    private readonly tlsVersion: string | undefined,
  ) {}

  close(): void {
    for (const client of this.#open.values()) client.close();
    this.#last?.close();
  }

  /** Does what a step says, clause by clause; the facts of its last clause. Throws on words that are not known here. */
  async step(words: string): Promise<Facts> {
    let facts: Facts = {};
    for (const clause of words.split(/; (?!keep)/)) facts = await this.#clause(clause);
    return facts;
  }

  async #clause(clause: string): Promise<Facts> {
    const [action = '', ...rest] = clause.split(/, (?!and )/);
    if (/^log in/.test(action)) return this.#logIn(clause);
    if (/^(replace|delete)/.test(action)) {
      this.files.change(action);
      return rest.includes('SIGHUP') ? this.#hangUp() : {};
    }
    if (action === 'SIGHUP') return this.#hangUp();
    const kept = /^query on connection (\w+)$/.exec(clause)?.[1];
    if (kept !== undefined) {
      const answer = await ask(this.#open.get(kept)!, 'select user()');
      return { result: 'rows' in answer ? 'answers' : answer };
    }
    const client = this.#last;
    if (client === null) throw new Error(`nobody is logged in: ${clause}`);
    if (/^COM_CHANGE_USER/.test(clause)) {
      const user = /to user (\S+)/.exec(clause)?.[1] ?? '';
      const reply = Buffer.concat([Buffer.of(20), Buffer.alloc(20)]);
      const rest2 = Buffer.from('\0\x2d\0mysql_native_password\0', 'latin1');
      return command(client, comChangeUser, Buffer.concat([Buffer.from(`${user}\0`), reply, rest2]));
    }
    if (/^COM_RESET_CONNECTION/.test(clause)) return command(client, comResetConnection, Buffer.alloc(0));
    if (/^select /.test(clause)) return ask(client, clause);
    throw new Error(`unread step: ${clause}`);
  }

  #hangUp(): Facts {
    return { certificates: this.vtgate.reloader.hangUp().mysqlTls };
  }

  async #logIn(words: string): Promise<Facts> {
    const resumes = /resuming(?: the TLS session of (\w+)| the (first) session)?/.exec(words);
    const from = resumes === null ? undefined : this.#sessions.get(resumes[1] ?? 'first');
    const certificate = /with certificate ([\w-]+)/.exec(words)?.[1] ?? from?.certificate;
    const user = /log in as (\S+?)(?:,| |$)/.exec(words)?.[1] ?? this.servers.anyUser;
    this.servers.refusal();
    const { view, client } = await playLogin(
      {
        transport: 'tls',
        tls: {
          ...(certificate === undefined ? {} : { cert: certificate }),
          ...(this.tlsVersion === undefined ? {} : { min: this.tlsVersion, max: this.tlsVersion }),
        },
        user,
        password: this.servers.passwordOf(user),
      },
      {
        where: { port: this.vtgate.gateway.mysql!.port },
        ground: this.servers.ground,
        ...(from?.session == null ? {} : { session: from.session }),
      },
    );
    const refused = this.servers.refusal();
    const { resumed } = view;
    if (refused !== null) return { ...seenRefusal(refused, view), resumed };
    if (client === null) return { result: view.result, errno: view.errno, resumed };
    const kept: Kept = { session: client.tlsSession, certificate };
    if (!this.#sessions.has('first')) this.#sessions.set('first', kept);
    const name = /keep connection (\w+) open/.exec(words)?.[1];
    const serverCertificate = this.files.nameOf((client.socket as TLSSocket).getPeerX509Certificate());
    if (name === undefined) {
      this.#last?.close();
      this.#last = client;
    } else {
      this.#sessions.set(name, kept);
      this.#open.set(name, client);
    }
    return { result: 'ok', resumed, serverCertificate };
  }
}

/** The files that the steps of a sequence replace. */
class SequenceFiles {
  readonly crl: string;
  readonly now: string;

  constructor(private readonly ground: Ground) {
    this.crl = ground.fresh('pem');
    this.now = ground.fresh('now');
    mkdirSync(this.now);
    // At first they are what every other server of the recording has, and a list that names none of the callers.
    for (const name of ['server.pem', 'server-key.pem']) copyFileSync(join(ground.certs, name), join(this.now, name));
    copyFileSync(join(ground.certs, 'client-ca.pem'), join(this.now, 'ca.pem'));
    copyFileSync(join(ground.certs, 'crl-int.pem'), this.crl);
  }

  change(words: string): void {
    if (words === 'delete {crl}') return rmSync(this.crl);
    if (words === 'replace {crl} with a broken list')
      return writeFileSync(this.crl, '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n');
    const list = /^replace \{crl\} with (\S+\.pem)$/.exec(words)?.[1];
    if (list !== undefined) return copyFileSync(join(this.ground.certs, list), this.crl);
    const both = /^replace certificate and key with ([\w-]+), and the client CA with ([\w-]+)$/.exec(words);
    if (both === null) throw new Error(`unread step: ${words}`);
    const { cert, key } = this.ground.identity(both[1]!);
    writeFileSync(join(this.now, 'server.pem'), cert);
    writeFileSync(join(this.now, 'server-key.pem'), key);
    copyFileSync(join(this.ground.certs, `${both[2]!}.pem`), join(this.now, 'ca.pem'));
  }

  /** Names of the certificates of the recording that are this one; a resumed session has none at the client. */
  nameOf(certificate: X509Certificate | undefined): string[] {
    if (certificate === undefined) return [];
    return readdirSync(this.ground.certs)
      .filter((file) => file.endsWith('.pem') && !file.endsWith('-key.pem') && !file.startsWith('crl-'))
      .filter((file) => new X509Certificate(readFileSync(join(this.ground.certs, file))).raw.equals(certificate.raw))
      .map((file) => file.slice(0, -'.pem'.length));
  }
}

/** What a step's facts are held against. What SIGHUP logs says whether the files were taken over. */
function expectedOf({ expect, log }: SequenceStep): Facts {
  if (log !== undefined) return { certificates: log.some((line) => line.startsWith('error')) ? 'kept' : 'taken' };
  const { alert, seenIn, ...recorded } = expect ?? {};
  return recorded['result'] === 'tls-refused' ? { ...recorded, alert, wire: { alert, seenIn } } : recorded;
}

/** A sequence of steps on one server; TLS version as the end of the case's name says. */
export async function playSequence(found: SequenceCase, servers: Servers): Promise<readonly Difference[]> {
  const { ground } = servers;
  if (!existsSync(ground.certs)) throw new Error('certificates.sh is not beside the recording');
  const files = new SequenceFiles(ground);
  const vtgate = await servers.start(found.flags, { '{crl}': files.crl, '{now}': files.now });
  if (vtgate.start === 'refused') return compare({ start: 'ok' }, vtgate);
  const sequence = new Sequence(vtgate, servers, files, /\/(1\.[0-3])$/.exec(found.id)?.[1]);
  try {
    const differences: Difference[] = [];
    for (const [index, step] of found.steps.entries()) {
      const expected = expectedOf(step);
      const facts = await sequence.step(step.do);
      const asked = Object.fromEntries(Object.entries(facts).filter(([key]) => key in expected));
      differences.push(...compare(expected, asked, undefined, `steps[${index}]`));
    }
    return differences;
  } finally {
    sequence.close();
    await vtgate.stop();
  }
}
