import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  CertificateAdvice,
  CertificatesDone,
  CertificatesPart,
  CertificateExportFormat,
  CertificateImportInput,
  CertificateImportReport,
  NewCertificate,
  RevocationReasonName,
} from '../../contract/areas/certificates';
import { allFields, certificatePem, decryptPrivateKey, type CertificateField } from '../../domain/certs';
import { GatehouseError, Secret, type Clock } from '../../domain/kernel';
import { exportedEntry, recordAudit } from '../audit';
import type { ClusterAddresses } from '../cluster/cluster';
import type { WorkspaceDocument } from '../document/workspace-document';
import { advise, endOf, requestOf } from './certificate-advice';
import type { CertificateUse } from './certificate-use';
import { certificatesView, nameOf } from './certificates-view';
import { CertsService } from './certs-service';
import { connectionSnippets, type Snippet } from './connection-snippets';
import { useCrl, type CrlWiring } from './crl-wiring';
import { makeFaulty, type FaultyOptions } from './faulty';
import { importFiles, inspectImport } from './import/import-service';
import type { GivenFile } from './import/read-import';
import { readSerial } from './issued-serials';
import { fault, PkiFolder } from './pki-folder';
import { PkiReader } from './pki-index';
import { deletionConsequences, removeCertificate } from './remove-certificate';
import { renewBranch } from './renew-branch';
import { snippetInput } from './snippet-input';
import { createUsualSet, topologyOf, useOf } from './usual-set';

/** Every edit here is recorded by itself: a certificate counts from when it is made, not from when it is applied. */
const audited = { audit: 'certificates.changed' } as const;

/** What the service asks of the running cluster: where its gateways listen. */
export interface RunningGateways {
  readonly cluster: { readonly addresses: ClusterAddresses } | null;
}

/** The certificates of one open workspace for the page: what it shows, and edits of the draft, each one step of undo. */
export class CertificatesService {
  readonly #reader = new PkiReader();
  /** Opens encrypted private keys; kept until the workspace is closed. */
  #passphrase: Secret | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly document: WorkspaceDocument,
    readonly cluster: RunningGateways,
    readonly clock: Clock,
  ) {}

  /** Tells when keys were unlocked; edits are told by the document. */
  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async view(): Promise<CertificatesPart> {
    const { draftDir, draft } = this.document;
    const input = { dir: draftDir, topology: draft.topology, now: this.clock.now() };
    const part = await certificatesView(input, this.#reader);
    return { ...part, locked: this.#passphrase === undefined && part.rows.some(({ key }) => key === 'encrypted') };
  }

  /** Everything that a certificate says, and its PEM. */
  async fields(id: string): Promise<{ fields: CertificateField[]; pem: string }> {
    const { certificate } = await this.#item(id);
    return { fields: allFields(certificate), pem: certificatePem(certificate) };
  }

  async advise(form: NewCertificate): Promise<CertificateAdvice> {
    return advise(form, await this.#use(), this.clock.now());
  }

  async createUsualSet(): Promise<CertificatesDone> {
    const { files } = await this.document.edit(
      'Create the usual set',
      (dir) => createUsualSet(dir, this.clock, this.#passphrase),
      audited,
    );
    const certificates = files.filter((file) => file.endsWith('-cert.pem'));
    return { ...nothingDone, files: [...files], count: certificates.length };
  }

  async create(form: NewCertificate): Promise<CertificatesDone> {
    const { notes, file } = await this.advise(form);
    const error = notes.find(({ level }) => level === 'error');
    if (error !== undefined || file === null) throw fault('form', error?.text ?? 'Choose the authority that signs it.');
    const request = requestOf(form);
    const name = request?.subject.commonName ?? form.commonName;
    const label = `New certificate ${name || file}`;
    const files = await this.document.edit(
      label,
      (dir) => this.#issue(new CertsService(dir, this.clock, this.#passphrase), form, file),
      audited,
    );
    return this.#done(file, files, [], 1);
  }

  async #issue(service: CertsService, form: NewCertificate, file: string): Promise<string[]> {
    const serial = readSerial(form.serial);
    const notAfter = endOf(form, this.clock.now());
    const days = typeof form.validFor === 'number' ? form.validFor : 1;
    const shared = {
      days,
      ...(typeof form.validFor === 'number' || notAfter === null ? {} : { notAfter }),
      ...(serial === null ? {} : { serial }),
    };
    const id = /([^/]+)-cert\.pem$/.exec(file)?.[1] ?? '';
    if (form.for === 'authority')
      return service.issueAuthority({
        ...shared,
        id: file.split('/')[1] ?? '',
        commonName: form.commonName,
        issuer: form.signedBy,
        key: form.key,
      });
    const purposes = form.purposes.map((purpose) =>
      purpose === 'client' ? ('clientAuth' as const) : ('serverAuth' as const),
    );
    const place = {
      ...shared,
      authority: form.signedBy ?? '',
      id,
      role: form.for === 'other' ? ('caller' as const) : form.for,
      ...(form.for === 'other' ? { extendedKeyUsage: purposes } : {}),
    };
    const request = requestOf(form);
    return request === null
      ? service.issue({ ...place, commonName: form.commonName, dns: form.dns, ip: form.ip, key: form.key })
      : service.issueFromRequest({ ...place, request });
  }

  async makeFaulty(options: FaultyOptions): Promise<CertificatesDone> {
    const made = await this.document.edit(
      'Make a faulty certificate',
      (dir) => makeFaulty(dir, this.clock, options, this.#passphrase),
      audited,
    );
    return this.#done(made.cert, made.files, [], 1);
  }

  /** `branch`: an authority with everything below it; an authority without it keeps its key, so that what it signed stays valid. */
  async renew(input: { id: string; days: number; branch: boolean; revokeOld: boolean }): Promise<CertificatesDone> {
    const item = await this.#item(input.id);
    const revoke = input.revokeOld ? ({ revokeOld: 'superseded' } as const) : {};
    const name = nameOf(item);
    if (!item.certificate.isCa) {
      const files = await this.document.edit(
        `Renew ${name}`,
        (dir) => new CertsService(dir, this.clock, this.#passphrase).renew(item.file, input.days, revoke),
        audited,
      );
      return this.#done(item.id, files, await this.#crlNotes(files), 1);
    }
    const report = await this.document.edit(
      `Renew ${name}${input.branch ? ' and everything below it' : ''}`,
      (dir) =>
        renewBranch(
          dir,
          this.clock,
          { file: item.file, days: input.days, below: input.branch, ...revoke },
          this.#passphrase,
        ),
      audited,
    );
    const notes = report.left.map(({ file, why }) => `${file} was left as it is: ${why}.`);
    return this.#done(
      item.id,
      report.files,
      [...notes, ...(await this.#crlNotes(report.files))],
      report.renewed.length,
    );
  }

  /** Puts a certificate on its authority's CRL; `use`: and lets every part that trusts the authority look at it. */
  async revoke(input: { id: string; reason: RevocationReasonName; useCrl: boolean }): Promise<CertificatesDone> {
    const item = await this.#item(input.id);
    const { crl, wiring } = await this.document.edit(
      `Revoke ${nameOf(item)}`,
      async (dir) => {
        const crl = await new CertsService(dir, this.clock, this.#passphrase).revoke(item.file, input.reason);
        const authority = /^pki\/([^/]+)\/crl\.pem$/.exec(crl)?.[1] ?? '';
        return { crl, wiring: input.useCrl ? await useCrl(dir, authority) : noWiring };
      },
      audited,
    );
    const files = [crl, ...(wiring.parts.length > 0 ? ['gatehouse.json'] : [])];
    return this.#done(item.id, files, [...wiring.left, ...(await this.#crlNotes([crl]))], 0);
  }

  /** Issues a CRL where there is none and lets every part that trusts the authority look at it. */
  async useCrl(authority: string): Promise<CertificatesDone> {
    const wiring = await this.document.edit(
      `Use the CRL of ${authority}`,
      async (dir) => {
        const service = new CertsService(dir, this.clock, this.#passphrase);
        if (!(await new PkiFolder(dir).exists(`pki/${authority}/crl.pem`))) await service.writeCrl(authority);
        return useCrl(dir, authority);
      },
      audited,
    );
    return { ...nothingDone, files: wiring.parts.length > 0 ? ['gatehouse.json'] : [], notes: [...wiring.left] };
  }

  async consequences(id: string): Promise<{ lines: string[] }> {
    const { suites } = this.document.draft;
    return { lines: deletionConsequences(await this.#use(), id, { suites, now: this.clock.now() }) };
  }

  async remove(id: string): Promise<CertificatesDone> {
    const item = await this.#item(id);
    const files = await this.document.edit(`Delete ${nameOf(item)}`, (dir) => removeCertificate(dir, id), audited);
    return { ...nothingDone, files };
  }

  /** The private key as it lies in its file. */
  async reveal(id: string): Promise<{ pem: string; encrypted: boolean }> {
    const { file, key } = await this.#item(id);
    if (key === 'missing' || !file.endsWith('-cert.pem'))
      throw fault('missing', `There is no private key for ${file}.`);
    const pem = await this.document.read((dir) => readFile(join(dir, file.replace(/-cert\.pem$/, '-key.pem')), 'utf8'));
    return { pem, encrypted: pem.includes('ENCRYPTED') };
  }

  /** GatehouseError `certs.passphrase-wrong` when it opens none of the encrypted keys. */
  async unlockKeys(passphrase: Secret): Promise<void> {
    const { index } = await this.#use();
    const locked = index.certificates.find(({ key }) => key === 'encrypted');
    if (locked === undefined) return;
    const { pem } = await this.reveal(locked.id);
    const opened = await decryptPrivateKey(pem, passphrase);
    if (!opened.ok) throw new GatehouseError(opened.failure);
    this.#passphrase = passphrase;
    for (const listener of this.#listeners) listener();
  }

  inspectImport(input: CertificateImportInput): Promise<CertificateImportReport> {
    const { files, passphrases } = given(input);
    return this.document.read((dir) => inspectImport(dir, files, passphrases));
  }

  import(input: CertificateImportInput): Promise<CertificateImportReport> {
    const { files, passphrases } = given(input);
    const label = files.length === 1 ? `Import ${files[0]?.name ?? 'a file'}` : `Import ${files.length} files`;
    return this.document.edit(label, (dir) => importFiles(dir, files, passphrases), audited);
  }

  async export(input: {
    id: string;
    format: CertificateExportFormat;
    passphrase: string | null;
    faulty: boolean;
  }): Promise<{ name: string; mediaType: string; content: string; encoding: 'utf8' | 'base64' }> {
    const { file } = await this.#item(input.id);
    const passphrase = input.passphrase === null ? undefined : new Secret(input.passphrase);
    const { content, secret } = await this.document.read((dir) =>
      new CertsService(dir, this.clock, this.#passphrase).export(file, input.format, passphrase, {
        faulty: input.faulty,
      }),
    );
    await recordAudit(this.document.dir, exportedEntry(file, input.format, secret), this.clock);
    const base = file
      .replace(/^pki\//, '')
      .replace(/-cert\.pem$|\.pem$/, '')
      .replaceAll('/', '-');
    const { suffix, mediaType } = exportKinds[input.format];
    return {
      name: base + suffix,
      mediaType,
      ...(typeof content === 'string'
        ? { content, encoding: 'utf8' as const }
        : { content: content.toString('base64'), encoding: 'base64' as const }),
    };
  }

  /** How programs connect to a gateway as the caller of this certificate, or, without one, with a password. */
  async snippets(id: string | null, gateway: string): Promise<{ notes: string[]; snippets: Snippet[] }> {
    const use = await this.#use();
    const { input, notes } = snippetInput({
      topology: this.document.draft.topology,
      use,
      id,
      gateway,
      dir: this.document.dir,
      applied: (file) => !this.document.changedFiles.includes(file),
      addresses: this.cluster.cluster?.addresses ?? null,
    });
    return { notes, snippets: connectionSnippets(input) };
  }

  #use(): Promise<CertificateUse> {
    return this.document.read(async (dir) => useOf(dir, (await topologyOf(dir)).topology, this.#reader));
  }

  async #item(id: string) {
    const item = (await this.#use()).byId.get(id);
    if (item === undefined) throw fault('missing', `${id} is not there any more.`);
    return item;
  }

  async #done(
    show: string,
    files: readonly string[],
    notes: readonly string[],
    count: number,
  ): Promise<CertificatesDone> {
    const use = await this.#use();
    const item = use.byId.get(show);
    const signer = item?.issuer == null ? undefined : use.byId.get(item.issuer);
    return {
      show,
      files: [...files],
      notes: [...notes],
      count,
      made:
        item === undefined
          ? null
          : {
              name: nameOf(item),
              signedBy: signer === undefined ? null : nameOf(signer),
              notAfter: item.certificate.notAfter.toISOString(),
            },
    };
  }

  /** What is to be said about CRLs among the files that were written. */
  async #crlNotes(files: readonly string[]): Promise<string[]> {
    const crls = files.filter((file) => file.endsWith('/crl.pem'));
    const service = new CertsService(this.document.draftDir, this.clock);
    const notes = await Promise.all(crls.map((file) => service.unusedCrl(file)));
    return notes.filter((note) => note !== null).map((note) => `${note.charAt(0).toUpperCase()}${note.slice(1)}.`);
  }
}

const nothingDone: CertificatesDone = { show: null, files: [], notes: [], made: null, count: 0 };
const noWiring: CrlWiring = { parts: [], left: [] };

const exportKinds: Readonly<Record<CertificateExportFormat, { readonly suffix: string; readonly mediaType: string }>> =
  {
    pem: { suffix: '-cert.pem', mediaType: 'application/x-pem-file' },
    chain: { suffix: '-chain.pem', mediaType: 'application/x-pem-file' },
    key: { suffix: '-key.pem', mediaType: 'application/x-pem-file' },
    'encrypted-key': { suffix: '-key.encrypted.pem', mediaType: 'application/x-pem-file' },
    pkcs12: { suffix: '.p12', mediaType: 'application/x-pkcs12' },
    kubernetes: { suffix: '-secret.yaml', mediaType: 'application/yaml' },
  };

const given = ({ files, passphrases }: CertificateImportInput): { files: GivenFile[]; passphrases: Secret[] } => ({
  files: files.map(({ name, content }) => ({ name, bytes: Buffer.from(content, 'base64') })),
  passphrases: passphrases.map((text) => new Secret(text)),
});
