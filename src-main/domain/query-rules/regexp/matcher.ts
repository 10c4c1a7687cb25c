import { boundaries, compile, type Instruction } from './program';
import { wordCharacters } from './ranges';
import type { Assertion, Node } from './syntax';

/** What stands beside a place of a text, as far as assertions ask. */
type Neighbour = 'edge' | 'newline' | 'word' | 'other';

/** A set of places in the program between two characters, before what holds there is asked. */
interface State {
  readonly places: readonly number[];
  readonly before: Neighbour;
  /** By class of the next character: the state behind it, or that the text matches already. */
  readonly next: Map<number, State | 'match'>;
  /** At the end of the text. */
  ends: boolean | null;
}

/** States that are remembered; with more everything is begun anew, which costs time and changes nothing. */
const MOST_STATES = 1_000;

const holds = (assertion: Assertion, before: Neighbour, after: Neighbour): boolean => {
  switch (assertion) {
    case 'begin-text':
      return before === 'edge';
    case 'end-text':
      return after === 'edge';
    case 'begin-line':
      return before === 'edge' || before === 'newline';
    case 'end-line':
      return after === 'edge' || after === 'newline';
    case 'word':
      return (before === 'word') !== (after === 'word');
    case 'not-word':
      return (before === 'word') === (after === 'word');
  }
};

/**
 * Says whether a text matches somewhere, as `MatchString` of Go's package regexp. All ways are gone at once, so the work
 * grows with the length of the text alone: no expression can be made slow by a text.
 */
export class Matcher {
  readonly #program: readonly Instruction[];
  readonly #starts: readonly number[];
  /** Class of each ASCII character. */
  readonly #ascii: Uint16Array;
  readonly #kinds: readonly Neighbour[];
  #states = new Map<string, State>();
  #first: State;

  /** Throws RegexpUnknown for what is too large. */
  constructor(node: Node) {
    this.#program = compile(node);
    this.#starts = boundaries(this.#program);
    this.#kinds = this.#starts.map((code) =>
      code === 0x0a ? 'newline' : wordCharacters.some(([low, high]) => code >= low && code <= high) ? 'word' : 'other',
    );
    this.#ascii = Uint16Array.from({ length: 128 }, (_, code) => this.#classOf(code));
    this.#first = this.#state([], 'edge');
  }

  /** Whether `text` matches; a text that is no Unicode counts each broken unit as U+FFFD. */
  test(text: string): boolean {
    let state = this.#first;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      let kind: number;
      if (unit < 128) kind = this.#ascii[unit] as number;
      else {
        const code = text.codePointAt(at) as number;
        if (code > 0xffff) at += 1;
        kind = this.#classOf(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code);
      }
      const next = state.next.get(kind) ?? this.#step(state, kind);
      if (next === 'match') return true;
      state = next;
    }
    return (state.ends ??= this.#closure(state, 'edge') === null);
  }

  #classOf(code: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] as number) <= code) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #step(state: State, kind: number): State | 'match' {
    const after = this.#kinds[kind] as Neighbour;
    const reached = this.#closure(state, after);
    let next: State | 'match' = 'match';
    if (reached !== null) {
      const code = this.#starts[kind] as number;
      const places = reached.filter((at) => {
        const instruction = this.#program[at] as Instruction & { op: 'take' };
        return instruction.ranges.some(([low, high]) => code >= low && code <= high);
      });
      next = this.#state(
        places.map((at) => at + 1),
        after,
      );
    }
    state.next.set(kind, next);
    return next;
  }

  /** The characters that may be taken at this place, or null where the text matches by now. */
  #closure({ places, before }: State, after: Neighbour): readonly number[] | null {
    const seen = new Uint8Array(this.#program.length);
    const takes: number[] = [];
    // A match may begin at every place.
    const open = [...places, 0];
    for (;;) {
      const at = open.pop();
      if (at === undefined) return takes;
      if (seen[at] === 1) continue;
      seen[at] = 1;
      const instruction = this.#program[at] as Instruction;
      switch (instruction.op) {
        case 'match':
          return null;
        case 'take':
          takes.push(at);
          break;
        case 'split':
          open.push(instruction.first, instruction.second);
          break;
        case 'assert':
          if (holds(instruction.assertion, before, after)) open.push(at + 1);
      }
    }
  }

  #state(places: number[], before: Neighbour): State {
    const sorted = [...new Set(places)].sort((a, b) => a - b);
    const key = `${before} ${sorted.join()}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    if (this.#states.size >= MOST_STATES) {
      // The old ones keep each other alive only until the text that is in them ends.
      this.#states = new Map();
      this.#first = { places: [], before: 'edge', next: new Map(), ends: null };
    }
    const state: State = { places: sorted, before, next: new Map(), ends: null };
    this.#states.set(key, state);
    return state;
  }
}
