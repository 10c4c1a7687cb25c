import {
  printShow,
  printTwice,
  readStatement,
  splitMargins,
  type Pieces,
  type ReadOptions,
  type StatementReading,
} from '../../domain/sql';

/** A statement as it goes to MySQL but for its values; null = as it came. */
export type Printed = Pieces | null;

const asked = ({ execute, stream }: StatementReading): string => JSON.stringify([execute, stream]);

const textOf = ({ texts, names }: Pieces): string => texts.map((part, at) => part + (names[at] ?? '')).join('');

/**
 * The statement as vttablet prints it for MySQL, with the comments around it. Only when the printed text puts the same
 * questions to the table ACL as the text that came: what is checked is what runs.
 *
 * @param database behind the keyspace, whose name SHOW has to have
 * @param limited the number of rows is limited, as in everything that is not streamed
 */
export function printForBackend(
  sql: string,
  reading: StatementReading,
  options: ReadOptions,
  limited: boolean,
  database: string,
): Printed {
  if (reading.blanks.length > 0) return null;
  const { leading, statement, trailing } = splitMargins(sql);
  if (reading.execute.kind === 'plan' && reading.execute.name === 'Show') {
    const shown = printShow(statement, null, { database });
    if (shown === null || /[:?]/.test(shown.sql)) return null;
    if (asked(readStatement(shown.sql, options)) !== asked(reading)) return null;
    return { texts: [`${leading}${shown.sql}${trailing}`], names: [] };
  }
  const printed = printTwice(statement, { limited });
  if (printed === null || asked(readStatement(textOf(printed.full), options)) !== asked(reading)) return null;
  const { texts, names } = printed.pieces;
  if (leading === '' && trailing === '') return printed.pieces;
  const last = texts.length - 1;
  return {
    texts: texts.map((part, at) => `${at === 0 ? leading : ''}${part}${at === last ? trailing : ''}`),
    names,
  };
}
