import { keptText } from '../../domain/kernel';
import type { TraceValue } from './trace-step';

/** What stands in a step in place of a value that may be a secret. */
export const redactedValue = '[redacted]';

/** Longest text kept in a step, in UTF-16 units; longer ones end in an ellipsis. */
const longestText = 4096;

const secretWords = new Set([
  'password',
  'passwords',
  'passwd',
  'pwd',
  'passphrase',
  'secret',
  'secrets',
  'token',
  'tokens',
  'credential',
  'credentials',
  'hash',
  'hashes',
  'scramble',
  'salt',
  'authresponse',
  'authdata',
  'authorization',
  'privatekey',
]);

/** `mysqlNativePassword` and `mysql_native_password` → mysql, native, password. */
const wordsOf = (key: string): string[] =>
  key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');

/** Keys of steps are words of this program, a few hundred; what comes from elsewhere must not grow the table. */
const judged = new Map<string, boolean>();
const JUDGED_KEYS = 2_000;

function looksSecret(key: string): boolean {
  const known = judged.get(key);
  if (known !== undefined) return known;
  const secret = namesSecret(key);
  if (judged.size >= JUDGED_KEYS) judged.clear();
  judged.set(key, secret);
  return secret;
}

function namesSecret(key: string): boolean {
  const words = wordsOf(key);
  if (words.at(-1) === 'key' && words.at(-2) !== 'public') return true;
  return words.some((word, at) => secretWords.has(word) || secretWords.has(word + (words[at + 1] ?? '')));
}

function guardValue(value: TraceValue): TraceValue {
  if (typeof value === 'string') {
    if (value.includes('PRIVATE KEY-----')) return redactedValue;
    return keptText(value, longestText);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly TraceValue[]).map(guardValue);
  return redactSecrets(value as { readonly [key: string]: TraceValue });
}

/**
 * The last guard before a step is kept: values whose key names a secret (password, hash, salt, token, private key, …)
 * are replaced, at any depth; so is text that holds a private key in PEM. Truth values and null say nothing and stay.
 */
export function redactSecrets(data: { readonly [key: string]: TraceValue }): { readonly [key: string]: TraceValue } {
  const result: { [key: string]: TraceValue } = {};
  for (const [key, value] of Object.entries(data)) {
    const harmless = typeof value === 'boolean' || value === null;
    result[key] = !harmless && looksSecret(key) ? redactedValue : guardValue(value);
  }
  return result;
}

const PEM_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
/** `password=…`, `"Password": "…"`, `token: …`, `--secret …`: the name stays, the value goes. */
const NAMED = /(["']?)\b([\w-]+)\1(\s*[=:]\s*|\s+)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,;&)}\]]+)/g;
/** Hashes of `mysql_native_password` and of caching_sha2_password as users files hold them. */
const STORED_HASH = /\*[0-9A-Fa-f]{40}(?:[0-9A-Fa-f]{24})?\b/g;

/** A line for a log without what may be a secret in it: private keys, stored hashes, values behind names of secrets. */
export function redactText(text: string): string {
  return text
    .replace(PEM_KEY, redactedValue)
    .replace(STORED_HASH, redactedValue)
    .replace(NAMED, (whole: string, quote: string, key: string, between: string) =>
      // Words in a row ("the password was") are prose; only = and : assign.
      /[=:]/.test(between) && looksSecret(key) ? `${quote}${key}${quote}${between}${redactedValue}` : whole,
    );
}
