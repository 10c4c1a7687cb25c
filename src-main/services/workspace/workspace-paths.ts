import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Longest path of a Unix socket that every system takes (104 bytes on macOS, 108 on Linux, with the final NUL). */
const SOCKET_PATH_LIMIT = 103;

/** Where things are in a workspace folder (design.md §1). */
export class WorkspacePaths {
  constructor(readonly dir: string) {}

  get topology(): string {
    return join(this.dir, 'gatehouse.json');
  }
  get tests(): string {
    return join(this.dir, 'tests');
  }
  get state(): string {
    return join(this.dir, '.gatehouse');
  }
  get run(): string {
    return join(this.state, 'run');
  }
  /** Option files with which command-line clients connect as the callers while the cluster runs. */
  get clients(): string {
    return join(this.run, 'clients');
  }
  get lock(): string {
    return join(this.run, 'lock');
  }
  /** There while the app writes an applied version, and after it was cut off in that. */
  get applyJournal(): string {
    return join(this.state, 'apply.json');
  }
  get history(): string {
    return join(this.state, 'history');
  }
  get data(): string {
    return join(this.state, 'data');
  }
  get logs(): string {
    return join(this.state, 'logs');
  }
  get secrets(): string {
    return join(this.state, 'secrets');
  }

  /** A socket's path: in the run folder, or, where that is too long for the system, in a private folder of the user's. */
  socket(name: string): string {
    const near = join(this.run, `${name}.sock`);
    if (Buffer.byteLength(near) <= SOCKET_PATH_LIMIT) return near;
    return join(this.socketFolder, `${name}.sock`);
  }

  /** The folder that `socket` falls back to; made with mode 0700 by whoever starts the cluster. */
  get socketFolder(): string {
    const near = this.run;
    if (Buffer.byteLength(join(near, 'xxxxxxxxxxxxxxxxxxxxxxxx.sock')) <= SOCKET_PATH_LIMIT) return near;
    const name = createHash('sha256').update(this.dir).digest('hex').slice(0, 12);
    return join(tmpdir(), `gatehouse-${process.getuid?.() ?? 'u'}-${name}`);
  }
}
