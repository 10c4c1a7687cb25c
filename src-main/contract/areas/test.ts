import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import type { ExplainedError, KnownError } from '../../domain/errors';

import type { TimeLeft } from '../../domain/probes';
import type { Comparison, Trace } from '../../domain/trace';
import type { FailureData } from '../failure';

/** How a test connects; `tls` does not verify the gateway, `tls-verified` does. */
export const transportIds = [
  'mysql-plain',
  'mysql-tls',
  'mysql-tls-verified',
  'mysql-mutual-tls',
  'mysql-unix',
  'grpc-plain',
  'grpc-tls',
  'grpc-mutual-tls',
] as const;
export const transport = z.enum(transportIds);
export type TransportId = (typeof transportIds)[number];

export const shownVerdicts = ['allowed', 'denied', 'refused', 'would-be-denied', 'not-enforced'] as const;
export const shownVerdict = z.enum(shownVerdicts);
export type ShownVerdictId = (typeof shownVerdicts)[number];

const name = z.string().max(256);
const path = z.string().max(1024);
const sql = z.string().min(1).max(65_536);
const cellId = z.string().min(1).max(2048);

/** Somebody who can be tested as: a caller of the workspace's tests, a user, a certificate, a claimed name, or nobody. */
export const testCaller = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['user', 'certificate', 'both', 'claimed', 'nobody']),
  /** How it proves who it is: `user myuser2`. */
  proof: z.string(),
  gateway: z.string(),
  user: z.string().nullable(),
  /** `saved`: the workspace knows the password; `typed`: it has to be typed; `none`: there is none. */
  password: z.enum(['saved', 'typed', 'none']),
  certificate: z.string().nullable(),
  claimed: z.object({ principal: z.string(), groups: z.array(z.string()) }).nullable(),
  /** The first is the one to begin with. */
  transports: z.array(transport),
});
export type TestCaller = z.infer<typeof testCaller>;

export const testGateway = z.object({
  name: z.string(),
  /** Ways in that its listeners leave open, refused ones too. */
  transports: z.array(transport),
  /** Names in its certificate, for the server name that the client demands. */
  names: z.array(z.string()),
  auth: z.string(),
});
export type TestGateway = z.infer<typeof testGateway>;

export const testCertificate = z.object({
  file: z.string(),
  name: z.string(),
  issuer: z.string(),
  /** `valid`, or what is wrong with it. */
  status: z.enum(['valid', 'expired', 'not-yet-valid', 'revoked']),
});
export type TestCertificate = z.infer<typeof testCertificate>;

/** A saved run as the list shows it. */
export const runSummary = z.object({
  id: z.string(),
  kind: z.enum(['single', 'compare', 'matrix']),
  /** ISO 8601. */
  at: z.string(),
  title: z.string(),
  detail: z.string(),
  verdict: shownVerdict.nullable(),
  /** Null: nothing was expected. */
  asExpected: z.boolean().nullable(),
  milliseconds: z.number(),
  cancelled: z.boolean(),
});
export type RunSummary = z.infer<typeof runSummary>;

export const testPart = z.object({
  callers: z.array(testCaller),
  gateways: z.array(testGateway),
  certificates: z.array(testCertificate),
  /** Files that a client can trust. */
  authorities: z.array(z.string()),
  defaultTrust: z.string().nullable(),
  defaultName: z.string(),
  /** Statements of the workspace's tests, for the statement field. */
  statements: z.array(z.object({ table: z.string(), role: z.enum(['read', 'write', 'admin']), sql: z.string() })),
  suites: z.array(z.object({ name: z.string(), file: z.string(), callers: z.number(), tables: z.number() })),
  /** False when a backend is not Gatehouse's own: admin tests run DDL there. */
  adminByDefault: z.boolean(),
  runs: z.array(runSummary),
  /** The last matrix ran with other files than are in force now. */
  outdated: z.boolean(),
});
export type TestPart = z.infer<typeof testPart>;

/** What can be wrong on purpose with the certificate of a test. */
export const testFaultIds = [
  'expired',
  'not-yet-valid',
  'other-authority',
  'wrong-name',
  'server-only',
  'no-common-name',
  'self-signed',
  'weak-key',
  'revoked',
] as const;
export type TestFaultId = (typeof testFaultIds)[number];

/** One test, as typed. A typed password goes in and never comes back. */
export const testRequest = z.strictObject({
  caller: name,
  gateway: name,
  user: name.nullable(),
  password: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('saved') }),
    z.strictObject({ kind: z.literal('typed'), text: z.string().max(1024) }),
    z.strictObject({ kind: z.literal('wrong') }),
    z.strictObject({ kind: z.literal('empty') }),
  ]),
  certificate: path.nullable(),
  claimed: z.strictObject({ principal: name, groups: z.array(name).max(64) }).nullable(),
  transport,
  serverName: name,
  trust: path.nullable(),
  /** A copy of the certificate is shown that is faulty in one way, made for this test in memory; absent: the certificate itself. */
  fault: z.enum(testFaultIds).optional(),
  /** The only version of TLS that the client offers; absent: 1.2 and 1.3. */
  tlsOnly: z.enum(['TLSv1.2', 'TLSv1.3']).optional(),
  sql,
});
export type TestRequest = z.infer<typeof testRequest>;

/** What a test can be copied as. */
export const copyForms = ['mysql', 'mariadb', 'grpcurl', 'node', 'go', 'python', 'java', 'php'] as const;
export type CopyForm = (typeof copyForms)[number];

/** A test to be pasted elsewhere; `text` is null where this client cannot say the same, and `why` says so. */
export const copiedTest = z.object({
  text: z.string().nullable(),
  why: z.string().nullable(),
  notes: z.array(z.string()),
});
export type CopiedTest = z.infer<typeof copiedTest>;

/** A trace as domain/trace makes it. Built by the program itself: its shape is checked by the compiler. */
export type TraceData = Trace & { readonly runId: string };
export type ComparisonData = Comparison & { readonly runId: string };
export type {
  ComparedLine,
  ComparedRow,
  Hop,
  Rich,
  Remedy,
  Span,
  Step,
  WireExcerpt,
  WireView,
} from '../../domain/trace';

/** Letters of a row's cells: `a` allowed, `d` denied, `r` refused, `w` would be denied, `n` not enforced, `x` something else, `.` not run, ` ` no such cell. */
export type CellLetter = 'a' | 'd' | 'r' | 'w' | 'n' | 'x' | '.' | ' ';

/** Marks of a row's cells: `=` as it should be, `e` differs from the expectation, `p` from the prediction, `b` from both, `…` running, `!` the test itself broke, `.` not run. */
export type CellMark = '=' | 'e' | 'p' | 'b' | '…' | '!' | '.';

/** One row of the matrix: a caller over a transport. Strings hold one letter a cell, three cells (read, write, admin) a table. */
export interface MatrixRow {
  readonly id: string;
  readonly suite: string;
  readonly caller: string;
  readonly proof: string;
  readonly gateway: string;
  readonly transport: TransportId;
  readonly expected: string;
  readonly predicted: string;
  readonly actual: string;
  readonly marks: string;
}

export interface MatrixColumn {
  readonly table: string;
  /** Table group that covers it now; null: none. */
  readonly group: string | null;
}

/** A test of the way in: everything but one thing is right. */
export interface AdmissionRow {
  readonly id: string;
  readonly suite: string;
  readonly test: string;
  readonly caller: string;
  readonly transport: TransportId;
  /** What is not as usual: a wrong password, another certificate. */
  readonly variant: string;
  readonly expected: string;
  readonly predicted: string;
  readonly actual: string;
  readonly mark: CellMark;
}

export interface MatrixTotals {
  readonly cells: number;
  readonly run: number;
  readonly asExpected: number;
  readonly differs: number;
  /** Among those that differ: from the prediction. */
  readonly fromPrediction: number;
}

export interface MatrixRunState {
  readonly state: 'idle' | 'running' | 'finished' | 'cancelled' | 'failed';
  readonly done: number;
  readonly total: number;
  /** ISO 8601; null: never. */
  readonly at: string | null;
  readonly milliseconds: number;
  /** What may be said about the time that a run still takes; null: nothing runs. */
  readonly left: TimeLeft | null;
  readonly failure: FailureData | null;
}

export interface MatrixModel {
  readonly rows: readonly MatrixRow[];
  readonly columns: readonly MatrixColumn[];
  readonly admissions: readonly AdmissionRow[];
  readonly totals: MatrixTotals;
  readonly run: MatrixRunState;
  /** Results were made with other files than are applied now. */
  readonly outdated: boolean;
}

/** First the whole matrix; whole again when files change; in between only what a run changes, at most ten times a second. */
export type MatrixMessage =
  | { readonly kind: 'model'; readonly model: MatrixModel }
  | {
      readonly kind: 'cells';
      /** Row, position in its strings, letter, mark. */
      readonly cells: readonly (readonly [number, number, CellLetter, CellMark])[];
      /** Index of an admission, letter, mark. */
      readonly admissions: readonly (readonly [number, CellLetter, CellMark])[];
      readonly totals: MatrixTotals;
      readonly run: MatrixRunState;
    };

/** One cell in full, for the pane beside the grid. */
export interface CellDetails {
  readonly id: string;
  /** `reporting reads orders`. */
  readonly title: string;
  readonly proof: string;
  readonly transport: TransportId;
  readonly sql: string;
  readonly expected: { readonly verdict: ShownVerdictId; readonly text: string };
  readonly predicted: { readonly verdict: ShownVerdictId; readonly text: string };
  readonly actual: {
    readonly verdict: ShownVerdictId;
    readonly text: string;
    readonly message: string | null;
    readonly at: string;
    readonly milliseconds: number;
  } | null;
  /** Why the test itself could not be made; null: it could, or was not tried. */
  readonly failure: string | null;
  readonly differs: readonly ('expected' | 'predicted')[];
  /** Why it is predicted so: what the statement needs, which group covers it, who is listed, who asks, verdict and mode. */
  readonly why: Trace['sentence'][];
  readonly place: { readonly file: string; readonly line: number } | null;
  readonly remediesTitle: 'Ways to allow' | 'Ways to deny' | null;
  readonly remedies: Trace['hops'][number]['remedies'];
}

/** What an error text means; what may have been a secret in it is masked. */
export type ExplainedErrorData = Omit<ExplainedError, 'known'> & {
  readonly known: readonly (KnownError & { readonly stageWord: string })[];
};

/** A thing in a file on which decisions turn, with what the tests touch of it. */
export interface CoverageItem {
  /** With the file, what `addTestFor` names. */
  readonly id: string;
  readonly kind: 'group' | 'entry' | 'list' | 'member' | 'user';
  readonly group: string;
  readonly list: 'readers' | 'writers' | 'admins' | null;
  readonly text: string;
  /** 0: it has none. */
  readonly line: number;
  /** Tests whose decision goes through it; `proven`: run, and as predicted. */
  readonly tests: number;
  readonly proven: number;
  readonly unreachable: 'repeated' | 'null-entry' | null;
  /** How warm it is among those of its file: 0 untouched to 3. */
  readonly heat: 0 | 1 | 2 | 3;
}

/** Something that no test touches, and whether one click makes a test for it. */
export interface UntouchedItem {
  readonly file: string;
  readonly item: CoverageItem;
  /** What the test would be: `maria reads payments`. Null: none can be made by itself. */
  readonly test: string | null;
  /** Why none can. */
  readonly obstacle: string | null;
}

/** A piece of a file's line; `item` an index into the file's items, null between them. */
export interface CoveragePiece {
  readonly text: string;
  readonly item: number | null;
}

export interface CoveredFileView {
  readonly file: string;
  readonly items: readonly CoverageItem[];
  /** The text with its lines in pieces; null for files whose text is secret or has no lines. */
  readonly lines: readonly (readonly CoveragePiece[])[] | null;
}

/** What the tests touch of the files in force. */
export interface CoverageView {
  readonly totals: { readonly lines: number; readonly touched: number; readonly proven: number };
  readonly untouched: readonly UntouchedItem[];
  readonly files: readonly CoveredFileView[];
}

/** Forms in which a matrix can be taken along. */
export const reportForms = ['csv', 'json', 'junit', 'html'] as const;
export type ReportForm = (typeof reportForms)[number];

/** A run of the list. */
export type ShownRun =
  | { readonly kind: 'single'; readonly trace: TraceData }
  | { readonly kind: 'compare'; readonly comparison: ComparisonData }
  | { readonly kind: 'matrix'; readonly summary: RunSummary; readonly lines: readonly string[] };

export const testContract = {
  /** Makes one connection and follows it hop by hop. Failures: `cluster.stopped`, `test.*`, `secrets.*`. */
  single: oc.input(testRequest).output(z.custom<TraceData>()),
  /** The same caller and statement over two transports, with a listener between client and gateway. */
  compare: oc
    .input(z.strictObject({ request: testRequest, transports: z.tuple([transport, transport]) }))
    .output(z.custom<ComparisonData>()),
  /** One cell of the matrix as a single test. */
  cell: oc.input(z.strictObject({ id: cellId })).output(z.custom<TraceData>()),
  /** Ends the single test that runs. */
  stopSingle: oc.input(z.void()).output(z.void()),
  watchMatrix: oc.input(z.void()).output(eventIterator(z.custom<MatrixMessage>())),
  /** Begins a run; what comes of it is told by `watchMatrix`. Returns how many cells it has. */
  runMatrix: oc
    .input(
      z.strictObject({
        which: z.enum(['all', 'failed', 'selected']),
        cells: z.array(cellId).max(100_000).optional(),
        /** Admin tests too where the backend is somebody else's. */
        admin: z.boolean().optional(),
      }),
    )
    .output(z.object({ total: z.number() })),
  /** Ends the run; what was done is kept. */
  stopMatrix: oc.input(z.void()).output(z.void()),
  cellDetails: oc.input(z.strictObject({ id: cellId })).output(z.custom<CellDetails>()),
  /** Changes what is expected of cells, in the draft; `actual`: what happened. Returns how many were changed and how many stay. */
  expect: oc
    .input(
      z.strictObject({
        cells: z.array(cellId).min(1).max(100_000),
        expectation: z.enum(['allow', 'deny', 'refuse', 'actual']),
      }),
    )
    .output(z.object({ changed: z.number(), kept: z.number() })),
  /** How many expectations `acceptAll` would change. */
  acceptable: oc.input(z.void()).output(z.object({ changed: z.number(), kept: z.number() })),
  /** All results that differ become expectations, in the draft. */
  acceptAll: oc.input(z.void()).output(z.object({ changed: z.number(), kept: z.number() })),
  /** Tables of the running backend and of the workspace's files, with those that tests already use. */
  tables: oc
    .input(z.void())
    .output(z.array(z.object({ name: z.string(), tested: z.boolean(), inBackend: z.boolean() }))),
  /** Adds a table, or a caller that can be tested as, to a suite of the draft. */
  addTable: oc.input(z.strictObject({ table: z.string().min(1).max(64) })).output(z.void()),
  addCaller: oc
    .input(z.strictObject({ id: z.string().max(1024), transports: z.array(transport).min(1) }))
    .output(z.void()),
  /** What the tests touch of the ACL and users files. */
  coverage: oc.input(z.void()).output(z.custom<CoverageView>()),
  /** Adds a test for something that none touches, to the draft: caller, table and expectation. Failures: `test.untouchable`. */
  addTestFor: oc
    .input(z.strictObject({ file: path, item: z.string().min(1).max(64) }))
    .output(z.object({ test: z.string() })),
  /** The matrix as it is now, as a file to be saved. */
  exportMatrix: oc
    .input(z.strictObject({ form: z.enum(reportForms) }))
    .output(z.object({ name: z.string(), mediaType: z.string(), content: z.string(), encoding: z.literal('utf8') })),
  /** Makes tests/access.json in the draft from the callers and tables that are known. */
  createSuite: oc.input(z.void()).output(z.object({ callers: z.number(), tables: z.number() })),
  /** A run of the list in full. */
  run: oc
    .input(z.strictObject({ id: z.string().max(64) }))
    .output(
      z.custom<
        | { readonly kind: 'single'; readonly trace: TraceData }
        | { readonly kind: 'compare'; readonly comparison: ComparisonData }
        | { readonly kind: 'matrix'; readonly summary: RunSummary; readonly lines: readonly string[] }
      >(),
    ),
  /** A trace as plain text, secrets removed. */
  report: oc
    .input(z.strictObject({ id: z.string().max(64), json: z.boolean().optional() }))
    .output(z.object({ text: z.string(), name: z.string() })),
  /** Explains an error text, pasted or met. Never fails: a text that is not known says so. */
  explain: oc.input(z.strictObject({ text: z.string().max(200_000) })).output(z.custom<ExplainedErrorData>()),
  /** The test as a command line or a program. A password is in it only with `withPassword`, and on no command line. */
  copyAs: oc
    .input(z.strictObject({ request: testRequest, form: z.enum(copyForms), withPassword: z.boolean() }))
    .output(copiedTest),
  forgetRuns: oc.input(z.void()).output(z.void()),
};
