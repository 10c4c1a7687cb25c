import { flagMeant } from './catalogue';
import type { VitessProgram } from './flag-versions';
import { pastedWords } from './pasted-words';
import type { Word } from './shell-words';

/** A flag as it stands in pasted text. */
export interface WrittenFlag {
  /** Without its dashes and value. */
  readonly name: string;
  readonly dashes: 1 | 2;
  /** Null: none was given. Never to be shown: it may be a password. */
  readonly value: string | null;
  /** `--switch false`: the word behind a switch is no value of it. */
  readonly strayValue: boolean;
  readonly line: number;
}

/** One command of the pasted text. */
export interface WrittenCommand {
  /** Null: the text does not say. */
  readonly program: VitessProgram | null;
  /** A program that is not looked at, such as vtorc. */
  readonly other: string | null;
  readonly line: number;
  readonly flags: readonly WrittenFlag[];
  /** Lines of words that belong to no flag; these programs take none. */
  readonly strays: readonly number[];
}

const programs: ReadonlySet<string> = new Set(['vtgate', 'vttablet', 'vtctld']);
const others: ReadonlySet<string> = new Set([
  'etcd',
  'mysqlctl',
  'mysqlctld',
  'mysqld',
  'mariadbd',
  'vtadmin',
  'vtbackup',
  'vtcombo',
  'vtctlclient',
  'vtctldclient',
  'vtorc',
  'vttestserver',
]);

const baseName = (word: string): string => (word.split(/[\\/]/).at(-1) ?? '').replace(/\.exe$/i, '').replace(/:$/, '');
const isProgram = (word: string): boolean => programs.has(baseName(word)) || others.has(baseName(word));
const isFlag = (word: string): boolean => /^--?[A-Za-z_]/.test(word);

/** Whether pflag takes the next word, whatever it is, as the value of this one. */
function wantsNext(word: string | undefined): boolean {
  if (word === undefined || !isFlag(word) || word.includes('=')) return false;
  const known = flagMeant(word.replace(/^--?/, ''));
  return known !== undefined && !known.isSwitch;
}

const isKnown = ({ text }: Word): boolean =>
  isFlag(text) && flagMeant(text.replace(/^--?/, '').replace(/=.*$/s, '')) !== undefined;

/** Splits the words where a program is named; what stands before it on its line (`sudo -u vitess`, columns of `ps`) goes. */
function segments(words: readonly Word[]): { readonly name: string | null; readonly words: readonly Word[] }[] {
  const found: { name: string | null; words: Word[] }[] = [{ name: null, words: [] }];
  words.forEach((word, index) => {
    const named = isProgram(word.text) && !wantsNext(words[index - 1]?.text);
    const current = found.at(-1);
    if (!named || current === undefined) {
      current?.words.push(word);
      return;
    }
    // Back to where this command began.
    let keep = current.words.length;
    while (keep > 0 && current.words[keep - 1]?.line === word.line) keep -= 1;
    current.words.length = keep;
    if (current.name === baseName(word.text) && current.words.length === 0) return;
    found.push({ name: baseName(word.text), words: [] });
  });
  const withFlags = found.filter(({ words: left }) => left.some(({ text }) => isFlag(text)));
  // Beside a program that is named, flags of nobody are a shell's or docker's unless one of them is known.
  const named = withFlags.some(({ name }) => name !== null);
  return withFlags.filter(({ name, words: left }) => !named || name !== null || left.some(isKnown));
}

/** Reads words as pflag does. */
function readFlags(words: readonly Word[]): Pick<WrittenCommand, 'flags' | 'strays'> {
  const flags: WrittenFlag[] = [];
  const strays: number[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const { text = '', line = 0 } = words[at] ?? {};
    if (text === '--') {
      for (const word of words.slice(at + 1)) strays.push(word.line);
      break;
    }
    if (!isFlag(text)) {
      strays.push(line);
      continue;
    }
    const dashes = text.startsWith('--') ? 2 : 1;
    const bare = text.slice(dashes);
    const equals = bare.indexOf('=');
    const name = equals === -1 ? bare : bare.slice(0, equals);
    const next = words[at + 1]?.text;
    const known = flagMeant(name);
    let value = equals === -1 ? null : bare.slice(equals + 1);
    let strayValue = false;
    if (equals === -1 && next !== undefined)
      if (known === undefined ? !isFlag(next) : !known.isSwitch) {
        value = next;
        at += 1;
      } else if (known?.isSwitch === true && !isFlag(next) && next !== '--') {
        strayValue = true;
        value = next;
        at += 1;
      }
    flags.push({ name, dashes, value, strayValue, line });
  }
  return { flags, strays };
}

/**
 * The commands in pasted text with their flags, read as pflag reads them. Text without any flag gives none. A flag that is
 * not known takes the next word as its value unless that is a flag, so that no value is taken for something to show.
 */
export function readCommands(text: string): WrittenCommand[] {
  return segments(pastedWords(text)).map(({ name, words }) => ({
    program: name !== null && programs.has(name) ? (name as VitessProgram) : null,
    other: name !== null && others.has(name) ? name : null,
    line: words[0]?.line ?? 1,
    ...readFlags(words),
  }));
}
