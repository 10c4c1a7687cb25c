import type { AuthMethod } from '../types';

const methods: ReadonlySet<string> = new Set<AuthMethod>([
  'mysql_native_password',
  'caching_sha2_password',
  'mysql_clear_password',
  'dialog',
]);

export const isAuthMethod = (name: string): name is AuthMethod => methods.has(name);

/** Methods whose reply is the password itself. */
export const sendsPassword = (method: AuthMethod): boolean => method === 'mysql_clear_password' || method === 'dialog';

const prompt = Buffer.from('\x04Enter password: \0', 'latin1');
const none = Buffer.alloc(0);

/** Plugin data of an auth switch request (vitess-behaviour §1.3). */
export function switchData(method: AuthMethod, salt: Buffer): Buffer {
  if (method === 'mysql_clear_password') return none;
  if (method === 'dialog') return prompt;
  return Buffer.concat([salt, Buffer.of(0)]);
}

/**
 * The reply that is checked. Replies that are a password lose their last byte, taken for the NUL behind it; an empty one
 * has none to lose: null.
 */
export function checkedReply(method: AuthMethod, reply: Buffer): Buffer | null {
  if (!sendsPassword(method)) return reply;
  return reply.length === 0 ? null : reply.subarray(0, reply.length - 1);
}
