import { readJson, type JsonNode } from '../kernel';
import { inspectCertificate, parsePem } from '../certs';
import type { TrackedKind } from './changes';

/** Both versions of a file as they may be shown; null: it is not there. */
export interface MaskedPair {
  readonly before: string | null;
  readonly after: string | null;
  /** Something was put in the place of a secret. */
  readonly masked: boolean;
}

const DOTS = '••••••••';
/** Keys of users files whose values may be shown; a misspelled one could hold a password. */
const PLAIN_KEYS = ['userdata', 'sourcehost', 'groups', 'username'];
/** Larger texts are not compared on screen. */
const MAX_SHOWN_BYTES = 512 * 1024;

/**
 * Both versions of a file with every secret replaced on both sides: passwords and hashes, typed passwords of tests and of
 * SQL, private keys. A secret that is the same in both shows as dots, one that is not says on which side it is. Of users files
 * that are no JSON nothing is shown.
 */
export function maskPair(
  path: string,
  kind: TrackedKind,
  before: Buffer | undefined,
  after: Buffer | undefined,
): MaskedPair {
  const sides = [before, after].map((content) => (content === undefined ? null : secretsOf(path, kind, content)));
  const [old, fresh] = sides;
  const known = (side: Prepared | null | undefined): ReadonlySet<string> =>
    new Set(side?.secrets.map(({ value }) => value));
  const [oldSecrets, freshSecrets] = [known(old), known(fresh)];
  const show = (side: Prepared | null | undefined, others: ReadonlySet<string>, word: string): string | null => {
    if (side === null || side === undefined) return null;
    let text = side.text;
    for (const { from, to, value } of [...side.secrets].sort((a, b) => b.from - a.from))
      text = `${text.slice(0, from)}${DOTS}${others.has(value) ? '' : ` ${word}`}${text.slice(to)}`;
    return text;
  };
  return {
    before: show(old, freshSecrets, '(applied)'),
    after: show(fresh, oldSecrets, '(draft)'),
    masked: sides.some((side) => side?.masked === true || (side?.secrets.length ?? 0) > 0),
  };
}

/** A text with the places of its secrets. */
interface Prepared {
  readonly text: string;
  readonly secrets: readonly { readonly from: number; readonly to: number; readonly value: string }[];
  readonly masked?: boolean;
}

function secretsOf(path: string, kind: TrackedKind, content: Buffer): Prepared {
  if (content.length > MAX_SHOWN_BYTES)
    return { text: `(${content.length} bytes: too large to be compared here)\n`, secrets: [] };
  if (path.startsWith('pki/') || /\.(?:pem|key|crl|p12|pfx)$/.test(path)) return pemText(path, content);
  if (content.includes(0)) return { text: `(not a text, ${content.length} bytes)\n`, secrets: [] };
  const text = content.toString('utf8');
  if (text.includes('PRIVATE KEY'))
    return { text: '(holds a private key and is not shown)\n', secrets: [], masked: true };
  if (path.endsWith('.sql')) return { text, secrets: sqlSecrets(text) };
  if (!path.endsWith('.json')) return { text, secrets: [] };
  const reading = readJson(text);
  const whole = reading.ok && text.slice(reading.end).trim() === '';
  if (whole) return { text, secrets: jsonSecrets(reading.root, kind, text) };
  // Where a text in quotes ends cannot be told for sure any more, and with it not what is a password.
  return kind !== 'topology' && kind !== 'acl' && /passw|secret|users/i.test(`${path}${text}`)
    ? { text: '(not JSON, and not shown: it may hold passwords)\n', secrets: [], masked: true }
    : { text, secrets: [] };
}

/** Values that may be secrets: in users files all but those of known keys, elsewhere those of `password`. */
function jsonSecrets(root: JsonNode, kind: TrackedKind, text: string): Prepared['secrets'] {
  const found: { from: number; to: number; value: string }[] = [];
  const take = (node: JsonNode): void => {
    if (node.kind === 'string' && node.value !== '')
      found.push({ from: node.offset + 1, to: node.end - 1, value: node.value });
    else if (node.kind === 'number')
      found.push({ from: node.offset, to: node.end, value: text.slice(node.offset, node.end) });
    else if (node.kind === 'array') node.items.forEach(take);
    else if (node.kind === 'object') node.members.forEach(({ value }) => take(value));
  };
  const inUsers = kind === 'users' || kind === 'grpc-users';
  const visit = (node: JsonNode, plain: boolean): void => {
    if (node.kind === 'array') node.items.forEach((item) => visit(item, plain));
    else if (node.kind !== 'object') {
      if (!plain) take(node);
    } else
      for (const { key, value } of node.members) {
        const folded = key.toLowerCase();
        if (inUsers) visit(value, PLAIN_KEYS.includes(folded));
        else if (folded !== 'password') visit(value, true);
        else if (value.kind !== 'object') take(value);
        // The name of a kept secret is no secret.
        else value.members.forEach((member) => member.key !== 'secret' && take(member.value));
      }
  };
  visit(root, !inUsers);
  return found;
}

const sqlSecrets = (text: string): Prepared['secrets'] =>
  [
    ...text.matchAll(
      /\b(?:identified\s+(?:with\s+\S+\s+)?(?:by|as)(?:\s+password)?|password\s*\(|password\s*=)\s*(['"])((?:[^\\]|\\.)*?)\1/gis,
    ),
  ].flatMap((match) => {
    const [all, , value = ''] = match;
    const from = match.index + all.length - 1 - value.length;
    return value === '' ? [] : [{ from, to: from + value.length, value }];
  });

/** What certificates and lists say, in lines; of a private key only that it is there. */
function pemText(path: string, content: Buffer): Prepared {
  if (path.endsWith('.jsonl')) return { text: content.toString('utf8'), secrets: [] };
  const reading = parsePem(content.toString('latin1'), path);
  const lines: string[] = [];
  for (const certificate of reading.certificates) {
    lines.push(...inspectCertificate(certificate).split('\n'), '');
  }
  for (const crl of reading.crls) {
    lines.push('Revocation list', `  Issuer: ${crl.issuerText}`, `  Number: ${crl.number ?? '(none)'}`);
    lines.push(`  Issued: ${crl.thisUpdate.toISOString()}`, `  Next: ${crl.nextUpdate?.toISOString() ?? '(no end)'}`);
    for (const { serial, date, reason } of crl.revoked.values())
      lines.push(`  Revoked: ${serial}, ${date.toISOString()}${reason === undefined ? '' : `, ${reason}`}`);
  }
  const hasKey = /PRIVATE KEY/.test(content.toString('latin1')) || /(?:-key\.pem|\.key|\.p12|\.pfx)$/.test(path);
  if (!hasKey) {
    if (lines.length === 0) lines.push(`(${content.length} bytes, neither certificate nor revocation list)`);
    return { text: `${lines.join('\n')}\n`, secrets: [] };
  }
  const text = `${lines.map((line) => `${line}\n`).join('')}Private key: `;
  // The whole file stands for the key: that it is another one is told, and nothing else of it.
  return {
    text: `${text}?\n`,
    secrets: [{ from: text.length, to: text.length + 1, value: content.toString('latin1') }],
  };
}
