import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fail, Secret, succeed, type Failure, type Result } from '../../domain/kernel';
import { writeFileAtomic } from './atomic-write';

/** The system's keychain: seals bytes so that only this user on this machine can open them. */
export interface SystemVault {
  protect(key: Buffer): Promise<Buffer>;
  /** Rejects when the system does not open it. */
  recover(sealed: Buffer): Promise<Buffer>;
}

/** What opens a workspace's secrets: the key file beside them, a passphrase, or the system's keychain. */
export type Unlocker =
  | { readonly kind: 'key-file' }
  | { readonly kind: 'passphrase'; readonly passphrase: Secret }
  | { readonly kind: 'system'; readonly vault: SystemVault };

interface Sealed {
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

interface VaultFile {
  readonly schema: 1;
  readonly unlockers: readonly (
    | { readonly kind: 'key-file'; readonly key: Sealed }
    | { readonly kind: 'system'; readonly key: Sealed; readonly wrapping: string }
    | {
        readonly kind: 'passphrase';
        readonly salt: string;
        readonly n: number;
        readonly r: number;
        readonly p: number;
        readonly key: Sealed;
      }
  )[];
  readonly entries: Sealed;
}

/** scrypt cost: about 60 ms and 32 MiB, as RFC 7914 §2 advises for interactive use. */
const SCRYPT = { n: 32_768, r: 8, p: 1 };
const stretch = promisify<
  string | Buffer,
  string | Buffer,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt);

const derive = (passphrase: Secret, salt: Buffer, cost: { n: number; r: number; p: number }): Promise<Buffer> =>
  stretch(passphrase.reveal(), salt, 32, { N: cost.n, r: cost.r, p: cost.p, maxmem: 256 * cost.n * cost.r });

function seal(key: Buffer, plain: Buffer): Sealed {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const data = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), data: data.toString('base64') };
}

function open(key: Buffer, sealed: Sealed): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.iv, 'base64'), { authTagLength: 16 });
  decipher.setAuthTag(Buffer.from(sealed.tag, 'base64'));
  return Buffer.concat([decipher.update(Buffer.from(sealed.data, 'base64')), decipher.final()]);
}

const locked = (detail: string): { readonly ok: false; readonly failure: Failure } =>
  fail({
    code: 'secrets.locked',
    summary:
      'The workspace’s secrets cannot be opened with what was given. Give its passphrase, or put its key file back.',
    detail,
  });

/** What each folder's stores are writing; two stores of one folder (the draft's and the cluster's) lose nothing. */
const writing = new Map<string, Promise<unknown>>();

function inTurn<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const done = (writing.get(folder) ?? Promise.resolve()).then(work);
  const settled = done
    .catch(() => undefined)
    .then(() => {
      if (writing.get(folder) === settled) writing.delete(folder);
    });
  writing.set(folder, settled);
  return done;
}

/** Values of the open stores by folder and key: what one store puts, another one of the same folder finds at once. */
const shared = new Map<string, WeakRef<Map<string, Secret>>>();

function sharedValues(folder: string, dataKey: Buffer, read: Map<string, Secret>): Map<string, Secret> {
  const key = `${createHash('sha256').update(dataKey).digest('base64')} ${folder}`;
  const known = shared.get(key)?.deref();
  if (known !== undefined) {
    for (const [name, value] of read) if (known.get(name)?.reveal() !== value.reveal()) known.set(name, value);
    return known;
  }
  for (const [other, values] of shared) if (values.deref() === undefined) shared.delete(other);
  shared.set(key, new WeakRef(read));
  return read;
}

/** Names, never values. */
export interface SecretChange {
  readonly stored: readonly string[];
  readonly removed: readonly string[];
}

/**
 * The passwords of one workspace: one random data key encrypts them (AES-256-GCM), and each unlocker wraps that key, so
 * the same workspace opens by key file (0600, for demos and CI) and by passphrase. Nothing is ever written in clear.
 */
export class SecretStore {
  readonly #folder: string;
  readonly #dataKey: Buffer;
  #file: VaultFile;
  readonly #values: Map<string, Secret>;
  readonly #listeners = new Set<(change: SecretChange) => Promise<void>>();

  private constructor(folder: string, dataKey: Buffer, file: VaultFile, values: Map<string, Secret>) {
    this.#folder = folder;
    this.#dataKey = dataKey;
    this.#file = file;
    this.#values = sharedValues(folder, dataKey, values);
  }

  /** Makes an empty store in `folder`, opened by `unlocker`, and writes it. */
  static async create(folder: string, unlocker: Unlocker): Promise<SecretStore> {
    const dataKey = randomBytes(32);
    const file: VaultFile = {
      schema: 1,
      unlockers: [await wrap(folder, dataKey, unlocker)],
      entries: seal(dataKey, Buffer.from('{}')),
    };
    const store = new SecretStore(folder, dataKey, file, new Map());
    await store.#write();
    return store;
  }

  /** Opens the store in `folder`. Fails with `secrets.missing`, `secrets.locked` or `secrets.damaged`. */
  static async open(folder: string, unlocker: Unlocker): Promise<Result<SecretStore>> {
    let file: VaultFile;
    try {
      file = JSON.parse(await readFile(join(folder, 'vault.json'), 'utf8')) as VaultFile;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        return fail({
          code: 'secrets.missing',
          summary:
            'The workspace has no secrets. Make it again with "gatehouse init", or restore its .gatehouse folder.',
        });
      return fail({
        code: 'secrets.damaged',
        summary: 'The file with the workspace’s secrets is damaged. Restore .gatehouse/secrets from a copy.',
        detail: String(error),
      });
    }
    for (const candidate of file.unlockers ?? []) {
      if (candidate.kind !== unlocker.kind) continue;
      try {
        const wrapping =
          unlocker.kind === 'key-file'
            ? Buffer.from((await readFile(join(folder, 'key'), 'utf8')).trim(), 'base64')
            : unlocker.kind === 'system' && candidate.kind === 'system'
              ? await unlocker.vault.recover(Buffer.from(candidate.wrapping, 'base64'))
              : unlocker.kind === 'passphrase' && candidate.kind === 'passphrase'
                ? await derive(unlocker.passphrase, Buffer.from(candidate.salt, 'base64'), candidate)
                : Buffer.alloc(32);
        const dataKey = open(wrapping, candidate.key);
        const entries = JSON.parse(open(dataKey, file.entries).toString('utf8')) as Record<string, string>;
        return succeed(
          new SecretStore(
            folder,
            dataKey,
            file,
            new Map(Object.entries(entries).map(([name, value]) => [name, new Secret(value)])),
          ),
        );
      } catch (error) {
        return locked(String(error));
      }
    }
    return locked(`no unlocker of kind ${unlocker.kind}`);
  }

  get(name: string): Secret | undefined {
    return this.#values.get(name);
  }

  names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /**
   * Stores several values at once, atomically. What others of this program have stored meanwhile stays: the file is read
   * again first, and the stores of one folder write one after the other.
   */
  put(values: ReadonlyMap<string, Secret>): Promise<void> {
    return inTurn(this.#folder, async () => {
      await this.#readAgain();
      for (const [name, value] of values) this.#values.set(name, value);
      const plain = Object.fromEntries([...this.#values].map(([name, value]) => [name, value.reveal()]));
      this.#file = { ...this.#file, entries: seal(this.#dataKey, Buffer.from(JSON.stringify(plain))) };
      await this.#write();
    }).then(() => this.#tell({ stored: [...values.keys()], removed: [] }));
  }

  /** Hears of every change through this store, before the change is said to be done; the result ends that. */
  onChanged(listener: (change: SecretChange) => Promise<void>): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async #tell(change: SecretChange): Promise<void> {
    if (change.stored.length + change.removed.length === 0) return;
    for (const listener of this.#listeners) await listener(change);
  }

  /** Removes values, atomically; names that are not there are fine. */
  remove(names: readonly string[]): Promise<void> {
    return inTurn(this.#folder, async () => {
      await this.#readAgain();
      for (const name of names) this.#values.delete(name);
      const plain = Object.fromEntries([...this.#values].map(([name, value]) => [name, value.reveal()]));
      this.#file = { ...this.#file, entries: seal(this.#dataKey, Buffer.from(JSON.stringify(plain))) };
      await this.#write();
    }).then(() => this.#tell({ stored: [], removed: [...names] }));
  }

  /** Takes over what the file holds by now; a file that is gone or sealed with another key changes nothing. */
  async #readAgain(): Promise<void> {
    try {
      const file = JSON.parse(await readFile(join(this.#folder, 'vault.json'), 'utf8')) as VaultFile;
      const entries = JSON.parse(open(this.#dataKey, file.entries).toString('utf8')) as Record<string, string>;
      this.#file = file;
      for (const [name, value] of Object.entries(entries))
        if (this.#values.get(name)?.reveal() !== value) this.#values.set(name, new Secret(value));
    } catch {
      return;
    }
  }

  /** Adds a way to open the store. */
  addUnlocker(unlocker: Unlocker): Promise<void> {
    return inTurn(this.#folder, async () => {
      await this.#readAgain();
      const added = await wrap(this.#folder, this.#dataKey, unlocker);
      this.#file = { ...this.#file, unlockers: [...this.#file.unlockers, added] };
      await this.#write();
    });
  }

  /** The kinds of unlockers that open the store. */
  get unlockers(): readonly Unlocker['kind'][] {
    return this.#file.unlockers.map(({ kind }) => kind);
  }

  /** Takes away the unlockers of a kind; the last way in is never taken (`secrets.last-unlocker`). */
  async removeUnlocker(kind: Unlocker['kind']): Promise<Result<void>> {
    const left = this.#file.unlockers.filter((unlocker) => unlocker.kind !== kind);
    if (left.length === 0)
      return fail({
        code: 'secrets.last-unlocker',
        summary: 'This is the only way to open the secrets. Add another one first.',
      });
    this.#file = { ...this.#file, unlockers: left };
    await this.#write();
    if (kind === 'key-file') await rm(join(this.#folder, 'key'), { force: true });
    return succeed(undefined);
  }

  async #write(): Promise<void> {
    await writeFileAtomic(join(this.#folder, 'vault.json'), `${JSON.stringify(this.#file)}\n`, 0o600);
  }
}

async function wrap(folder: string, dataKey: Buffer, unlocker: Unlocker): Promise<VaultFile['unlockers'][number]> {
  if (unlocker.kind === 'key-file') {
    const key = randomBytes(32);
    await writeFileAtomic(join(folder, 'key'), `${key.toString('base64')}\n`, 0o600);
    return { kind: 'key-file', key: seal(key, dataKey) };
  }
  if (unlocker.kind === 'system') {
    const key = randomBytes(32);
    const wrapping = await unlocker.vault.protect(key);
    return { kind: 'system', key: seal(key, dataKey), wrapping: wrapping.toString('base64') };
  }
  const salt = randomBytes(16);
  return {
    kind: 'passphrase',
    salt: salt.toString('base64'),
    ...SCRYPT,
    key: seal(await derive(unlocker.passphrase, salt, SCRYPT), dataKey),
  };
}
