import { huffmanLengths } from './hpack-tables';
import { errors, Http2Error } from './protocol';

const EOS = 256;

/** The code as a tree: node n has its sons at 2n and 2n + 1; a negative son is the octet -1 - son, 0 is none. */
const tree = buildTree();

function buildTree(): Int16Array {
  const lengths = [...huffmanLengths].map((digit) => Number.parseInt(digit, 36));
  const sons = new Int16Array(2 * 600);
  const symbols = lengths.map((_, symbol) => symbol).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  let nodes = 1;
  let code = 0;
  let bits = 0;
  for (const symbol of symbols) {
    const length = lengths[symbol]!;
    code = code * 2 ** (length - bits);
    bits = length;
    let node = 0;
    for (let bit = length - 1; bit >= 0; bit -= 1) {
      const at = 2 * node + (Math.floor(code / 2 ** bit) & 1);
      if (bit === 0) sons[at] = -1 - symbol;
      else {
        if (sons[at] === 0) sons[at] = nodes++;
        node = sons[at]!;
      }
    }
    code += 1;
  }
  return sons;
}

const broken = (what: string): Http2Error => new Http2Error(errors.compression, `Huffman code: ${what}`);

/** Decodes bytes[from..to) (RFC 7541 §5.2) as latin1 text. Throws Http2Error for EOS, wrong padding and too much of it. */
export function decodeHuffman(bytes: Buffer, from: number, to: number): string {
  // The shortest code has five bits.
  const out = Buffer.allocUnsafe(Math.ceil(((to - from) * 8) / 5));
  let length = 0;
  let node = 0;
  let pending = 0;
  let ones = true;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at]!;
    for (let bit = 7; bit >= 0; bit -= 1) {
      const one = (byte >> bit) & 1;
      const son = tree[2 * node + one]!;
      pending += 1;
      if (one === 0) ones = false;
      if (son < 0) {
        const symbol = -1 - son;
        if (symbol === EOS) throw broken('end of string within a string');
        out[length++] = symbol;
        node = 0;
        pending = 0;
        ones = true;
      } else node = son;
    }
  }
  if (pending > 7 || !ones) throw broken('the padding is not the beginning of the end mark');
  return out.toString('latin1', 0, length);
}
