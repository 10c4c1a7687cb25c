import { chunkSize, type Outlet } from './outlet';
import { BinaryRowWriter } from './packets/binary-row';
import { writeColumnDefinition } from './packets/column-definition';
import { writeEof } from './packets/eof';
import { writeErr, type ErrorPacket } from './packets/err';
import { writeOk } from './packets/ok';
import { writeTextRow } from './packets/text-row';
import { serverStatus } from './capabilities';
import type { ColumnDefinition, OkData, ResultWriter, TextRow } from './types';

/** What results need to know of their connection, and what they change. */
export interface ResultContext {
  readonly outlet: Outlet;
  readonly deprecateEof: boolean;
  /** Status flags last sent; EOF packets behind column definitions repeat them. */
  status: number;
}

type Stage = 'start' | 'rows' | 'finished';

/** The answer to one command: results in order, each an OK packet or columns, rows and an end. */
export class CommandResult implements ResultWriter {
  readonly #context: ResultContext;
  readonly #binary: boolean;
  #stage: Stage = 'start';
  #rowWriter: BinaryRowWriter | null = null;
  /** Whether rows of an earlier call are still on their way. */
  #writing = false;

  constructor(context: ResultContext, binary: boolean) {
    this.#context = context;
    this.#binary = binary;
  }

  /** Whether the answer is complete. */
  get finished(): boolean {
    return this.#stage === 'finished';
  }

  /** Whether columns went out whose rows have not ended. */
  get insideRows(): boolean {
    return this.#stage === 'rows';
  }

  ok(data: OkData, more = false): Promise<void> {
    this.#expect('start');
    writeOk(this.#context.outlet.writer, this.#withStatus(data, more));
    return this.#endResult(more);
  }

  columns(columns: readonly ColumnDefinition[]): Promise<void> {
    this.#expect('start');
    if (columns.length === 0) throw new Error('a result set without columns is an OK');
    const { outlet, deprecateEof, status } = this.#context;
    const { writer } = outlet;
    writer.begin();
    writer.lenenc(columns.length);
    writer.end();
    for (const column of columns) writeColumnDefinition(writer, column);
    if (!deprecateEof) writeEof(writer, { warnings: 0, status });
    if (this.#binary) this.#rowWriter = new BinaryRowWriter(columns);
    this.#stage = 'rows';
    return outlet.flushIfFull();
  }

  rows(rows: readonly TextRow[]): Promise<void> {
    this.#expect('rows');
    const written = this.#writeRows(rows, 0);
    return written < rows.length ? this.#writeRest(rows, written) : this.#context.outlet.flushIfFull();
  }

  end(data: OkData, more = false): Promise<void> {
    this.#expect('rows');
    const { outlet, deprecateEof } = this.#context;
    const ok = this.#withStatus(data, more);
    if (deprecateEof) writeOk(outlet.writer, ok, true);
    else writeEof(outlet.writer, { warnings: ok.warnings ?? 0, status: ok.status });
    return this.#endResult(more);
  }

  /** Ends the answer with an error, wherever it stands. */
  fail(error: ErrorPacket): Promise<void> {
    this.#stage = 'finished';
    writeErr(this.#context.outlet.writer, error);
    return this.#context.outlet.flush();
  }

  /** Nothing more may be written: the command is over. */
  seal(): void {
    this.#stage = 'finished';
  }

  #expect(stage: Stage): void {
    if (this.#writing) throw new Error('the rows of the call before are still being written');
    if (this.#stage === stage) return;
    throw new Error(
      this.#stage === 'finished'
        ? 'the answer to this command is complete'
        : `the result is at its ${this.#stage}, not at its ${stage}`,
    );
  }

  #withStatus(data: OkData, more: boolean): OkData {
    this.#context.status = data.status & ~serverStatus.moreResultsExist;
    return more ? { ...data, status: data.status | serverStatus.moreResultsExist } : data;
  }

  #endResult(more: boolean): Promise<void> {
    this.#stage = more ? 'start' : 'finished';
    this.#rowWriter = null;
    return more ? this.#context.outlet.flushIfFull() : this.#context.outlet.flush();
  }

  /** Writes rows[from…] until a chunk is complete; the index of the first row that is left. */
  #writeRows(rows: readonly TextRow[], from: number): number {
    const { writer } = this.#context.outlet;
    const binary = this.#rowWriter;
    let at = from;
    while (at < rows.length) {
      const row = rows[at]!;
      if (binary === null) writeTextRow(writer, row);
      else binary.write(writer, row);
      at += 1;
      if (writer.length >= chunkSize) break;
    }
    return at;
  }

  async #writeRest(rows: readonly TextRow[], from: number): Promise<void> {
    this.#writing = true;
    try {
      for (let at = from; at < rows.length;) {
        await this.#context.outlet.flush();
        if (this.#stage !== 'rows') return;
        at = this.#writeRows(rows, at);
      }
      await this.#context.outlet.flushIfFull();
    } finally {
      this.#writing = false;
    }
  }
}
