import { setTimeout as wait } from 'node:timers/promises';
import { DirectCalls } from './direct-calls';
import { askOutcome } from './error-outcome';
import { logIn, type LoggedInClient } from './login';
import { sendPayload } from './play';
import type { ScenarioSettings } from './scenario-settings';
import { expectedAnswer } from './shown';
import { readAnswer } from './wire-reader';
import type { Servers, World } from './world';

export interface ScenarioStep {
  readonly on?: string;
  readonly query?: string;
  readonly call?: string;
  readonly act?: string;
  readonly got?: Readonly<Record<string, unknown>>;
}

/** One thing to compare: where, what was recorded and what was seen. */
export type Compared = (at: string, expected: unknown, seen: unknown) => void;

const repeated = / \(repeated every 0\.5 s; distinct answers in order\)$/;
/** How many tables there are is what the cases before it left. */
const listsTables = /^\s*show\s+(?:full\s+)?tables\b/i;

/** An answer without the number of its rows. */
function withoutCount(answer: unknown): unknown {
  const { resultSet, ...rest } = answer as { readonly resultSet?: { readonly columns: number } };
  return resultSet === undefined ? answer : { ...rest, resultSet: { columns: resultSet.columns } };
}

/** How long something that needs time (a server starting) is waited for. */
const patienceMs = 30_000;
/** How long a statement may take that nothing is done about. */
const answerMs = 12_000;

/** Plays the steps of one scenario. What it cannot do is a difference. */
export class Scenario {
  readonly #clients = new Map<string, LoggedInClient>();
  readonly #pending = new Map<string, { readonly sql: string; readonly answer: Promise<unknown> }>();
  readonly #direct: DirectCalls;
  #lastSql = '';
  #stopping: Promise<void> | null = null;
  #starting: Promise<void> | null = null;
  #startedAt = 0;

  constructor(
    private readonly world: World,
    private readonly servers: Servers,
    private readonly settings: ScenarioSettings,
  ) {
    this.#direct = new DirectCalls(servers.tablet);
  }

  async play(steps: readonly ScenarioStep[], compared: Compared): Promise<void> {
    for (const [index, step] of steps.entries()) {
      const at = `steps[${index}]`;
      if (step.query !== undefined && repeated.test(step.query)) {
        await this.#repeat(steps, index, compared);
        continue;
      }
      if (step.act !== undefined) {
        if (!(await this.#act(step.act))) compared(`${at}.act`, step.act, 'not played');
      } else if (step.call !== undefined) await this.#call(at, step, compared);
      else if (step.query !== undefined) await this.#query(at, step, compared);
    }
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) client.raw.close();
    await this.#direct.close();
    await this.#stopping;
    await this.#starting;
  }

  async #client(on: string): Promise<LoggedInClient> {
    const name = on.slice(0, 1);
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const user = /\bbob\b/.test(on) ? 'bob' : this.settings.users.get(name);
    const bob = user === 'bob' ? { user, password: 'pw2' } : {};
    const client = await logIn(this.servers.entrance, bob);
    this.#clients.set(name, client);
    return client;
  }

  async #call(at: string, { call = '', got }: ScenarioStep, compared: Compared): Promise<void> {
    if (/while another Execute of it runs/.test(call)) {
      this.#direct.hold('select sleep(1) from t1 where id=1');
      await this.#running('select sleep(1)');
    }
    const seen = await this.#direct.call(call, this.#lastSql);
    if (/^Execute /.test(call)) this.#lastSql = call.replace(/^Execute /, '');
    const { tabletAlias: _alias, ...expected } = got ?? {};
    if (seen === null) return compared(`${at}.got`, withText(expected), 'not played');
    const { codeNumber, ...shown } = seen as { readonly codeNumber?: number };
    const numbered =
      'code' in expected && !('codeNumber' in expected)
        ? shown
        : { ...shown, ...(codeNumber === undefined ? {} : { codeNumber }) };
    compared(`${at}.got`, withText(expected), withText(numbered));
  }

  async #query(at: string, { on = '', query = '', got = {} }: ScenarioStep, compared: Compared): Promise<void> {
    const sql = query;
    const withStatus = 'status' in got;
    const expected = expectedAnswer(got);
    if (on === 'new connection') {
      const seen = await this.#newConnection();
      return compared(`${at}.got`, 'refused' in got ? { refused: true } : expected, seen);
    }
    if (/one MySQL connection too many/.test(on)) return compared(`${at}.got`, expected, await this.#tooMany());
    if (on.length > 1 && !/^[A-Z] \(/.test(on)) return compared(`${at}.on`, on, 'not played');
    const pending = this.#pending.get(on.slice(0, 1));
    if (pending?.sql === sql) {
      this.#pending.delete(on.slice(0, 1));
      return compared(`${at}.got`, expected, await pending.answer);
    }
    const client = await this.#client(on);
    if (sql === 'COM_PING') return compared(`${at}.got`, expected, await this.#ping(client));
    const named = await this.#named(sql);
    const late = wait(answerMs, { noAnswer: true }, { ref: false });
    const seen = await Promise.race([askOutcome(client, named, withStatus), late]);
    if (listsTables.test(sql)) return compared(`${at}.got`, withoutCount(expected), withoutCount(seen));
    compared(`${at}.got`, expected, seen);
  }

  async #ping({ raw, deprecateEof }: LoggedInClient): Promise<unknown> {
    sendPayload(raw, Buffer.of(0x0e));
    const { err, ok, connectionClosed } = await readAnswer(raw, deprecateEof);
    return connectionClosed === true ? { connectionClosed } : expectedAnswer(err === undefined ? { ok } : { err });
  }

  /** Opens transactions until one fails, which is the answer. */
  async #tooMany(): Promise<unknown> {
    for (let number = 0; number < 40; number++) {
      const client = await logIn(this.servers.entrance);
      this.#clients.set(`too many ${number}`, client);
      await askOutcome(client, 'begin', true);
      const seen = await askOutcome(client, `select ${number} from t1 where id=1`, true);
      if (!('resultSet' in (seen as object))) return seen;
    }
    return 'no refusal';
  }

  async #newConnection(): Promise<unknown> {
    try {
      const { raw, login } = await logIn(this.servers.entrance);
      raw.close();
      return login;
    } catch {
      return { refused: true };
    }
  }

  /**
   * Steps of one statement that was asked again and again, whose distinct answers were recorded: which of them are seen on
   * the way to the last depends on timing, others may not be.
   */
  async #repeat(steps: readonly ScenarioStep[], index: number, compared: Compared): Promise<void> {
    const { on = '', query = '' } = steps[index] as ScenarioStep;
    const same = (step: ScenarioStep | undefined): boolean => step?.on === on && step.query === query;
    if (same(steps[index + 1])) return;
    let first = index;
    while (same(steps[first - 1])) first -= 1;
    const recorded = steps.slice(first, index + 1).map(({ got = {} }) => expectedAnswer(got));
    const at = `steps[${index}].got`;
    const last = recorded.at(-1);
    const client = await this.#client(on);
    const ask = (): Promise<unknown> => askOutcome(client, query.replace(repeated, ''), true);
    const textOf = (answer: unknown): string =>
      (answer as { err?: { message: { text: string } } }).err?.message.text ?? JSON.stringify(answer);
    const until = Date.now() + patienceMs;
    let seen = await ask();
    while (textOf(seen) !== textOf(last) && 'resultSet' in (last as object) && Date.now() < until) {
      const text = textOf(seen);
      // The gateway has not heard yet what the tablet says.
      const early = text.endsWith('operation not allowed in state NOT_SERVING');
      if (!early && !recorded.some((one) => textOf(one) === text)) break;
      await wait(100);
      seen = await ask();
    }
    compared(at, last, seen);
  }

  /** `{id of B}` and `{id of idle C}` as that connection's number. */
  async #named(sql: string): Promise<string> {
    const found = /\{id of (?:idle )?([A-Z])\}/.exec(sql);
    if (found === null) return sql;
    const { greeting } = await this.#client(found[1] as string);
    return sql.replace(found[0], String(greeting.connectionId));
  }

  /** Waits until a statement runs in MySQL and returns the number of its thread. */
  async #running(sql: string): Promise<number> {
    const until = Date.now() + patienceMs;
    // The tablet sends statements as Vitess prints them, with other blanks.
    const text = sql.replaceAll(/\s/g, '').replaceAll("'", "''").slice(0, 20);
    while (Date.now() < until) {
      const ask = `select id from information_schema.processlist where command = 'Query' and replace(info, ' ', '') like '${text}%' and user <> 'root'`;
      const [rows] = (await this.world.mysql.run(ask)) as [{ ID?: number; id?: number }[]];
      const id = rows[0]?.ID ?? rows[0]?.id;
      if (id !== undefined) return Number(id);
      await wait(20);
    }
    throw new Error(`the statement does not run: ${sql}`);
  }

  /** Waits until the tablet does not serve. */
  async #closed(): Promise<void> {
    const until = Date.now() + patienceMs;
    while (this.servers.tablet.serving && Date.now() < until) await wait(5);
  }

  async #start(name: string, sql: string): Promise<number> {
    const client = await this.#client(name);
    this.#pending.set(name, { sql, answer: askOutcome(client, sql, true) });
    return this.#running(sql);
  }

  /** Does what `text` tells; false when that is not understood. */
  async #act(text: string): Promise<boolean> {
    const runs = /^([A-Z]) (?:runs|sends) '([^']*)'(?: and blocks)?(?:; (.*))?$/.exec(text);
    if (runs !== null) {
      const [, name = '', sql = '', then = ''] = runs;
      const thread = await this.#start(name, sql);
      const kill = /^in MySQL: (kill(?: query)?) \{connection of it\}$/.exec(then);
      if (kill !== null) await this.world.mysql.run(`${kill[1]} ${thread}`);
      else if (then === 'vttablet killed') await this.servers.tablet.stop({ graceMs: 0 });
      else if (then !== '') return false;
      return true;
    }
    const waits = /(?:^|\b)(?:wait|idle for) ([\d.]+) s$/.exec(text);
    if (waits !== null) {
      if (text.startsWith('Begin by gRPC')) await this.#direct.call('Begin');
      const idle = /^([A-Z]) idle/.exec(text);
      if (idle !== null) await this.#client(idle[1] as string);
      await wait(Number(waits[1]) * 1000);
      return true;
    }
    const since = /^about ([\d.]+) s after SIGTERM/.exec(text);
    if (since !== null) {
      await wait(Math.max(0, this.#startedAt + Number(since[1]) * 1000 - Date.now()));
      return true;
    }
    switch (text) {
      case 'Begin -> id':
        await this.#direct.call('Begin');
        return true;
      case 'mysqld stopped':
        await this.world.mysql.down();
        return true;
      case 'mysqld started':
        await this.world.mysql.up();
        return true;
      case 'mysqld restarted':
        await this.world.mysql.down();
        this.#starting = this.world.mysql.up();
        // Its clients go on once the tablet has closed, before it serves again: the recorded answers are of that time.
        await this.#closed();
        return true;
      case 'vttablet started':
        await this.servers.restartTablet();
        return true;
      case 'vtgate gets SIGTERM':
        await this.#client('D');
        this.#startedAt = Date.now();
        this.#stopping = this.servers.gateway.stop(this.settings.gatewayStop);
        return true;
      case 'vttablet gets SIGTERM':
        this.#startedAt = Date.now();
        this.#stopping = this.servers.tablet.stop(this.settings.tabletStop);
        return true;
      default:
        return /^vtgate process ended/.test(text);
    }
  }
}

/** A direct call's answer with the message in parts. */
function withText(answer: object): unknown {
  const { error, ...rest } = answer as { readonly error?: object; readonly message?: unknown };
  const shown = 'message' in rest ? (expectedAnswer({ err: rest }) as { err: object }).err : rest;
  return error === undefined ? shown : { ...shown, error: (expectedAnswer({ err: error }) as { err: object }).err };
}
