import { writeFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import {
  inspectCertificate,
  inspectChain,
  type CertificateRole,
  type KeySpec,
  type RevocationReason,
} from '../domain/certs';
import { systemClock } from '../domain/kernel';
import { exportedEntry, recordAudit } from '../services/audit';
import { exportFormats, type ExportFormat } from '../services/certs/export-certificate';
import { useCrl } from '../services/certs/crl-wiring';
import { renewBranch } from '../services/certs/renew-branch';
import { certsOf, certsOutput, days, keyOption, keyPassphrase, pkiPath, roleOption, secretFrom } from './certs-shared';
import { addWorkspaceCerts } from './certs-workspace';
import { CommandExit, exitCode } from './exit';
import { printFindings } from './findings';
import { jsonOption, passphraseOption } from './shared-options';
import { columns } from './table';
import type { Terminal } from './terminal';

const reasons: readonly RevocationReason[] = [
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
];

/** `gatehouse certs …`: everything the program can do with certificates. */
export function addCerts(program: Command, terminal: Terminal): void {
  const certs = program
    .command('certs')
    .description('make, renew, revoke, import, inspect, verify and export certificates');
  const out = certsOutput(terminal);
  const { done, doneWithCrl } = out;
  addWorkspaceCerts(certs, terminal, out);

  certs
    .command('list')
    .description('every certificate of a workspace')
    .argument('<dir>', 'workspace')
    .addOption(jsonOption())
    .action(async (dir: string, flags: { json?: boolean }) => {
      const list = await certsOf(dir).list();
      if (flags.json === true) terminal.json({ schema: 1, certificates: list });
      else
        for (const line of columns(
          list.map((item) => [item.file, item.status, item.subject, item.notAfter.slice(0, 10), item.names.join(', ')]),
        ))
          terminal.line(line);
    });

  certs
    .command('issue')
    .description('issue a certificate with a new key')
    .argument('<dir>', 'workspace')
    .requiredOption('--authority <id>', 'authority: a folder below pki/')
    .requiredOption('--id <id>', 'file name: pki/AUTHORITY/ID-cert.pem')
    .requiredOption('--cn <name>', 'common name: the caller’s name for callers')
    .addOption(roleOption())
    .option('--dns <name...>', 'DNS names; for callers these are groups', [])
    .option('--ip <address...>', 'IP addresses', [])
    .option('--days <n>', 'validity', days, 365)
    .addOption(keyOption())
    .addOption(keyPassphrase())
    .addOption(jsonOption())
    .action(
      async (
        dir: string,
        flags: {
          authority: string;
          id: string;
          cn: string;
          role: CertificateRole;
          dns: string[];
          ip: string[];
          days: number;
          key: KeySpec;
          passphraseFd?: number;
          json?: boolean;
        },
      ) => {
        done(await certsOf(dir, flags.passphraseFd).issue({ ...flags, commonName: flags.cn }), flags.json);
      },
    );

  certs
    .command('renew')
    .description('issue a certificate anew: same names and usages, new key; an authority alone keeps its key')
    .argument('<dir>', 'workspace')
    .argument('<file>', 'certificate, e.g. pki/callers/auditor-cert.pem')
    .option('--days <n>', 'validity; authorities keep the length they had', days, 365)
    .option('--branch', 'an authority with everything below it, all with new keys')
    .addOption(keyPassphrase())
    .addOption(jsonOption())
    .addOption(
      new Option('--revoke-old [reason]', 'also put the old certificate on its authority’s CRL')
        .choices(reasons)
        .preset('superseded'),
    )
    .action(
      async (
        dir: string,
        file: string,
        flags: {
          days: number;
          branch?: boolean;
          revokeOld?: RevocationReason;
          passphraseFd?: number;
          json?: boolean;
        },
      ) => {
        const certs = certsOf(dir, flags.passphraseFd);
        const path = pkiPath(dir, file);
        const options = flags.revokeOld === undefined ? {} : { revokeOld: flags.revokeOld };
        const [certificate] = await certs.read(path);
        if (certificate?.isCa !== true && flags.branch !== true) {
          await doneWithCrl(certs, await certs.renew(path, flags.days, options), flags.json);
          return;
        }
        const branch = { file: path, days: flags.days, below: flags.branch === true, ...options };
        const report = await renewBranch(dir, systemClock, branch, certs.passphrase);
        const left = report.left.map((item) => `${item.file} was left as it is: ${item.why}`);
        await doneWithCrl(certs, report.files, flags.json, left);
      },
    );

  certs
    .command('revoke')
    .description('put a certificate on its authority’s CRL')
    .argument('<dir>', 'workspace')
    .argument('[file]', 'certificate; without one --authority and --serial say which')
    .option('--authority <id>', 'authority of a certificate whose file is gone or was replaced')
    .option('--serial <hex>', 'its serial number: pki/AUTHORITY/issued.jsonl holds what was issued')
    .addOption(new Option('--reason <reason>', 'why').choices(reasons).default('unspecified'))
    .option('--use-crl', 'let every part that trusts the authority look at its CRL')
    .addOption(keyPassphrase())
    .addOption(jsonOption())
    .action(
      async (
        dir: string,
        file: string | undefined,
        flags: {
          authority?: string;
          serial?: string;
          reason: RevocationReason;
          useCrl?: boolean;
          passphraseFd?: number;
          json?: boolean;
        },
      ) => {
        const { authority, serial, reason } = flags;
        const bySerial = authority !== undefined && serial !== undefined;
        if ((file === undefined) !== bySerial || (authority === undefined) !== (serial === undefined))
          throw new CommandExit(exitCode.usage, 'name a certificate file, or --authority and --serial.');
        const certs = certsOf(dir, flags.passphraseFd);
        const use = async (crl: string): Promise<readonly string[]> =>
          flags.useCrl === true ? (await useCrl(dir, crl.split('/')[1] ?? '')).left : [];
        if (file !== undefined) {
          const crl = await certs.revoke(pkiPath(dir, file), reason);
          const left = await use(crl);
          await doneWithCrl(certs, [crl], flags.json, left);
          return;
        }
        const { crl, certificate } = await certs.revokeSerial(authority ?? '', serial ?? '', reason);
        const left = await use(crl);
        const stranger = `no certificate with the serial ${serial} is on record; it is on the CRL all the same`;
        await doneWithCrl(certs, [crl], flags.json, [...left, ...(certificate === null ? [stranger] : [])]);
      },
    );

  certs
    .command('crl')
    .description('issue an authority’s CRL anew')
    .argument('<dir>', 'workspace')
    .argument('<authority>', 'authority')
    .addOption(keyPassphrase())
    .addOption(jsonOption())
    .action(async (dir: string, authority: string, flags: { passphraseFd?: number; json?: boolean }) => {
      const certs = certsOf(dir, flags.passphraseFd);
      await doneWithCrl(certs, [await certs.writeCrl(authority)], flags.json);
    });

  certs
    .command('inspect')
    .description('what a certificate says, in six lines, and what is wrong with it')
    .argument('<dir>', 'workspace')
    .argument('<file>', 'certificate')
    .addOption(jsonOption())
    .action(async (dir: string, file: string, flags: { json?: boolean }) => {
      const certificates = await certsOf(dir).read(pkiPath(dir, file));
      if (certificates.length === 0) throw new CommandExit(exitCode.usage, `${file} holds no certificate.`);
      const now = systemClock.now();
      const findings = inspectChain({ certificates, file, now });
      if (flags.json === true)
        terminal.json({
          schema: 1,
          certificates: certificates.map((item) => ({
            subject: item.subjectText,
            issuer: item.issuerText,
            serial: item.serial,
            notBefore: item.notBefore.toISOString(),
            notAfter: item.notAfter.toISOString(),
            dnsNames: item.dnsNames,
            ipAddresses: item.ipAddresses,
            uris: item.uris,
            keyUsage: item.keyUsage,
            extendedKeyUsage: item.extendedKeyUsage,
            authority: item.isCa,
            key: item.key,
            fingerprint: item.fingerprint,
          })),
          findings,
        });
      else {
        terminal.line(certificates.map((item) => inspectCertificate(item, { now })).join('\n\n'));
        if (findings.length > 0) terminal.line();
        printFindings(findings, terminal);
      }
      if (findings.some((finding) => finding.level === 'error')) throw new CommandExit(exitCode.findings);
    });

  certs
    .command('verify')
    .description('judge a certificate as its peer would')
    .argument('<dir>', 'workspace')
    .argument('<file>', 'certificate')
    .requiredOption('--trust <file>', 'CA bundle of the peer')
    .addOption(new Option('--as <purpose>', 'what it is used as').choices(['client', 'server']).default('client'))
    .option('--name <name>', 'name demanded of a server')
    .addOption(jsonOption())
    .action(
      async (
        dir: string,
        file: string,
        flags: { trust: string; as: 'client' | 'server'; name?: string; json?: boolean },
      ) => {
        const verdict = await certsOf(dir).verify(pkiPath(dir, file), {
          trust: pkiPath(dir, flags.trust),
          purpose: flags.as,
          name: flags.name ?? null,
        });
        if (flags.json === true)
          terminal.json(
            verdict.ok
              ? {
                  schema: 1,
                  ok: true,
                  peer: {
                    commonName: verdict.peer.commonName,
                    dnsNames: verdict.peer.dnsNames,
                    serial: verdict.peer.serial,
                  },
                  warnings: verdict.warnings,
                }
              : { schema: 1, ok: false, cause: verdict.cause, alert: verdict.alert, message: verdict.message },
          );
        else if (verdict.ok) {
          terminal.line(
            `accepted as "${verdict.peer.commonName}"${verdict.peer.dnsNames.length === 0 ? '' : `, groups ${verdict.peer.dnsNames.join(', ')}`}`,
          );
          for (const warning of verdict.warnings) terminal.line(`warning: ${warning}`);
        } else terminal.line(`refused (${verdict.cause}, alert ${verdict.alert}): ${verdict.message}`);
        if (!verdict.ok) throw new CommandExit(exitCode.differs);
      },
    );

  certs
    .command('export')
    .description('a certificate in another form')
    .argument('<dir>', 'workspace')
    .argument('<file>', 'certificate')
    .addOption(new Option('--format <format>', 'form').choices(exportFormats).default('pem'))
    .requiredOption('--out <file>', 'where to write it; files with a key get mode 0600')
    .option('--faulty', 'although it is faulty on purpose')
    .addOption(passphraseOption('read the passphrase for what is written from this file descriptor'))
    .addOption(jsonOption())
    .action(
      async (
        dir: string,
        file: string,
        flags: {
          format: ExportFormat;
          out: string;
          faulty?: boolean;
          passphraseFd?: number;
          json?: boolean;
        },
      ) => {
        const made = await certsOf(dir).export(pkiPath(dir, file), flags.format, secretFrom(flags.passphraseFd), {
          faulty: flags.faulty === true,
        });
        await writeFile(flags.out, made.content, { mode: made.secret ? 0o600 : 0o644, flag: 'wx' });
        await recordAudit(dir, exportedEntry(file, flags.format, made.secret));
        done([flags.out], flags.json);
      },
    );
}
