import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ClientAnswer, ClientEvents, ClientPlan, ClientReport } from './plan';

/** What a program says on one line. */
interface Line {
  readonly login?: string;
  readonly check?: string;
  readonly event?: 'sleeping' | 'cut';
  readonly id?: number;
}

/**
 * Runs a client's program with a plan and reads what it says, to its end.
 * Throws with what it wrote to stderr when it does not end well or takes longer than `limitMs`.
 */
export async function runProgram(
  command: readonly [string, ...string[]],
  plan: ClientPlan,
  events: ClientEvents,
  limitMs = 120_000,
): Promise<ClientReport> {
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-4000)));
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.write(`${JSON.stringify(plan)}\n`);
  const logins = new Map<string, ClientAnswer>();
  const checks = new Map<string, ClientAnswer>();
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      const { login, check, event, id, ...answer } = JSON.parse(text) as Line & ClientAnswer;
      if (login !== undefined) {
        logins.set(login, answer);
        events.login(login, answer);
      } else if (check !== undefined) checks.set(check, answer);
      else if (event === 'sleeping') await events.sleeping(id!);
      else {
        await events.cut();
        child.stdin.write('{}\n');
      }
    }
    const code = await ended;
    if (code !== 0) throw new Error(`${program} ended with ${code}: ${complaint}`);
    return { logins, checks };
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}
