import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { scanFiles, type Scan } from '../servers/store';
import { nameAuditProgram, onAuditFault, recordAudit, scanFacts } from '../services/audit';
import type { Terminal } from './terminal';

/** Commands that write a workspace's files themselves; what they did is seen by looking before and after. */
const writers: ReadonlySet<string> = new Set([
  'certs authority',
  'certs crl',
  'certs decrypt-keys',
  'certs delete',
  'certs encrypt-keys',
  'certs faulty',
  'certs import',
  'certs issue',
  'certs renew',
  'certs revoke',
  'certs sign',
  'certs use-crl',
  'certs usual-set',
]);

const nameOf = (command: Command): string =>
  command.parent === null ? '' : `${nameOf(command.parent)} ${command.name()}`.trim();

/**
 * Keeps the audit log for the command line: says which command acts, and records what a command has changed in a
 * workspace's files, also when it ended with an error after that.
 */
export class CommandTrail {
  #begun: { readonly dir: string; readonly before: Scan } | null = null;

  constructor(program: Command, terminal: Terminal) {
    onAuditFault((_dir, summary) => terminal.note(`gatehouse: ${summary}`));
    program.hook('preAction', async (_program, command) => {
      const name = nameOf(command);
      nameAuditProgram(`gatehouse ${name}`);
      const [dir] = command.args;
      if (!writers.has(name) || dir === undefined || !existsSync(join(dir, 'gatehouse.json'))) return;
      this.#begun = { dir, before: await scanFiles(dir) };
    });
  }

  /** When the command is over, however it ended. */
  async end(): Promise<void> {
    const begun = this.#begun;
    this.#begun = null;
    if (begun === null) return;
    const { dir, before } = begun;
    const { sentences, facts } = scanFacts(before, await scanFiles(dir));
    const [first] = sentences;
    if (first === undefined) return;
    const more = sentences.length > 1 ? ` And ${sentences.length - 1} more.` : '';
    await recordAudit(dir, { what: 'certificates.changed', summary: `${first}${more}`, facts });
  }
}
