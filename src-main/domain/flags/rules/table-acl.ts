import { when, type FlagRule } from './rule';

/** Whether vttablet guards tables (vitess-behaviour §5.2, §11 numbers 28 to 31). */
export const tableAcl: FlagRule = ({ given, flag, program }) => {
  if (program !== 'vttablet') return [];
  const file = given.set('table-acl-config');
  const strict = given.on('queryserver-config-strict-table-acl');
  const dryRun = given.on('queryserver-config-enable-table-acl-dry-run');
  const enforce = given.on('enforce-tableacl-config');
  const exempt = given.text('queryserver-config-acl-exempt-acl');
  const interval = given.text('table-acl-config-reload-interval');
  return [
    ...when(dryRun, () => ({
      code: 'flags.acl-dry-run',
      level: 'error',
      message: `${flag('queryserver-config-enable-table-acl-dry-run')} refuses nobody: denials are only counted${strict ? ', although strict mode is on' : ''}.`,
      remedy: 'Remove it when the counters show what was expected.',
      at: 'queryserver-config-enable-table-acl-dry-run',
    })),
    ...when(file && !strict && !dryRun, () => ({
      code: 'flags.acl-not-strict',
      level: 'error',
      message: `${flag('table-acl-config')} without ${flag('queryserver-config-strict-table-acl')} refuses nobody.`,
      remedy: `Add ${flag('queryserver-config-strict-table-acl')}.`,
      at: 'table-acl-config',
    })),
    ...when(!file && !strict && !enforce && !dryRun, () => ({
      code: 'flags.no-acl',
      level: 'warning',
      message: 'No table is guarded: every caller that vtgate lets in may do everything.',
      remedy: `Give ${flag('table-acl-config')}, ${flag('enforce-tableacl-config')} and ${flag('queryserver-config-strict-table-acl')}.`,
      at: null,
    })),
    ...when(!file && strict && !enforce, () => ({
      code: 'flags.strict-without-file',
      level: 'warning',
      message: 'Strict mode without a file denies every table to everybody, also to an exempt caller.',
      remedy: `Give ${flag('table-acl-config')}.`,
      at: 'queryserver-config-strict-table-acl',
    })),
    ...when(!file && enforce, () => ({
      code: 'flags.enforce-without-file',
      level: 'error',
      message: `${flag('enforce-tableacl-config')} without ${flag('table-acl-config')}: vttablet does not start.`,
      remedy: `Give ${flag('table-acl-config')}.`,
      at: 'enforce-tableacl-config',
    })),
    ...when(file && !enforce, () => ({
      code: 'flags.acl-not-enforced',
      level: 'warning',
      message: `Without ${flag('enforce-tableacl-config')} a file with a fault is passed over at the start and never read again${strict ? '; strict mode then denies everything' : ''}.`,
      remedy: `Add ${flag('enforce-tableacl-config')}.`,
      at: 'table-acl-config',
    })),
    ...when(exempt !== '' && !file, () => ({
      code: 'flags.exempt-ignored',
      level: 'warning',
      message: `${flag('queryserver-config-acl-exempt-acl')} is ignored without ${flag('table-acl-config')}.`,
      remedy: 'Leave it out, or give the file.',
      at: 'queryserver-config-acl-exempt-acl',
    })),
    ...when(exempt === 'gRPC', () => ({
      code: 'flags.exempt-everybody',
      level: 'error',
      message: 'The exempt name gRPC is that of the transport: every call through vtgate passes unchecked.',
      remedy: 'Name one caller or group.',
      at: 'queryserver-config-acl-exempt-acl',
    })),
    ...when(exempt.includes(','), () => ({
      code: 'flags.exempt-list',
      level: 'warning',
      message: `${flag('queryserver-config-acl-exempt-acl')} is one name, not a list: with a comma in it nobody is meant.`,
      remedy: 'Name one caller, or a group that all of them have.',
      at: 'queryserver-config-acl-exempt-acl',
    })),
    ...when(interval.startsWith('-'), () => ({
      code: 'flags.value',
      level: 'error',
      message: `${flag('table-acl-config-reload-interval')} is negative: vttablet ends with a panic.`,
      remedy: 'Write a duration such as 30s, or leave it out.',
      at: 'table-acl-config-reload-interval',
    })),
  ];
};
