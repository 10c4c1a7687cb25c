import type { Result } from '../kernel';
import type { CrlRequest, IssuedCrl, RevokedEntry } from './types';

/** A certificate revocation list as data. */
export interface ParsedCrl {
  readonly der: Buffer;
  readonly fingerprint: string;
  readonly issuerText: string;
  readonly rawIssuer: Buffer;
  readonly thisUpdate: Date;
  /** Null when the list names no end. */
  readonly nextUpdate: Date | null;
  readonly number: bigint | null;
  readonly revoked: ReadonlyMap<string, RevokedEntry>;
  readonly authorityKeyId: string | null;
  readonly signatureAlgorithm: string;
}

/** Signs a list (RFC 5280 §5). */
export declare function createCrl(request: CrlRequest): IssuedCrl;
/** Reads one DER list; never throws. */
export declare function readCrl(der: Uint8Array): Result<ParsedCrl>;
