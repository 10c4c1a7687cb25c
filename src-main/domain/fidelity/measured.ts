/** How many recorded cases each rule changes; made by `npm run conformance:differences` (docs/fidelity.md). */
export const measured = [
  {
    file: 'permissions',
    cases: 905,
    rules: {
      'sql-definition-query-undetermined': { vitess: 0, hardened: 1, example: 'alter-table-35' },
      'sql-definition-sources-asked': { vitess: 24, hardened: 24, example: 'cte-dml-13' },
      'sql-explained-statement-asked': { vitess: 13, hardened: 13, example: 'explain-05' },
      'sql-files-undetermined': { vitess: 0, hardened: 5, example: 'select-87' },
      'sql-opaque-statements-undetermined': { vitess: 17, hardened: 17, example: 'admin-14' },
      'sql-panics-refused': { vitess: 0, hardened: 42, example: 'values-02' },
      'sql-partial-create-table-undetermined': { vitess: 6, hardened: 6, example: 'create-table-22' },
      'sql-reading-settings-undetermined': { vitess: 0, hardened: 1, example: 'session-24' },
      'sql-set-and-show-subqueries-asked': { vitess: 3, hardened: 3, example: 'session-22' },
      'sql-show-filter-undetermined': { vitess: 0, hardened: 1, example: 'show-26' },
      'sql-stored-functions-undetermined': { vitess: 0, hardened: 2, example: 'select-85' },
      'sql-stored-programs-undetermined': { vitess: 0, hardened: 6, example: 'ddl-other-42' },
      'sql-subjects-asked': { vitess: 0, hardened: 24, example: 'create-table-10' },
      'sql-versioned-comments-undetermined': { vitess: 0, hardened: 4, example: 'comment-02' },
      'sql-with-names-scoped': { vitess: 12, hardened: 9, example: 'cte-08' },
      'sql-with-shadowing-asked': { vitess: 0, hardened: 7, example: 'cte-06' },
    },
    unnamed: [],
  },
  {
    file: 'users-files',
    cases: 183,
    rules: {
      'users-caching-sha2-offered': { vitess: 0, hardened: 1, example: 'start/sha2-only' },
      'users-no-secret-refused': { vitess: 0, hardened: 8, example: 'start/legacy-empty-entry' },
      'users-null-entry-refused': { vitess: 0, hardened: 3, example: 'start/legacy-null-beside-object' },
    },
    unnamed: [],
  },
];
