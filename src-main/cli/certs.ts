import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  inspectCertificate,
  inspectChain,
  type CertificateRole,
  type KeySpec,
  type RevocationReason,
} from '../domain/certs';
import type { Secret } from '../domain/kernel';
import { systemClock } from '../domain/kernel';
import { CertsService } from '../services/certs/certs-service';
import { CommandExit, exitCode } from './exit';
import { printFindings } from './findings';
import { jsonOption, passphraseOption, readPassphrase } from './shared-options';
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

const days = (value: string): number => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 3_650)
    throw new InvalidArgumentError('a number of days from 1 to 3650');
  return number;
};

/** The certificates of a workspace; a folder that is none is refused before anything is looked for in it. */
function service(dir: string, descriptor?: number): CertsService {
  if (!existsSync(join(dir, 'gatehouse.json')))
    throw new CommandExit(exitCode.usage, `${dir} is no workspace: it has no gatehouse.json.`);
  return new CertsService(dir, systemClock, secretFrom(descriptor));
}
/**
 * A file below pki/ as the service takes it. A path relative to the current folder, as a shell completes it, is accepted
 * too when it leads there.
 */
export function pkiPath(dir: string, file: string): string {
  const pki = resolve(dir, 'pki') + sep;
  const here = resolve(file);
  return !resolve(dir, file).startsWith(pki) && here.startsWith(pki) ? relative(resolve(dir), here) : file;
}
const secretFrom = (descriptor: number | undefined): Secret | undefined =>
  descriptor === undefined ? undefined : readPassphrase(descriptor);
const keyPassphrase = (): Option =>
  passphraseOption('read the passphrase of encrypted private keys from this file descriptor');

/** `gatehouse certs …`: everything the program can do with certificates. */
export function addCerts(program: Command, terminal: Terminal): void {
  const certs = program.command('certs').description('issue, renew, revoke, inspect, verify and export certificates');
  const done = (files: readonly string[], json: boolean | undefined, warnings: readonly string[] = []): void => {
    if (json === true) terminal.json({ schema: 1, files, ...(warnings.length === 0 ? {} : { warnings }) });
    else {
      for (const file of files) terminal.line(`wrote ${file}`);
      for (const warning of warnings) terminal.line(`warning: ${warning}`);
    }
  };
  /** As `done`, for files among which CRLs may be that nobody looks at. */
  const doneWithCrl = async (
    certs: CertsService,
    files: readonly string[],
    json: boolean | undefined,
    more: readonly string[] = [],
  ): Promise<void> => {
    const warnings = await Promise.all(
      files.filter((file) => file.endsWith('/crl.pem')).map((file) => certs.unusedCrl(file)),
    );
    done(files, json, [...more, ...warnings.filter((warning) => warning !== null)]);
  };

  certs
    .command('list')
    .description('every certificate of a workspace')
    .argument('<dir>', 'workspace')
    .addOption(jsonOption())
    .action(async (dir: string, flags: { json?: boolean }) => {
      const list = await service(dir).list();
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
    .addOption(
      new Option('--role <role>', 'what it is for')
        .choices([
          'gateway-server',
          'tablet-server',
          'gateway-as-tablet-client',
          'control-plane-client',
          'caller',
          'mysql-server',
          'mysql-client',
        ])
        .default('caller'),
    )
    .option('--dns <name...>', 'DNS names; for callers these are groups', [])
    .option('--ip <address...>', 'IP addresses', [])
    .option('--days <n>', 'validity', days, 365)
    .addOption(
      new Option('--key <kind>', 'key')
        .choices(['ecdsa-p256', 'rsa-2048', 'rsa-3072', 'rsa-4096', 'ed25519'])
        .default('ecdsa-p256'),
    )
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
        done(await service(dir, flags.passphraseFd).issue({ ...flags, commonName: flags.cn }), flags.json);
      },
    );

  certs
    .command('renew')
    .description('issue a certificate anew: same names and usages, new key')
    .argument('<dir>', 'workspace')
    .argument('<file>', 'certificate, e.g. pki/callers/auditor-cert.pem')
    .option('--days <n>', 'validity', days, 365)
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
        flags: { days: number; revokeOld?: RevocationReason; passphraseFd?: number; json?: boolean },
      ) => {
        const certs = service(dir, flags.passphraseFd);
        const options = flags.revokeOld === undefined ? {} : { revokeOld: flags.revokeOld };
        const files = await certs.renew(pkiPath(dir, file), flags.days, options);
        await doneWithCrl(certs, files, flags.json);
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
          passphraseFd?: number;
          json?: boolean;
        },
      ) => {
        const { authority, serial, reason } = flags;
        const bySerial = authority !== undefined && serial !== undefined;
        if ((file === undefined) !== bySerial || (authority === undefined) !== (serial === undefined))
          throw new CommandExit(exitCode.usage, 'name a certificate file, or --authority and --serial.');
        const certs = service(dir, flags.passphraseFd);
        if (file !== undefined) {
          await doneWithCrl(certs, [await certs.revoke(pkiPath(dir, file), reason)], flags.json);
          return;
        }
        const { crl, certificate } = await certs.revokeSerial(authority ?? '', serial ?? '', reason);
        const stranger = `no certificate with the serial ${serial} is on record; it is on the CRL all the same`;
        await doneWithCrl(certs, [crl], flags.json, certificate === null ? [stranger] : []);
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
      const certs = service(dir, flags.passphraseFd);
      await doneWithCrl(certs, [await certs.writeCrl(authority)], flags.json);
    });

  certs
    .command('inspect')
    .description('what a certificate says, in six lines, and what is wrong with it')
    .argument('<dir>', 'workspace')
    .argument('<file>', 'certificate')
    .addOption(jsonOption())
    .action(async (dir: string, file: string, flags: { json?: boolean }) => {
      const certificates = await service(dir).read(pkiPath(dir, file));
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
        const verdict = await service(dir).verify(pkiPath(dir, file), {
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
    .addOption(
      new Option('--format <format>', 'form').choices(['pem', 'pkcs12', 'kubernetes', 'encrypted-key']).default('pem'),
    )
    .requiredOption('--out <file>', 'where to write it; files with a key get mode 0600')
    .addOption(passphraseOption('read the passphrase for what is written from this file descriptor'))
    .addOption(jsonOption())
    .action(
      async (
        dir: string,
        file: string,
        flags: {
          format: 'pem' | 'pkcs12' | 'kubernetes' | 'encrypted-key';
          out: string;
          passphraseFd?: number;
          json?: boolean;
        },
      ) => {
        const made = await service(dir).export(pkiPath(dir, file), flags.format, secretFrom(flags.passphraseFd));
        await writeFile(flags.out, made.content, { mode: made.secret ? 0o600 : 0o644, flag: 'wx' });
        done([flags.out], flags.json);
      },
    );
}
