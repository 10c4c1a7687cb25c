/** A piece of a sentence: plain text, a name (set apart), what came or went (stressed), or code. */
export interface SentencePart {
  readonly text: string;
  readonly as: 'text' | 'name' | 'strong' | 'code';
}

export type Sentence = readonly SentencePart[];

/** What kind of file a change is in; a screen groups by it. */
export type ChangeArea = 'callers' | 'access' | 'cluster' | 'certificates' | 'tests' | 'files';

/** New contents of files; null: the file goes. */
export type FileContents = ReadonlyMap<string, Buffer | null>;

/** One change as a person would tell it. */
export interface Change {
  readonly area: ChangeArea;
  readonly sentence: Sentence;
  readonly file: string;
  /** From 1; 0: the whole file. */
  readonly line: number;
  /** Which version `line` counts in: what was removed stands in the applied one. */
  readonly side: 'draft' | 'applied';
  /** What the draft's files must hold so that this change, and no other, is taken back. */
  revert(): FileContents;
}

const LONGEST = 80;

/** A name from a file, fit to be shown: short, without control characters. */
export function shown(text: string): string {
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
  return plain.length <= LONGEST ? plain : `${plain.slice(0, LONGEST - 1)}…`;
}

/** A part that is a name. */
export const name = (text: string): SentencePart => ({ text: text === '' ? '""' : shown(text), as: 'name' });
/** A part that came or went. */
export const strong = (text: string): SentencePart => ({ text: text === '' ? '""' : shown(text), as: 'strong' });
/** A part that is written so in a file. */
export const code = (text: string): SentencePart => ({ text: shown(text), as: 'code' });

/** Makes a sentence: say`Table group ${name('sales')} added.` */
export function say(texts: TemplateStringsArray, ...parts: readonly (SentencePart | string)[]): Sentence {
  const sentence: SentencePart[] = [];
  texts.forEach((text, index) => {
    if (text !== '') sentence.push({ text, as: 'text' });
    const part = parts[index];
    if (typeof part === 'string') {
      if (part !== '') sentence.push({ text: part, as: 'text' });
    } else if (part !== undefined) sentence.push(part);
  });
  return sentence;
}

/** The sentence as plain text. */
export const plain = (sentence: Sentence): string => sentence.map(({ text }) => text).join('');
