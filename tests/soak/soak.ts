import { fork } from 'node:child_process';
import { join } from 'node:path';
import { judge, type Sample } from './judge';
import { soakClients, type Ports, type SoakClient } from './clients';
import type { Holding } from './server';

/** `node soak.mjs MINUTES`: soaks a gateway and a tablet in a process of their own, and prints what they held. */
const minutes = Number(process.argv[2] ?? 10);
const child = fork(join(import.meta.dirname, 'server.mjs'), { execArgv: ['--expose-gc', '--enable-source-maps'] });
const ended = new Promise<never>((_resolve, reject) =>
  child.once('exit', (code) => reject(new Error(`the soaked process ended with ${code}`))),
);
ended.catch(() => undefined);
const hear = <Message>(): Promise<Message> =>
  Promise.race([
    ended,
    new Promise<Message>((resolve) => child.once('message', (message) => resolve(message as Message))),
  ]);
const begun = await hear<{ ports?: Ports; missing?: string }>();
if (begun.ports === undefined) {
  console.log(`not run: ${begun.missing}`);
  child.send('stop');
  process.exit(0);
}
const measure = async (): Promise<Holding> => {
  const answer = hear<{ holding: Holding; crashes: string[] }>();
  child.send('measure');
  const { holding, crashes } = await answer;
  if (crashes.length > 0) throw new Error(`the soaked process had a fault that nobody caught: ${crashes[0]}`);
  return holding;
};

const clients = await soakClients(begun.ports);
const end = performance.now() + minutes * 60_000;
const done = new Map<string, number>();
const faults: string[] = [];
let pause: Promise<void> = Promise.resolve();
async function keepPlaying({ name, play }: SoakClient): Promise<void> {
  while (performance.now() < end && faults.length === 0) {
    await pause;
    await play().then(
      () => done.set(name, (done.get(name) ?? 0) + 1),
      (error: unknown) => faults.push(`${name}: ${(error as Error).message}`),
    );
  }
}
const playing = Promise.all(clients.map(keepPlaying));

/** Between two samples everybody pauses, so that what is in use for a moment is not taken for what is kept. */
const samples: Sample[] = [];
const every = Math.max(2_000, (minutes * 60_000) / 60);
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
while (performance.now() < end && faults.length === 0) {
  await new Promise((resolve) => setTimeout(resolve, every));
  let goOn!: () => void;
  pause = new Promise((resolve) => (goOn = resolve));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const holding = await measure();
  goOn();
  const minute = minutes - (end - performance.now()) / 60_000;
  samples.push({ minute, held: holding.heap + holding.external, files: holding.files });
  console.log(
    `${minute.toFixed(1).padStart(5)} min: ${mebibytes(holding.heap)} MiB heap, ${mebibytes(holding.external)} external, ` +
      `${mebibytes(holding.resident)} resident, ${holding.files ?? '?'} files`,
  );
}
await playing;
for (const [name, times] of done) console.log(`${String(times).padStart(7)} times: ${name}`);
const verdict = judge(samples, minutes);
for (const line of [...verdict.figures, ...verdict.missed, ...faults]) console.log(line);
child.send('stop');
await new Promise((resolve) => child.once('exit', resolve));
process.exit(faults.length === 0 && verdict.missed.length === 0 ? 0 : 1);
