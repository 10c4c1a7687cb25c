import type { SentField } from './h2';
import type { Metadata } from './types';

/** Fields that belong to the protocol and not to the caller (gRPC over HTTP/2; grpc-go isReservedHeader). */
const reserved = new Set([
  'content-type',
  'te',
  'user-agent',
  'grpc-message-type',
  'grpc-encoding',
  'grpc-accept-encoding',
  'grpc-message',
  'grpc-status',
  'grpc-timeout',
  'grpc-status-details-bin',
  'date',
]);

const isReserved = (name: string): boolean => name.startsWith(':') || reserved.has(name);

/**
 * Metadata of received headers given as name, value, name, value: values in the order they came, the first one first.
 * Values of `-bin` names are decoded from base64, padded or not; several may share one field, separated by commas.
 */
export function readMetadata(rawHeaders: readonly string[]): Metadata {
  const metadata = new Map<string, (string | Buffer)[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase();
    if (isReserved(name)) continue;
    const text = rawHeaders[index + 1] as string;
    const values = name.endsWith('-bin')
      ? text.split(',').map((part) => Buffer.from(part.trim(), 'base64'))
      : [Buffer.from(text, 'latin1').toString('utf8')];
    const known = metadata.get(name);
    if (known === undefined) metadata.set(name, values);
    else known.push(...values);
  }
  return metadata;
}

const ascii = /^[\x20-\x7e\t]*$/;

/** The first value of `key` (lower case, not `-bin`) among received headers given as name, value, …; undefined: none. */
export function firstText(rawHeaders: readonly string[], key: string): string | undefined {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name !== key && (name.length !== key.length || name.toLowerCase() !== key)) continue;
    const text = rawHeaders[index + 1] as string;
    return ascii.test(text) ? text : Buffer.from(text, 'latin1').toString('utf8');
  }
  return undefined;
}

/**
 * Metadata as header fields to be sent: name and value in latin1, as HTTP/2 carries them. Names that HTTP/2 or gRPC
 * reserve, and values that HTTP/2 cannot carry, are a mistake of the calling code: throws RangeError, without the value.
 */
function sendable(metadata: Metadata): (readonly [name: string, value: string])[] {
  const fields: (readonly [string, string])[] = [];
  for (const [name, values] of metadata) {
    if (isReserved(name) || !/^[0-9a-z_.-]+$/.test(name)) throw new RangeError(`"${name}" cannot be a metadata key`);
    for (const value of values) {
      if (name.endsWith('-bin')) {
        fields.push([name, Buffer.from(value).toString('base64').replace(/=+$/, '')]);
        continue;
      }
      const text = Buffer.from(String(value), 'utf8').toString('latin1');
      if (/[\0-\x08\x0a-\x1f\x7f]/.test(text)) throw new RangeError(`the value of "${name}" holds control characters`);
      fields.push([name, text]);
    }
  }
  return fields;
}

/** Metadata to be sent; `secret`: no intermediary may keep it in a table. Throws RangeError. */
export const sentMetadata = (metadata: Metadata, how: 'plain' | 'secret'): readonly SentField[] =>
  sendable(metadata).map(([name, value]) => ({ name, value, how }));
