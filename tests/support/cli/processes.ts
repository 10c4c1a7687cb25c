import { readdir, readFile } from 'node:fs/promises';

/** Command lines of living processes that mention `text`, this one left out. Linux only: proc(5). */
export async function processesMentioning(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(text)) found.push(`${pid} ${command.replaceAll('\0', ' ')}`);
  }
  return found;
}

/** Paths of Unix sockets somebody listens on that mention `text`. Linux only: proc_net(5). */
export async function socketsMentioning(text: string): Promise<string[]> {
  const table = await readFile('/proc/net/unix', 'utf8').catch(() => '');
  return table.split('\n').flatMap((line) => (line.includes(text) ? [line.slice(line.indexOf('/'))] : []));
}
