import { when, type FlagRule } from './rule';

const policies: ReadonlySet<string> = new Set(['', 'deny-all', 'read-only']);

/** The HTTP port, which has neither TLS nor login, and what else opens a door (vitess-behaviour §6.4). */
export const pages: FlagRule = ({ given, flag, program, version }) => {
  const policy = given.text('security-policy');
  const listens = given.set('port') && given.text('port') !== '0';
  return [
    ...when(listens && policy === '', () => ({
      code: 'flags.open-pages',
      level: 'warning',
      message: `Without ${flag('security-policy')} every page of the HTTP port is open to whoever reaches it, and some change settings.`,
      remedy: `Write ${flag('security-policy')}=deny-all or read-only, and keep the port private: it has no TLS.`,
      at: 'port',
    })),
    ...when(!policies.has(policy), () => ({
      code: 'flags.value',
      level: 'info',
      message: `${flag('security-policy')} names no policy; ${program} behaves as with deny-all.`,
      remedy: 'Write deny-all or read-only.',
      at: 'security-policy',
    })),
    ...when(given.on('pprof-http'), () => ({
      code: 'flags.profiles-open',
      level: 'info',
      message: `${flag('pprof-http')}: memory and stacks can be read on the HTTP port under every policy.`,
      remedy: 'Leave it out, or keep the port private.',
      at: 'pprof-http',
    })),
    ...when(version === '24' && given.on('external-decompressor-use-manifest'), () => ({
      code: 'flags.command-from-backup',
      level: 'warning',
      message: `${flag('external-decompressor-use-manifest')}: a restore runs the command that stands in the backup; who can write backups runs commands here.`,
      remedy: `Name the command with ${flag('external-decompressor')} instead.`,
      at: 'external-decompressor-use-manifest',
    })),
  ];
};
