import { join } from 'node:path';
import type { Topology } from '../../domain/topology';
import { setJson, type JsonPath } from '../../domain/workspace';
import { writeFileAtomic } from '../../servers/store';
import { fault } from './pki-folder';
import { topologyOf, useOf } from './usual-set';

/** A part that checks others against a CA file, with the place of its settings. */
interface Trusting {
  readonly path: JsonPath;
  /** As a sentence names it. */
  readonly part: string;
  readonly bundle: string;
  readonly crl: string | null;
}

/** What became of putting a CRL to use. */
export interface CrlWiring {
  /** Parts that look at it from now on. */
  readonly parts: readonly string[];
  /** Why others do not, a sentence each. */
  readonly left: readonly string[];
}

function trusting(topology: Topology): Trusting[] {
  const found: Trusting[] = [];
  const add = (path: JsonPath, part: string, bundle: string | null | undefined, crl: string | null): void => {
    if (bundle != null) found.push({ path, part, bundle, crl });
  };
  for (const [index, { name, mysql, grpc, tabletLink }] of topology.gateways.entries()) {
    const at = ['gateways', index] as const;
    if (mysql?.tls != null)
      add([...at, 'mysql', 'tls', 'crl'], `gateway ${name} (MySQL)`, mysql.tls.clientCa, mysql.tls.crl);
    if (grpc?.tls != null)
      add([...at, 'grpc', 'tls', 'crl'], `gateway ${name} (gRPC)`, grpc.tls.clientCa, grpc.tls.crl);
    if (tabletLink !== null)
      add([...at, 'tabletLink', 'crl'], `gateway ${name}, towards tablets`, tabletLink.ca, tabletLink.crl);
  }
  for (const [index, { alias, grpc }] of topology.tablets.entries())
    if (grpc.tls !== null)
      add(['tablets', index, 'grpc', 'tls', 'crl'], `tablet ${alias}`, grpc.tls.clientCa, grpc.tls.crl);
  return found;
}

/**
 * Lets every part that trusts an authority look at its CRL (`pki/ID/crl.pem`, which must be there). A part that looks at
 * another list keeps it, and one that trusts several authorities is left alone: in hardened mode a list of one of them
 * alone would shut out those of the others.
 */
export async function useCrl(dir: string, authority: string): Promise<CrlWiring> {
  const { topology, text } = await topologyOf(dir);
  const use = await useOf(dir, topology);
  const item = use.index.certificates.find((candidate) => candidate.authority === authority);
  const file = `pki/${authority}/crl.pem`;
  if (item === undefined) throw fault('authority', `The workspace has no authority "${authority}".`);
  if (!use.index.crls.some((crl) => crl.file === file && crl.authority?.id === item.id))
    throw fault('no-crl', `${authority} has no CRL yet. Issue one first.`);
  const parts: string[] = [];
  const left: string[] = [];
  let after = text;
  for (const { path, part, bundle, crl } of trusting(topology)) {
    const trusted = use.index.byFile.get(bundle) ?? [];
    if (!trusted.includes(item.id) || crl === file) continue;
    if (crl !== null) left.push(`${part} looks at ${crl} already. Put both lists into one file.`);
    else if (trusted.length > 1)
      left.push(
        `${part} trusts ${trusted.length} authorities (${bundle}). Give it one file with the lists of all of them.`,
      );
    else {
      after = setJson(after, path, file);
      parts.push(part);
    }
  }
  if (parts.length > 0) await writeFileAtomic(join(dir, 'gatehouse.json'), after, 0o644);
  return { parts, left };
}
