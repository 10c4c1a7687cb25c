import { join } from 'node:path';
import { installedPrograms, managedOptions, start } from './backend-fixture';

const [folder, vendor] = process.argv.slice(2);
const program = (await installedPrograms()).find((candidate) => candidate.vendor === vendor);
if (folder === undefined || program === undefined) throw new Error('usage: crash-child FOLDER VENDOR');
const server = await start(managedOptions(program, folder, { templateDir: join(folder, 'templates') }));
process.stdout.write(`${JSON.stringify({ pid: server.pid, port: server.port, socket: server.socket })}\n`);
setInterval(() => undefined, 1000);
