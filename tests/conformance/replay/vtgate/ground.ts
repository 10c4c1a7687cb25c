import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { companionPath } from '../companion';

/** A certificate with what is sent behind it, and its key, as PEM. */
export interface PemIdentity {
  readonly cert: string;
  readonly key: string;
}

/** A temporary folder with the certificates of a recording and whatever files its servers read. */
export class Ground {
  readonly path = mkdtempSync(join(tmpdir(), 'gh-replay-'));
  readonly certs = join(this.path, 'certs');
  #files = 0;

  private constructor() {}

  /** Makes the certificates by the script that lies beside the recording, or else by our own copy of it; none for ''. */
  static async make(recordingFolder: string): Promise<Ground> {
    const ground = new Ground();
    if (recordingFolder === '') return ground;
    const script = companionPath(recordingFolder, 'certificates.sh');
    await promisify(execFile)('bash', [script, ground.certs], { cwd: recordingFolder, maxBuffer: 1 << 24 });
    return ground;
  }

  /** Path of a new file with this content. */
  write(content: string | Uint8Array): string {
    const path = this.fresh('file');
    writeFileSync(path, content);
    return path;
  }

  /** A path at which there is nothing. */
  fresh(ending: string): string {
    this.#files += 1;
    return join(this.path, `${this.#files}.${ending}`);
  }

  identity(name: string): PemIdentity {
    return { cert: this.pem(`${name}.pem`), key: this.pem(`${name}-key.pem`) };
  }

  pem(file: string): string {
    return readFileSync(join(this.certs, file), 'utf8');
  }

  dispose(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
