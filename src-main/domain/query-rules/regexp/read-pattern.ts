import { caseless, readBracket, unicodeTables } from './bracket';
import { ofClass, perlClass, readEscape } from './escapes';
import { inverted, type Ranges } from './ranges';
import { RegexpFault, RegexpUnknown, type Assertion, type Node } from './syntax';

/** Highest count in braces, and of counts inside each other multiplied. */
const MOST_REPEATS = 1000;
/** Groups inside each other; Go stops at a tree of that height. */
const DEEPEST = 1000;

interface Flags {
  readonly fold: boolean;
  readonly lines: boolean;
  readonly dotAll: boolean;
}

const empty: Node = { kind: 'empty' };
const everything: Ranges = inverted([]);
const allButNewline: Ranges = inverted([[0x0a, 0x0a]]);

const sequence = (items: readonly Node[]): Node =>
  items.length === 0 ? empty : items.length === 1 ? (items[0] as Node) : { kind: 'sequence', items };
const choice = (arms: readonly Node[]): Node => (arms.length === 1 ? (arms[0] as Node) : { kind: 'choice', arms });
const assertion = (what: Assertion): Node => ({ kind: 'assertion', assertion: what });

/** Reads an expression of Go's package regexp (syntax of RE2 with Perl's extensions). */
class PatternReader {
  readonly #characters: readonly string[];
  #at = 0;
  #depth = 0;
  #flags: Flags = { fold: false, lines: false, dotAll: false };

  constructor(private readonly pattern: string) {
    this.#characters = [...pattern];
  }

  read(): Node {
    const node = this.#alternatives();
    if (this.#at < this.#characters.length) throw new RegexpFault('unexpected )', this.pattern);
    return node;
  }

  #text(from: number, to = this.#at): string {
    return this.#characters.slice(from, to).join('');
  }

  /** Up to the closing bracket, which is left, or the end. */
  #alternatives(): Node {
    const arms: Node[] = [];
    let items: Node[] = [];
    /** Where the quantifier before this place began, -1 = there was none. */
    let quantifier = -1;
    for (;;) {
      const begin = this.#at;
      const character = this.#characters[begin];
      if (character === undefined || character === ')') break;
      let quantified = -1;
      switch (character) {
        case '|':
          arms.push(sequence(items));
          items = [];
          this.#at += 1;
          break;
        case '(':
          this.#group(items);
          break;
        case '*':
        case '+':
        case '?':
          this.#at += 1;
          this.#repeat(items, begin, quantifier, character === '+' ? 1 : 0, character === '?' ? 1 : null);
          quantified = begin;
          break;
        case '{': {
          const counts = this.#counts();
          if (counts === null) this.#literal(items, 0x7b);
          else {
            const [least, most] = counts;
            if (least < 0 || least > MOST_REPEATS || (most !== null && (most > MOST_REPEATS || least > most)))
              throw new RegexpFault('invalid repeat count', this.#text(begin));
            this.#repeat(items, begin, quantifier, least, most);
            quantified = begin;
          }
          break;
        }
        default:
          this.#operand(items, character);
      }
      quantifier = quantified;
    }
    arms.push(sequence(items));
    return choice(arms);
  }

  #literal(items: Node[], code: number): void {
    const own: Ranges = [[code, code]];
    items.push({ kind: 'set', ranges: this.#flags.fold ? caseless(own) : own });
    this.#at += 1;
  }

  #operand(items: Node[], character: string): void {
    const { fold, lines, dotAll } = this.#flags;
    switch (character) {
      case '^':
        items.push(assertion(lines ? 'begin-line' : 'begin-text'));
        break;
      case '$':
        items.push(assertion(lines ? 'end-line' : 'end-text'));
        break;
      case '.':
        items.push({ kind: 'set', ranges: dotAll ? everything : allButNewline });
        break;
      case '[': {
        const { value, next } = readBracket(this.#characters, this.#at, fold);
        items.push({ kind: 'set', ranges: value });
        this.#at = next;
        return;
      }
      case '\\':
        this.#backslash(items);
        return;
      default:
        this.#literal(items, character.codePointAt(0) as number);
        return;
    }
    this.#at += 1;
  }

  #backslash(items: Node[]): void {
    const begin = this.#at;
    const letter = this.#characters[begin + 1];
    const said: Readonly<Record<string, Assertion>> = { A: 'begin-text', z: 'end-text', b: 'word', B: 'not-word' };
    if (letter !== undefined && Object.hasOwn(said, letter)) {
      items.push(assertion(said[letter] as Assertion));
      this.#at += 2;
      return;
    }
    if (letter === 'C') throw new RegexpFault('invalid escape sequence', '\\C');
    if (letter === 'Q') {
      this.#at += 2;
      for (;;) {
        const character = this.#characters[this.#at];
        if (character === undefined) return;
        if (character === '\\' && this.#characters[this.#at + 1] === 'E') {
          this.#at += 2;
          return;
        }
        this.#literal(items, character.codePointAt(0) as number);
      }
    }
    if (letter === 'p' || letter === 'P') throw new RegexpUnknown(unicodeTables);
    const known = perlClass(letter);
    if (known !== null) {
      const ranges = this.#flags.fold ? caseless(known.ranges) : known.ranges;
      items.push({ kind: 'set', ranges: ofClass(ranges, known.negated) });
      this.#at += 2;
      return;
    }
    const { value, next } = readEscape(this.#characters, begin);
    this.#literal(items, value);
    this.#at = next;
  }

  /** A quantifier, with the `?` behind it that asks for as little as possible, applied to what stands before it. */
  #repeat(items: Node[], begin: number, before: number, least: number, most: number | null): void {
    const end = this.#at;
    if (this.#characters[this.#at] === '?') this.#at += 1;
    if (before >= 0) throw new RegexpFault('invalid nested repetition operator', this.#text(before));
    const item = items.pop();
    if (item === undefined)
      throw new RegexpFault(
        'missing argument to repetition operator',
        this.#text(begin, end === begin ? end : this.#at),
      );
    const node: Node = { kind: 'repeat', item, least, most };
    const counted = this.#characters[begin] === '{' && (least >= 2 || (most ?? 0) >= 2);
    if (counted && !fits(node, MOST_REPEATS)) throw new RegexpFault('invalid repeat count', this.#text(begin));
    items.push(node);
  }

  /** `{n}`, `{n,}` or `{n,m}` at this place, -1 for a count of too many digits; null where it is nothing but a brace. */
  #counts(): readonly [number, number | null] | null {
    const rest = this.#characters.slice(this.#at, this.#at + 40).join('');
    const found = /^\{(0|[1-9]\d*)(,(0|[1-9]\d*)?)?\}/.exec(rest);
    if (found === null) return null;
    this.#at += found[0].length;
    const count = (digits: string): number => (digits.length > 8 ? -1 : Number(digits));
    const least = count(found[1] as string);
    if (found[2] === undefined) return [least, least];
    if (found[3] === undefined) return [least, null];
    const most = count(found[3]);
    return most < 0 ? [-1, most] : [least, most];
  }

  #group(items: Node[]): void {
    const before = this.#flags;
    if (this.#characters[this.#at + 1] === '?') {
      if (!this.#openGroup()) return;
    } else this.#at += 1;
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new RegexpFault('expression nests too deeply', this.pattern);
    const node = this.#alternatives();
    if (this.#characters[this.#at] !== ')') throw new RegexpFault('missing closing )', this.pattern);
    this.#at += 1;
    this.#depth -= 1;
    this.#flags = before;
    // A group is one operand, so that a quantifier behind it belongs to all of it.
    items.push(node);
  }

  /** What follows `(?`; true when a group was opened, false when only flags were set. */
  #openGroup(): boolean {
    const begin = this.#at;
    const named = /^\(\?P?</.exec(this.#characters.slice(begin, begin + 4).join(''));
    if (named !== null && this.#characters.length > begin + named[0].length) {
      this.#named(begin, begin + named[0].length);
      return true;
    }
    let { fold, lines, dotAll } = this.#flags;
    let sign = 1;
    let seen = false;
    this.#at += 2;
    for (;;) {
      const flag = this.#characters[this.#at];
      const refuse = (): never => {
        throw new RegexpFault('invalid or unsupported Perl syntax', this.#text(begin));
      };
      if (flag === undefined) return refuse();
      this.#at += 1;
      if (flag === 'i') fold = sign > 0;
      else if (flag === 'm') lines = sign > 0;
      else if (flag === 's') dotAll = sign > 0;
      else if (flag === '-') {
        if (sign < 0) refuse();
        sign = -1;
        seen = false;
        continue;
      } else if (flag === ':' || flag === ')') {
        if (sign < 0 && !seen) refuse();
        this.#flags = { fold, lines, dotAll };
        return flag === ':';
      } else if (flag !== 'U') refuse();
      seen = true;
    }
  }

  #named(begin: number, from: number): void {
    const end = this.#characters.indexOf('>', from);
    if (end < 0) throw new RegexpFault('invalid named capture', this.#text(begin, this.#characters.length));
    const name = this.#text(from, end);
    if (!/^[0-9A-Za-z_]+$/.test(name)) throw new RegexpFault('invalid named capture', this.#text(begin, end + 1));
    this.#at = end + 1;
  }
}

/** Whether counts inside each other, multiplied, stay within `most`. */
function fits(node: Node, most: number): boolean {
  let left = most;
  switch (node.kind) {
    case 'repeat': {
      const isCounted = node.least > 1 || (node.most !== null && node.most > 1) || node.most === 0;
      if (isCounted) {
        const count = node.most ?? node.least;
        if (count === 0) return true;
        if (count > left) return false;
        left = Math.floor(left / count);
      }
      return fits(node.item, left);
    }
    case 'sequence':
      return node.items.every((item) => fits(item, left));
    case 'choice':
      return node.arms.every((arm) => fits(arm, left));
    default:
      return true;
  }
}

/** Reads `pattern`. Throws RegexpFault where Go refuses it, RegexpUnknown where its meaning is not certain here. */
export const readPattern = (pattern: string): Node => new PatternReader(pattern).read();
