import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** Certificates looked at in one chain; Go's handshake messages would hold more, but no honest chain does. */
const longestChain = 32;

/**
 * The certificates as the peer sent them, DER, leaf first. To be called once for each socket: Node takes the chain out of
 * the session as it reads it, so a second call would see the leaf alone (server) or nothing (client).
 */
export function takePresentedChain(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  while (certificate !== undefined && chain.length < longestChain) {
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/** Session tickets carry the leaf only; the rest of a chain is remembered from the full handshake. */
export class ChainMemory {
  readonly #chains = new Map<string, readonly Buffer[]>();

  constructor(private readonly capacity = 1000) {}

  remember(chain: readonly Buffer[]): void {
    const leaf = chain[0];
    if (leaf === undefined || chain.length < 2) return;
    const key = leaf.toString('latin1');
    this.#chains.delete(key);
    this.#chains.set(key, chain);
    if (this.#chains.size > this.capacity) this.#chains.delete(this.#chains.keys().next().value as string);
  }

  /** The whole chain of a resumed session whose leaf is known, else `chain` itself. */
  complete(chain: readonly Buffer[]): readonly Buffer[] {
    const leaf = chain[0];
    if (leaf === undefined || chain.length > 1) return chain;
    return this.#chains.get(leaf.toString('latin1')) ?? chain;
  }
}
