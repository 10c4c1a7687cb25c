import { RegexpUnknown, type Assertion, type Node } from './syntax';
import { wordCharacters, type Ranges } from './ranges';

/** One instruction: take a character, go on at two places, or go on where something holds. */
export type Instruction =
  | { readonly op: 'take'; readonly ranges: Ranges }
  | { op: 'split'; first: number; second: number }
  | { readonly op: 'assert'; readonly assertion: Assertion }
  | { readonly op: 'match' };

/** Longest program that is run; Go takes 3.3 million instructions. */
const MOST_INSTRUCTIONS = 20_000;

/** Makes a program whose runs are as many as its places, whatever the text (Thompson's construction). Throws RegexpUnknown. */
export function compile(node: Node): readonly Instruction[] {
  const program: Instruction[] = [];
  const add = (instruction: Instruction): number => {
    if (program.length >= MOST_INSTRUCTIONS)
      throw new RegexpUnknown(
        `it takes more than ${MOST_INSTRUCTIONS.toLocaleString('en')} steps to say what it means`,
      );
    return program.push(instruction) - 1;
  };
  const emit = (one: Node): void => {
    switch (one.kind) {
      case 'empty':
        return;
      case 'set':
        add({ op: 'take', ranges: one.ranges });
        return;
      case 'assertion':
        add({ op: 'assert', assertion: one.assertion });
        return;
      case 'sequence':
        one.items.forEach(emit);
        return;
      case 'choice': {
        const ends: { second: number }[] = [];
        one.arms.forEach((arm, index) => {
          if (index === one.arms.length - 1) {
            emit(arm);
            return;
          }
          const split = { op: 'split' as const, first: program.length + 1, second: -1 };
          add(split);
          emit(arm);
          const jump = { op: 'split' as const, first: -1, second: -1 };
          add(jump);
          split.second = program.length;
          ends.push(jump);
        });
        for (const jump of ends as { first: number; second: number }[]) jump.first = jump.second = program.length;
        return;
      }
      case 'repeat': {
        for (let count = 0; count < one.least; count += 1) emit(one.item);
        if (one.most === null) {
          const loop = { op: 'split' as const, first: program.length + 1, second: -1 };
          const at = add(loop);
          emit(one.item);
          add({ op: 'split', first: at, second: at });
          loop.second = program.length;
          return;
        }
        const exits: { second: number }[] = [];
        for (let count = one.least; count < one.most; count += 1) {
          const option = { op: 'split' as const, first: program.length + 1, second: -1 };
          add(option);
          exits.push(option);
          emit(one.item);
        }
        for (const option of exits) option.second = program.length;
      }
    }
  };
  emit(node);
  add({ op: 'match' });
  return program;
}

/** First code points of the classes that no instruction tells apart within. */
export function boundaries(program: readonly Instruction[]): readonly number[] {
  const starts = new Set([0, 0x0a, 0x0b]);
  const put = (ranges: Ranges): void => {
    for (const [low, high] of ranges) {
      starts.add(low);
      starts.add(high + 1);
    }
  };
  put(wordCharacters);
  for (const instruction of program) if (instruction.op === 'take') put(instruction.ranges);
  return [...starts].sort((a, b) => a - b);
}
