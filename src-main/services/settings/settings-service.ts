import type { ExternalBackendInput, FoundMysql } from '../../contract/areas/settings';
import { GatehouseError, Secret, type JsonValue } from '../../domain/kernel';
import type { Backend } from '../../domain/topology';
import { findAllMysqld, findMysqld, probeExternalBackend } from '../../servers/backend';
import { decryptAuthorityKeys, encryptAuthorityKeys } from './authority-keys';
import { applyEdit } from '../document/draft-edits';
import type { WorkspaceDocument } from '../document/workspace-document';
import type { ServicePorts } from '../ports';

/** Every MySQL of this machine, and why the one that the user named cannot be used, if so. */
export async function findMysql(
  ports: ServicePorts,
  named: string | null,
): Promise<{ found: FoundMysql[]; fault: string | null }> {
  const extra = [process.env['GATEHOUSE_MYSQLD']];
  const found = await findAllMysqld({ os: ports.os, extra });
  const chosen = named === null ? null : await findMysqld({ os: ports.os, path: named });
  const list = found.map(({ vendor, version, path, how }) => ({ vendor, version, path, how }));
  if (chosen?.ok === true && !list.some(({ path }) => path === chosen.value.path)) {
    const { vendor, version, path, how } = chosen.value;
    list.push({ vendor, version, path, how });
  }
  return { found: list, fault: chosen?.ok === false ? chosen.failure.summary : null };
}

/** Settings of one workspace as edits of its draft; each is one step of undo. */
export class SetupEdits {
  constructor(readonly document: WorkspaceDocument) {}

  /** The mode of the workspace, or of one gateway; null: the gateway follows the workspace. */
  async setFidelity(gateway: string | null, mode: 'vitess' | 'hardened' | null): Promise<void> {
    if (gateway === null) return this.#set('Change Mode', ['fidelity'], mode ?? 'hardened');
    return this.#set(`Change Mode of ${gateway}`, ['gateways', this.#gateway(gateway), 'fidelity'], mode);
  }

  setVitess(vitess: '24.0.4' | '24.0-recorded'): Promise<void> {
    return this.#set('Change Vitess Version', ['vitess'], vitess);
  }

  /** `gateway:NAME/mysql`, `gateway:NAME/grpc` or `tablet:ALIAS/grpc`; 0 is any free port. */
  async setPort(listener: string, port: number): Promise<void> {
    const [, kind, name = '', way] = /^(gateway|tablet):(.+)\/(mysql|grpc)$/.exec(listener) ?? [];
    const { topology } = this.document.draft;
    if (kind === 'gateway' && (way === 'mysql' || way === 'grpc')) {
      const index = this.#gateway(name);
      const side = topology.gateways[index]?.[way];
      if (side != null)
        return this.#set('Change Port', ['gateways', index, way, 'listen'], { host: side.listen.host, port });
    }
    const tablet = topology.tablets.findIndex(({ alias }) => alias === name);
    const listen = topology.tablets[tablet]?.grpc.listen;
    if (kind === 'tablet' && way === 'grpc' && listen !== undefined)
      return this.#set('Change Port', ['tablets', tablet, 'grpc', 'listen'], { host: listen.host, port });
    throw new GatehouseError({
      code: 'settings.listener',
      summary: `The draft has no listener ${listener.slice(0, 80)}.`,
    });
  }

  /** A MySQL that others run. Its password goes to the secrets, never into a file of the workspace. */
  async useExternal(input: ExternalBackendInput): Promise<void> {
    const index = this.#backend(input.name);
    const before = this.document.draft.topology.backends[index];
    const secret = before?.kind === 'external' ? before.passwordSecret : `backends/${input.name}`;
    if (input.password !== null) await this.document.secrets.put(new Map([[secret, new Secret(input.password)]]));
    else if (this.document.secrets.get(secret) === undefined)
      throw new GatehouseError({
        code: 'settings.password',
        summary: 'The password of this MySQL is not known. Enter it.',
      });
    const { name, host, port, user, ca } = input;
    const kept = before?.kind === 'external' && before.tls !== null ? before.tls : { ca: null };
    await this.#set('Use External MySQL', ['backends', index], {
      kind: 'external',
      name,
      host,
      port,
      user,
      passwordSecret: secret,
      tls: ca === null ? null : { ...plainTls(kept), ca },
    });
  }

  /** A MySQL that Gatehouse runs again; without TLS, over its Unix socket. */
  useManaged(name: string): Promise<void> {
    return this.#set('Use Own MySQL', ['backends', this.#backend(name)], { kind: 'managed', name, tls: null });
  }

  /** Logs in and says what is there. Rejects with GatehouseError `backend.*`. */
  async probe(input: ExternalBackendInput): Promise<{ text: string; missingDatabases: string[] }> {
    const { topology } = this.document.draft;
    const before = topology.backends.find((backend: Backend) => backend.name === input.name);
    const known = before?.kind === 'external' ? this.document.secrets.get(before.passwordSecret) : undefined;
    const password = input.password === null ? known : new Secret(input.password);
    if (password === undefined)
      throw new GatehouseError({
        code: 'settings.password',
        summary: 'The password of this MySQL is not known. Enter it.',
      });
    const ca = input.ca === null ? null : this.#certificate(input.ca);
    const probed = await probeExternalBackend(
      { host: input.host, port: input.port, user: input.user, password, ...(ca === null ? {} : { tls: { ca } }) },
      topology.keyspaces.map(({ database }) => database),
    );
    if (!probed.ok) throw new GatehouseError(probed.failure);
    const { vendor, version, tls, missingDatabases } = probed.value;
    return {
      text: `${vendor} ${version}, ${tls === null ? 'in plain text' : `${tls.version}, ${tls.cipher}`}`,
      missingDatabases: [...missingDatabases],
    };
  }

  encryptKeys(passphrase: Secret): Promise<void> {
    return this.document.edit('Encrypt Keys', (dir) => encryptAuthorityKeys(dir, passphrase), {
      audit: 'certificates.changed',
    });
  }

  decryptKeys(passphrase: Secret): Promise<void> {
    return this.document.edit('Decrypt Keys', (dir) => decryptAuthorityKeys(dir, passphrase), {
      audit: 'certificates.changed',
    });
  }

  /** Text of a CA of the draft; nothing else is read. */
  #certificate(path: string): string {
    const { files, certificates } = this.document.draft;
    const known = files.get(path) ?? certificates.get(path);
    if (known !== undefined) return known.toString('utf8');
    throw new GatehouseError({ code: 'settings.ca', summary: `${path} is no certificate of this workspace.` });
  }

  #gateway(name: string): number {
    const index = this.document.draft.topology.gateways.findIndex((gateway) => gateway.name === name);
    if (index >= 0) return index;
    throw new GatehouseError({ code: 'settings.gateway', summary: `The draft has no gateway "${name}".` });
  }

  #backend(name: string): number {
    const index = this.document.draft.topology.backends.findIndex((backend) => backend.name === name);
    if (index >= 0) return index;
    throw new GatehouseError({ code: 'settings.backend', summary: `The draft has no backend "${name}".` });
  }

  #set(label: string, path: (string | number)[], value: JsonValue): Promise<void> {
    return this.document.edit(label, (dir) => applyEdit(dir, { kind: 'topology.set', path, value }, null));
  }
}

/** The parts of a client's TLS that are set. */
const plainTls = (tls: object): Record<string, string> =>
  Object.fromEntries(Object.entries(tls).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
