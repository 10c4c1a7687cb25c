import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { parsePem, readCsr, type CertificateRole, type KeySpec, type ParsedCsr } from '../domain/certs';
import { Secret, systemClock } from '../domain/kernel';
import { certificatesView } from '../services/certs/certificates-view';
import { connectionSnippets } from '../services/certs/connection-snippets';
import { useCrl } from '../services/certs/crl-wiring';
import { decryptKeys, encryptKeys } from '../services/certs/encrypt-keys';
import { makeFaulty } from '../services/certs/faulty';
import { faultKinds, type FaultKind } from '../services/certs/faulty-record';
import { importFiles, inspectImport } from '../services/certs/import/import-service';
import { deletionConsequences, removeCertificate } from '../services/certs/remove-certificate';
import { snippetInput } from '../services/certs/snippet-input';
import { createUsualSet, topologyOf, useOf } from '../services/certs/usual-set';
import { loadWorkspace } from '../services/workspace/load-workspace';
import {
  certsOf,
  days,
  keyOption,
  keyPassphrase,
  pkiPath,
  roleOption,
  secretFrom,
  type CertsOutput,
} from './certs-shared';
import { CommandExit, exitCode } from './exit';
import { printFindings } from './findings';
import { jsonOption } from './shared-options';
import { columns } from './table';
import type { Terminal } from './terminal';

interface Flags {
  readonly json?: boolean;
  readonly passphraseFd?: number;
}

/** More than an import takes, so that a file of many gigabytes is not read. */
const MAX_FILE_BYTES = 2 * 1024 * 1024;

/** What `gatehouse certs` does with a workspace as a whole: what the screen of certificates does, too. */
export function addWorkspaceCerts(certs: Command, terminal: Terminal, out: CertsOutput): void {
  const workspace = (name: string, description: string): Command =>
    certs.command(name).description(description).argument('<dir>', 'workspace').addOption(jsonOption());

  workspace('usual-set', 'make what is missing of the usual set and put it to use in gatehouse.json')
    .addOption(keyPassphrase())
    .action(async (dir: string, flags: Flags) => {
      certsOf(dir);
      const { files } = await createUsualSet(dir, systemClock, secretFrom(flags.passphraseFd));
      if (files.length === 0 && flags.json !== true) terminal.line('nothing is missing');
      else out.done(files, flags.json);
    });

  workspace('authority', 'make an authority: a root, or one below another')
    .requiredOption('--id <id>', 'its folder below pki/')
    .requiredOption('--cn <name>', 'its name')
    .option('--issuer <id>', 'the authority above it; without one it signs itself')
    .option('--days <n>', 'validity', days, 3650)
    .addOption(keyOption())
    .addOption(keyPassphrase())
    .action(
      async (dir: string, flags: Flags & { id: string; cn: string; issuer?: string; days: number; key: KeySpec }) => {
        const service = certsOf(dir, flags.passphraseFd);
        const { id, cn: commonName, issuer = null } = flags;
        out.done(
          await service.issueAuthority({ id, commonName, issuer, days: flags.days, key: flags.key }),
          flags.json,
        );
      },
    );

  workspace('sign', 'issue the certificate that a request asks for')
    .argument('<request>', 'certificate request (PEM or DER)')
    .requiredOption('--authority <id>', 'authority: a folder below pki/')
    .requiredOption('--id <id>', 'file name: pki/AUTHORITY/ID-cert.pem')
    .addOption(roleOption())
    .option('--days <n>', 'validity', days, 365)
    .addOption(keyPassphrase())
    .action(
      async (
        dir: string,
        file: string,
        flags: Flags & { authority: string; id: string; role: CertificateRole; days: number },
      ) => {
        const service = certsOf(dir, flags.passphraseFd);
        const request = await readRequest(file);
        const { authority, id, role } = flags;
        out.done(await service.issueFromRequest({ authority, id, role, days: flags.days, request }), flags.json);
      },
    );

  workspace('faulty', 'make a copy of a certificate with one fault, for tests that must be refused')
    .argument('<file>', 'certificate to copy')
    .addOption(new Option('--fault <fault>', 'what is wrong with it').choices(faultKinds).makeOptionMandatory())
    .addOption(keyPassphrase())
    .action(async (dir: string, file: string, flags: Flags & { fault: FaultKind }) => {
      certsOf(dir);
      const options = { like: pkiPath(dir, file), fault: flags.fault };
      const { files } = await makeFaulty(dir, systemClock, options, secretFrom(flags.passphraseFd));
      await out.doneWithCrl(certsOf(dir), files, flags.json);
    });

  workspace('use-crl', 'let every part that trusts an authority look at its CRL')
    .argument('<authority>', 'authority')
    .action(async (dir: string, authority: string, flags: Flags) => {
      certsOf(dir);
      const { parts, left } = await useCrl(dir, authority);
      if (flags.json === true)
        terminal.json({ schema: 1, files: parts.length > 0 ? ['gatehouse.json'] : [], parts, warnings: left });
      else {
        for (const part of parts) terminal.line(`${part} looks at pki/${authority}/crl.pem from now on`);
        for (const line of left) terminal.line(`warning: ${line}`);
        if (parts.length + left.length === 0) terminal.line('nothing to change');
      }
    });

  workspace('delete', 'delete a certificate and its private key')
    .argument('<file>', 'certificate')
    .option('--force', 'although something uses it')
    .action(async (dir: string, file: string, flags: Flags & { force?: boolean }) => {
      certsOf(dir);
      const loaded = await loadWorkspace(dir);
      const id = pkiPath(dir, file);
      const world = { suites: loaded.ok ? loaded.value.suites : [], now: systemClock.now() };
      const lines = deletionConsequences(await useOf(dir, (await topologyOf(dir)).topology), id, world);
      if (lines.length > 0 && flags.force !== true)
        throw new CommandExit(
          exitCode.usage,
          `${lines.join('\n')}\nNothing was deleted. Say --force to delete it all the same.`,
        );
      const deleted = await removeCertificate(dir, id);
      if (flags.json === true) terminal.json({ schema: 1, deleted, warnings: lines });
      else for (const path of deleted) terminal.line(`deleted ${path}`);
    });

  workspace('import', 'import certificates, keys and CRLs: PEM, DER, PKCS#12')
    .argument('<files...>', 'files; keys find the certificates they fit, among these and in the workspace')
    .option('--dry-run', 'say what would be imported and write nothing')
    .addOption(keyPassphrase())
    .action(async (dir: string, paths: string[], flags: Flags & { dryRun?: boolean }) => {
      certsOf(dir);
      const passphrase = secretFrom(flags.passphraseFd);
      const files = await Promise.all(paths.map(readGiven));
      const take = flags.dryRun === true ? inspectImport : importFiles;
      const report = await take(dir, files, passphrase === undefined ? [] : [passphrase]);
      if (flags.json === true) terminal.json({ schema: 1, ...report });
      else {
        for (const file of report.files) {
          terminal.line(`${file.name}: ${file.outcome}`);
          for (const line of file.lines) terminal.line(`  ${line}`);
          printFindings(file.findings, terminal);
        }
        for (const path of report.writes) terminal.line(`${flags.dryRun === true ? 'would write' : 'wrote'} ${path}`);
      }
      if (report.files.some(({ outcome }) => outcome === 'refused' || outcome === 'passphrase'))
        throw new CommandExit(exitCode.findings);
    });

  workspace('checks', 'who checks whom on every link, and with which flag').action(
    async (dir: string, flags: Flags) => {
      certsOf(dir);
      const part = await certificatesView({ dir, topology: (await topologyOf(dir)).topology, now: systemClock.now() });
      if (flags.json === true) {
        terminal.json({ schema: 1, checks: part.checks });
        return;
      }
      const name = (ids: readonly string[]): string =>
        ids.map((id) => part.rows.find((row) => row.id === id)?.name ?? id).join(', ');
      const rows = part.checks.map((check) => [
        `${check.from.join(', ') || 'clients'} → ${check.to.join(', ')}`,
        check.callers ? 'the caller’s certificate' : name(check.shown) || '–',
        check.checkedBy,
        name(check.against) || '–',
        check.flags.join(' ') || 'client side',
        check.warning ?? '',
      ]);
      for (const line of columns([['LINK', 'SHOWN', 'CHECKED BY', 'AGAINST', 'FLAGS', ''], ...rows]))
        terminal.line(line);
    },
  );

  workspace('snippets', 'how mysql, mariadb, Go, Java and Node connect to a gateway, with verified TLS')
    .argument('[file]', 'certificate of the caller; without one a user with a password')
    .requiredOption('--gateway <name>', 'gateway')
    .addOption(new Option('--for <client>', 'only this one').choices(['mysql', 'mariadb', 'go', 'java', 'node']))
    .action(async (dir: string, file: string | undefined, flags: Flags & { gateway: string; for?: string }) => {
      certsOf(dir);
      const { topology } = await topologyOf(dir);
      const { input, notes } = snippetInput({
        topology,
        use: await useOf(dir, topology),
        id: file === undefined ? null : pkiPath(dir, file),
        gateway: flags.gateway,
        dir: resolve(dir),
        applied: () => true,
        addresses: null,
      });
      const snippets = connectionSnippets(input).filter(
        ({ title }) => flags.for === undefined || title.toLowerCase() === flags.for,
      );
      if (flags.json === true) terminal.json({ schema: 1, notes, snippets });
      else {
        for (const note of notes) terminal.note(note);
        for (const { title, text } of snippets)
          terminal.line(flags.for === undefined ? `# ${title}\n${text.trimEnd()}\n` : text.trimEnd());
      }
    });

  workspace('encrypt-keys', 'encrypt the private keys of the authorities with one passphrase')
    .option('--all', 'the keys of servers and callers too: the cluster does not start until they are decrypted')
    .addOption(keyPassphrase().makeOptionMandatory())
    .action(async (dir: string, flags: Flags & { readonly all?: boolean }) => {
      certsOf(dir);
      const only = (path: string): boolean => flags.all === true || path.endsWith('/ca-key.pem');
      out.done(await encryptKeys(dir, secretFrom(flags.passphraseFd) ?? new Secret(''), only), flags.json);
    });
  workspace('decrypt-keys', 'the reverse: every private key in clear, mode 0600')
    .addOption(keyPassphrase().makeOptionMandatory())
    .action(async (dir: string, flags: Flags) => {
      certsOf(dir);
      out.done(await decryptKeys(dir, secretFrom(flags.passphraseFd) ?? new Secret('')), flags.json);
    });
}

async function readGiven(path: string): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  try {
    const { size } = await stat(path);
    // What is too large is refused by its size; its content is not needed for that.
    return { name: basename(path), bytes: size > MAX_FILE_BYTES ? Buffer.alloc(MAX_FILE_BYTES) : await readFile(path) };
  } catch (error) {
    throw new CommandExit(
      exitCode.usage,
      `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}). Nothing was imported.`,
    );
  }
}

async function readRequest(path: string): Promise<ParsedCsr> {
  const { bytes } = await readGiven(path);
  const text = bytes.toString('utf8');
  const block = text.includes('-----BEGIN')
    ? parsePem(text, path).blocks.find(({ kind }) => kind === 'certificate-request')
    : undefined;
  const reading = readCsr(block?.kind === 'certificate-request' ? block.der : bytes);
  if (reading.ok) return reading.value;
  throw new CommandExit(exitCode.usage, `${path}: ${reading.failure.summary}`);
}
