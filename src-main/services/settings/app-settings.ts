import { mkdir, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import {
  appSettings,
  type AppSettings,
  type AppSettingKey,
  type AppSettingsChange,
  type SettingsPart,
} from '../../contract/areas/settings';
import { GatehouseError } from '../../domain/kernel';
import { writeFileAtomic } from '../../servers/store';

export const defaultSettings: AppSettings = {
  appearance: 'system',
  startOnOpen: false,
  workspacesDir: null,
  mysqld: null,
  matrixOrder: 'differs',
};
const keys = Object.keys(defaultSettings) as AppSettingKey[];

/** What a value of each setting must be, for people. */
const wanted: Readonly<Record<AppSettingKey, string>> = {
  appearance: '"system", "light" or "dark"',
  startOnOpen: 'true or false',
  workspacesDir: 'a folder’s whole path, or null',
  mysqld: 'a program’s whole path, or null',
  matrixOrder: '"file" or "differs"',
};

const isSound = (key: AppSettingKey, value: unknown): boolean =>
  appSettings.shape[key].safeParse(value).success &&
  (typeof value !== 'string' || key === 'appearance' || key === 'matrixOrder' || isAbsolute(value));

/**
 * The app's own settings in `settings.json` of the user's configuration folder. A key that cannot be taken over gets its
 * usual value and is told of; the others hold. Keys that this version does not know are kept as they are.
 */
export class AppSettingsStore {
  readonly #file: string;
  #values: AppSettings = defaultSettings;
  #faults: SettingsPart['faults'] = [];
  #unknown: Readonly<Record<string, unknown>> = {};
  #writing: Promise<unknown> = Promise.resolve();

  constructor(configDir: string) {
    this.#file = join(configDir, 'settings.json');
  }

  get values(): AppSettings {
    return this.#values;
  }

  get part(): SettingsPart {
    return { values: this.#values, faults: this.#faults, file: this.#file };
  }

  /** Reads the file; one that is missing is fine. */
  async load(): Promise<void> {
    let read: unknown;
    try {
      read = JSON.parse(await readFile(this.#file, 'utf8'));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT')
        this.#faults = [
          { key: null, message: code === undefined ? 'The file is no JSON.' : `The file cannot be read (${code}).` },
        ];
      return;
    }
    if (typeof read !== 'object' || read === null || Array.isArray(read)) {
      this.#faults = [{ key: null, message: 'The file is no JSON object.' }];
      return;
    }
    const given = new Map(Object.entries(read));
    const sound = keys.filter((key) => given.has(key) && isSound(key, given.get(key)));
    this.#faults = keys
      .filter((key) => given.has(key) && !sound.includes(key))
      .map((key) => ({ key, message: `It must be ${wanted[key]}.` }));
    this.#values = { ...defaultSettings, ...Object.fromEntries(sound.map((key) => [key, given.get(key)])) };
    this.#unknown = Object.fromEntries([...given].filter(([key]) => !(keys as string[]).includes(key)));
  }

  /** Changes some settings and keeps them. Rejects with GatehouseError `settings.value` or `settings.unwritable`. */
  async set(wished: AppSettingsChange): Promise<void> {
    const change = Object.fromEntries(
      Object.entries(wished).filter(([, value]) => value !== undefined),
    ) as Partial<AppSettings>;
    for (const key of Object.keys(change) as AppSettingKey[])
      if (!isSound(key, change[key]))
        throw new GatehouseError({ code: 'settings.value', summary: `${key} must be ${wanted[key]}.` });
    this.#values = { ...this.#values, ...change };
    this.#faults = this.#faults.filter(({ key }) => key !== null && !(key in change));
    const text = `${JSON.stringify({ ...this.#unknown, ...this.#values }, null, 2)}\n`;
    const write = this.#writing.then(async () => {
      await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
      await writeFileAtomic(this.#file, text, 0o600);
    });
    this.#writing = write.catch(() => undefined);
    await write.catch((error: unknown) => {
      throw new GatehouseError({
        code: 'settings.unwritable',
        summary: `The setting holds until the program ends: ${this.#file} cannot be written.`,
        detail: String(error),
      });
    });
  }
}
