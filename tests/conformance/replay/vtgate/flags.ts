import { flagMeant, GivenFlags, readName, type WrittenFlag } from '../../../../src-main/domain/flags';

/** Flags of one recorded server. */
export interface RecordedFlags {
  readonly given: GivenFlags;
  /** A flag that the program does not know, as written. */
  readonly unknown: string | null;
}

/** Where a recording's servers listen; the flags of a case leave that out. */
const everyVtgate = [
  '--mysql-server-port=0',
  '--mysql-server-socket-path=/given',
  '--mysql-server-bind-address=127.0.0.1',
];

/** The note that takes the MySQL listener away. */
export const withoutMysql = '(no --mysql-server-port, no --mysql-server-socket-path)';

/**
 * Reads flags as they stand in a recording, `{placeholders}` replaced by `resolve`. A note in round brackets takes flags
 * away that every other vtgate of the recording has.
 */
export function readFlags(written: readonly string[], resolve: (placeholder: string) => string): RecordedFlags {
  const notes = written.filter((text) => text.startsWith('('));
  const all = [
    ...everyVtgate.filter((text) => !notes.some((note) => note.includes(`no ${text.slice(0, text.indexOf('='))}`))),
    ...written.filter((text) => !text.startsWith('(')),
  ];
  const flags = all.map((text): WrittenFlag => {
    const [, name = '', value] = /^--([^=]+)(?:=(.*))?$/s.exec(text) ?? [];
    const filled = value?.replace(/\{[a-z]+\}/g, (placeholder) => resolve(placeholder));
    return { name, dashes: 2, value: filled ?? null, strayValue: false, line: 1 };
  });
  const unknown = flags.find(({ name }) => {
    const flag = flagMeant(name);
    return flag === undefined || readName(name, flag, '24') === 'unknown';
  });
  return { given: new GivenFlags(flags), unknown: unknown?.name ?? null };
}
