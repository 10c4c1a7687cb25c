/** The part of node-forge that domain/certs uses at run time; importing it alone loads in a tenth of the time. */
declare module 'node-forge/lib/asn1.js' {
  export interface Asn1 {
    readonly tagClass: number;
    readonly type: number;
    readonly constructed: boolean;
    readonly value: string | Asn1[];
  }
  const asn1: {
    create(tagClass: number, type: number, constructed: boolean, value: string | Asn1[]): Asn1;
    fromDer(
      bytes: string,
      options: { strict: boolean; parseAllBytes: boolean; decodeBitStrings: boolean; maxDepth: number },
    ): Asn1;
    toDer(node: Asn1): { getBytes(): string };
    oidToDer(oid: string): { getBytes(): string };
  };
  export default asn1;
}

/** Password-based encryption of old PKCS#12 files; loaded only when such a file is opened. */
declare module 'node-forge/lib/pbe.js' {
  import type { Asn1 } from 'node-forge/lib/asn1.js';

  const pbe: {
    getCipherForPKCS12PBE(
      oid: string,
      parameters: Asn1,
      password: string,
    ): { update(input: unknown): void; finish(): boolean; readonly output: { getBytes(): string } };
  };
  export default pbe;
}

declare module 'node-forge/lib/util.js' {
  const util: { createBuffer(bytes: string): unknown };
  export default util;
}
