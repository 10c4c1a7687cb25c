import { createWriteStream, type WriteStream } from 'node:fs';
import type { GatewayQueryLogConfig } from './config';
import {
  emitReason,
  keptText,
  keptVariables,
  longestKeptText,
  RecordRing,
  type RingPlace,
  type RingTake,
} from '../../domain/kernel';
import { queryLogJson, queryLogText, type QueryLogRecord } from './query-log-record';

/** How long lines are gathered before they are written together: a write each would cost more than the statement. */
const GATHER_MS = 100;

/** A record without what is too long to be kept; a file and subscribers have it whole. */
function shortened(record: QueryLogRecord): QueryLogRecord {
  const { sql, error } = record;
  const binds = keptVariables(record.binds);
  if (Math.max(sql.length, error.length) <= longestKeptText && binds === record.binds) return record;
  return { ...record, sql: keptText(sql), error: keptText(error), binds };
}

/** The query log of one gateway: the latest records in memory, subscribers, and a file. */
export class QueryLog {
  readonly #ring: RecordRing<QueryLogRecord>;
  readonly #keep: number;
  readonly #config: GatewayQueryLogConfig;
  /** Records are wanted by the configuration, not only by who watches. */
  readonly #configured: boolean;
  #watched = false;
  readonly #subscribers = new Set<(record: QueryLogRecord, line: string) => void>();
  #file: WriteStream | null = null;
  #fileError: string | null = null;
  /** Lines of the last moment. */
  #pending = '';
  #timer: NodeJS.Timeout | null = null;

  /** @param config null: nothing is kept or written unless somebody watches */
  constructor(config: GatewayQueryLogConfig | null) {
    this.#config = config ?? { format: 'text' };
    this.#configured = config !== null;
    this.#keep = config === null ? 0 : (config.keep ?? 500);
    this.#ring = new RecordRing(this.#keep);
    this.reopen();
  }

  /** Whether a record is wanted: a statement whose record nobody wants need not have one made. */
  get active(): boolean {
    return this.#configured || this.#watched || this.#subscribers.size > 0;
  }

  /** A statement went by whose record nobody wants: who watches later is told that it was missed. */
  skip(): void {
    this.#ring.skip();
  }

  /** Keeps at least `capacity` records for who watches; null: nobody does any more. */
  watch(capacity: number | null): void {
    this.#watched = capacity !== null;
    this.#ring.resize(Math.max(this.#keep, capacity ?? 0));
  }

  /** What was kept after `place`. */
  since(place: RingPlace | null): RingTake<QueryLogRecord> {
    return this.#ring.since(place);
  }

  /** Why the file cannot be written, or null. */
  get fileError(): string | null {
    return this.#fileError;
  }

  /** The latest records, oldest first. */
  get records(): readonly QueryLogRecord[] {
    return this.#ring.list();
  }

  /** Opens the file anew, after it was moved away. */
  reopen(): void {
    this.#write();
    this.#file?.end();
    this.#file = null;
    if (this.#config.file === undefined) return;
    this.#file = createWriteStream(this.#config.file, { flags: 'a', mode: 0o600 });
    this.#file.on('error', (error) => {
      this.#fileError = error.message;
      this.#file = null;
    });
  }

  format(record: QueryLogRecord): string {
    const redact = this.#config.redact === true;
    return this.#config.format === 'json' ? queryLogJson(record, redact) : queryLogText(record, redact);
  }

  add(record: QueryLogRecord): void {
    const { sql, error, totalSeconds, rowsAffected, rowsReturned = 0 } = record;
    const facts = {
      sql,
      failed: error !== '',
      milliseconds: totalSeconds * 1000,
      rows: Math.max(rowsAffected, rowsReturned),
    };
    const reason = emitReason(this.#config, facts);
    if (reason === null) return;
    const emitted = reason === '' ? record : { ...record, emitReason: reason };
    this.#ring.push(shortened(emitted));
    if (this.#file === null && this.#subscribers.size === 0) return;
    const line = this.format(emitted);
    if (this.#file !== null) {
      this.#pending += `${line}\n`;
      this.#timer ??= setTimeout(() => this.#write(), GATHER_MS);
    }
    for (const subscriber of this.#subscribers) subscriber(emitted, line);
  }

  subscribe(subscriber: (record: QueryLogRecord, line: string) => void): () => void {
    this.#subscribers.add(subscriber);
    return () => void this.#subscribers.delete(subscriber);
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#pending === '') return;
    this.#file?.write(this.#pending);
    this.#pending = '';
  }

  async close(): Promise<void> {
    this.#write();
    const file = this.#file;
    this.#file = null;
    if (file === null) return;
    await new Promise<void>((resolve) => file.end(() => resolve()));
  }
}
