import { splitShell, type Word } from './shell-words';

/** Keys of YAML and JSON below which a command or its arguments stand. */
const argumentKeys = /^(args|command|cmd|entrypoint|exec)$/i;
/** Keys of the Vitess operator and of charts below which flags stand as `name: value`. */
const flagMapKeys = /^(extraFlags|extra_flags|flags)$/;
const keyLine = /^(\s*(?:-\s+)*)["']?([A-Za-z_][\w.-]*)["']?\s*:(?:\s+(.*)|)$/;
const listItem = /^(\s*(?:-\s+)+)(.*)$/;
const blockScalar = /^[|>][+-]?\d*$/;

/** A YAML scalar or a part of a JSON list as text, without quotes and comment. */
function scalar(text: string): string {
  const trimmed = text.trim();
  const single = /^'((?:[^']|'')*)'\s*,?\s*(?:#.*)?$/.exec(trimmed);
  if (single !== null) return (single[1] ?? '').replaceAll("''", "'");
  const double = /^"((?:[^"\\]|\\.)*)"\s*,?\s*(?:#.*)?$/s.exec(trimmed);
  if (double !== null) return (double[1] ?? '').replace(/\\(.)/gs, (_, char: string) => (char === 'n' ? '\n' : char));
  return trimmed.replace(/\s+#.*$/, '');
}

/** The parts of `[a, "b", 'c']`, or of a line of such a list. */
function flowItems(text: string): string[] {
  const items: string[] = [];
  for (const match of text.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s,[\]"'][^,\]]*)/g))
    items.push(match[3]?.trim() ?? scalar(match[0]));
  return items;
}

/** Reads pasted text line by line; lines of a shell are gathered, because quotes and commands may span them. */
class PasteReader {
  readonly words: Word[] = [];
  #shell: string[] = [];
  #shellFrom = 1;
  /** Indent of the key below which flags stand as a map; null outside. */
  #mapIndent: number | null = null;

  read(lines: readonly string[]): Word[] {
    lines.forEach((text, index) => this.#line(text, index + 1));
    this.#flush();
    return this.words;
  }

  #line(text: string, line: number): void {
    const trimmed = text.trim();
    if (this.#continues()) this.#gather(text, line);
    else if (trimmed === '' || trimmed.startsWith('#')) this.#gather('', line);
    else if (/^\[[A-Za-z]+\]$/.test(trimmed) || /^-{3,}$/.test(trimmed)) this.#flush();
    else if (/^[A-Z][a-z]+[A-Z]?[A-Za-z]*=/.test(trimmed)) this.#unit(trimmed, line);
    else if (/^(CMD|ENTRYPOINT|RUN)\s/.test(trimmed)) this.#value(trimmed.replace(/^\w+\s+/, ''), line);
    else if (keyLine.test(text)) this.#key(text, line);
    else if (listItem.test(text)) this.#value(listItem.exec(text)?.[2] ?? '', line);
    else if (/^[[\]{}"']/.test(trimmed) && /[,\]}"']$/.test(trimmed)) this.#value(trimmed, line);
    else this.#gather(text, line);
  }

  /** `Key=value` of a systemd unit: the command it starts, and nothing else. */
  #unit(trimmed: string, line: number): void {
    this.#flush();
    if (/^Exec\w*=/.test(trimmed)) this.#gather(trimmed.replace(/^Exec\w*=[-@:+!]*/, ''), line);
  }

  #key(text: string, line: number): void {
    const [, lead = '', key = '', rest = ''] = keyLine.exec(text) ?? [];
    if (this.#mapIndent !== null && lead.length > this.#mapIndent) {
      this.#flush();
      this.#push(`--${key}=${scalar(rest.replace(/,\s*$/, ''))}`, line, false);
      return;
    }
    this.#flush();
    this.#mapIndent = flagMapKeys.test(key) ? lead.length : null;
    if (this.#mapIndent !== null) return;
    if (argumentKeys.test(key)) this.#value(rest, line);
    else {
      // `name: vtgate`, `vttablet:`: which program the flags below are for.
      const named = scalar(rest) === '' ? key : /^(name|app|component)$/.test(key) ? scalar(rest) : '';
      if (/^(vtgate|gateway|vttablet|vtctld)$/.test(named)) this.#push(named.replace('gateway', 'vtgate'), line, true);
    }
  }

  /** What stands behind a key or a list's dash: a list in one line, a block's mark, a word, or a whole command line. */
  #value(text: string, line: number): void {
    this.#flush();
    const trimmed = text.trim().replace(/,$/, '');
    if (trimmed === '' || blockScalar.test(trimmed)) return;
    const items =
      /^[[\]{}]/.test(trimmed) || /^"(?:[^"\\]|\\.)*"\s*,/.test(trimmed) ? flowItems(trimmed) : [scalar(text)];
    for (const item of items)
      if (/\s--?[A-Za-z]/.test(item)) for (const word of splitShell(item, line)) this.words.push({ ...word, line });
      else this.#push(item, line, false);
  }

  #push(text: string, line: number, first: boolean): void {
    if (!/^[{}[\],]*$/.test(text)) this.words.push({ text, line, first });
  }

  #continues(): boolean {
    return this.#shell.length > 0 && /[\\`^]$/.test(this.#shell.at(-1) ?? '');
  }

  #gather(text: string, line: number): void {
    if (this.#shell.length === 0) this.#shellFrom = line;
    this.#shell.push(text.trim());
  }

  #flush(): void {
    for (const word of this.#shell.length > 0 ? splitShell(this.#shell.join('\n'), this.#shellFrom) : [])
      this.words.push(word);
    this.#shell = [];
  }
}

/**
 * The words of a pasted command line, in order: of a shell's line, `ps` output, a systemd unit, a Dockerfile, a list of
 * arguments in YAML or JSON, a map of flags in YAML, a file with a flag a line, or `/proc/PID/cmdline`. What is none of a
 * command is left out where that can be told.
 */
export function pastedWords(text: string): Word[] {
  if (text.includes('\0'))
    return text
      .split('\0')
      .filter((word) => word !== '')
      .map((word, index) => ({ text: word, line: 1, first: index === 0 }));
  return new PasteReader().read(text.replace(/\r\n?/g, '\n').split('\n'));
}
