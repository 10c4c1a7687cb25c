/** One answer and who got it. */
export interface RecordedAnswer {
  readonly callers: readonly string[];
  readonly ok?: boolean | string;
  readonly rows?: number;
  readonly affected?: number;
  /** Null: the client itself refused. */
  readonly errno?: number | null;
  readonly sqlstate?: string | null;
  readonly code?: string;
  readonly message?: string;
  readonly closed?: boolean;
  readonly insertId?: number;
  readonly columns?: readonly string[];
  readonly at?: string;
  readonly furtherResults?: number;
  readonly setupError?: string;
}

export interface RecordedCase {
  readonly id: string;
  readonly cell: string;
  readonly sql: string;
  readonly transport?: string;
  readonly setup?: readonly string[];
  readonly preQueries?: readonly string[];
  readonly args?: readonly string[];
  readonly gate?: readonly RecordedAnswer[];
  readonly tablet?: readonly RecordedAnswer[];
  readonly answers?: readonly RecordedAnswer[];
}

export interface RecordedCell {
  readonly acl: unknown;
  readonly tabletFlags: readonly string[];
  readonly gateFlags: readonly string[];
}

export interface Caller {
  readonly name: string;
  readonly login: string;
  readonly user: string;
  readonly groups: readonly string[];
}

/** decisions.json. */
export interface Recording {
  readonly schema: readonly string[];
  readonly data: readonly string[];
  readonly users: unknown;
  readonly acl: unknown;
  readonly callers: readonly Caller[];
  readonly cells: Readonly<Record<string, RecordedCell>>;
  readonly cases: readonly RecordedCase[];
}

/** The settings of the cases in cell `main`, as `format.cell` tells them. */
export const mainCell: RecordedCell = {
  acl: 'the acl above',
  gateFlags: [],
  tabletFlags: [
    '--table-acl-config',
    '{file}',
    '--queryserver-config-strict-table-acl',
    '--queryserver-config-acl-exempt-acl',
    'exempt',
  ],
};

/** Row counts of SHOW and of system schemas depend on the server (`format.varying`). */
export const rowsVary = (sql: string): boolean =>
  /^\s*(?:show|explain|describe|desc|analyze|check|optimize|repair)\b|_schema\b|\bmysql\.|\bsys\./i.test(sql);
