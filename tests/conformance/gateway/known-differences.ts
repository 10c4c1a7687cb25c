/** Recorded cases in which our gateway answers otherwise than the real one, and why. */
export const knownDifferences: { readonly [id: string]: string } = {
  'ok-locks': 'lock functions beside other expressions are run, not refused',
  olap: 'real vtgate shows stale transaction flags under workload olap',
  'use-24': 'a bare name under a system schema is refused with VT12001; real vtgate looks it up there, or panics',
  'use-25': 'as use-24',
  'use-26': 'as use-24',
  'use-qualified': 'the MySQL user of the tablet has no rights on mysql, performance_schema and sys',
  'set-24': 'a wrong sql_mode is an error of MySQL; real vtgate sends it as a hint that MySQL ignores',
  'set-28': '`set @a := 3` is accepted, as in MySQL',
  'set-30': 'sql_mode ANSI is refused, since it changes how statements are read',
  'set-45': 'refused as metadata instead of as a syntax error',
  'set-58': "unique_checks = 'x' is an error of MySQL; real vtgate compares first and drops it",
};
