import { ClosingError } from './closing-error';
import type { CommandContext } from './command-context';
import { CommandResult } from './command-result';
import { errorPacketFor } from './error-packet';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import type { LoginTrace } from './login/trace';
import { ClientGoneError } from './outlet';
import { command, commandName } from './packets/command';
import { readCommandText } from './packets/command-text';
import { writeErr, type ErrorPacket } from './packets/err';
import { writeOk } from './packets/ok';
import { MalformedPacketError } from './payload-reader';
import { answerSetOption } from './commands/set-option';
import { appendLongData, executeStatement, prepareStatement, resetStatement } from './commands/statements';
import { Statements } from './statements';
import type { Transport } from './transport';
import { serverStatus } from './capabilities';
import { DropConnectionError, MysqlError, type MysqlSession, type OkData } from './types';

export interface CommandLoopSetting {
  readonly transport: Transport;
  readonly session: MysqlSession;
  readonly fidelity: Fidelity;
  readonly connectionId: number;
  readonly signal: AbortSignal;
  readonly deprecateEof: boolean;
  readonly maxAllowedPacket: number;
  readonly trace: LoginTrace;
  /** Called while the server stops whenever this client has become idle. */
  readonly idle: () => void;
}

const shutdown: ErrorPacket = { errno: 1053, sqlState: '08S01', message: 'Server shutdown in progress' };

/** Takes the commands of a logged-in client, strictly one after the other. */
export class CommandLoop {
  readonly #context: CommandContext;
  readonly #trace: LoginTrace;
  readonly #becameIdle: () => void;
  #running: Promise<void> | null = null;
  #result: CommandResult | null = null;
  #draining = false;

  constructor(setting: CommandLoopSetting) {
    this.#trace = setting.trace;
    this.#becameIdle = setting.idle;
    this.#context = {
      transport: setting.transport,
      outlet: setting.transport.outlet,
      session: setting.session,
      statements: new Statements(setting.maxAllowedPacket),
      fidelity: setting.fidelity,
      connectionId: setting.connectionId,
      signal: setting.signal,
      deprecateEof: setting.deprecateEof,
      status: serverStatus.autocommit,
    };
  }

  start(): void {
    this.#context.transport.request(0, this.#take);
  }

  /** Settles when no command runs; never rejects. */
  get idle(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  get running(): boolean {
    return this.#running !== null;
  }

  /** A command runs or waits, or a transaction is open: what a server that stops waits for. */
  get busy(): boolean {
    const { transport, session } = this.#context;
    if (transport.gone) return false;
    return this.#running !== null || transport.reader.bufferedBytes > 0 || session.inTransaction === true;
  }

  /** From here on only an open transaction goes on; any other statement is answered with 1053 and ends the connection. */
  drain(): void {
    this.#draining = true;
  }

  readonly #take = (payload: Buffer): void => {
    this.#running = this.#answer(payload);
  };

  async #answer(payload: Buffer): Promise<void> {
    const { transport } = this.#context;
    let failed: ErrorPacket | null = null;
    try {
      await this.#perform(payload);
      if (this.#result?.finished === false) throw new Error('the command ended without a result');
    } catch (error) {
      failed = await this.#fail(error);
    }
    this.#result?.seal();
    this.#result = null;
    if (this.#trace.enabled) this.#trace.command(commandName(payload[0] ?? 0), payload.length, failed);
    this.#running = null;
    if (transport.gone) return;
    transport.request(0, this.#take);
    if (this.#draining && !this.busy) this.#becameIdle();
  }

  #perform(payload: Buffer): Promise<void> {
    const byte = payload[0];
    if (byte === undefined) throw new MalformedPacketError('command');
    const context = this.#context;
    if (this.#draining) this.#refuseWhileDraining(byte);
    switch (byte) {
      case command.query:
        return this.#query(payload);
      case command.stmtExecute:
        return executeStatement(context, payload, () => this.#newResult(true));
      case command.stmtPrepare:
        return prepareStatement(context, payload);
      case command.stmtClose:
      case command.stmtReset:
        return resetStatement(context, payload, byte === command.stmtClose);
      case command.stmtSendLongData:
        return appendLongData(context, payload);
      case command.ping:
        return this.#ok(context.session.ping());
      case command.initDb:
        return this.#ok(context.session.initDb(readCommandText(payload)));
      case command.setOption:
        return answerSetOption(context, payload);
      case command.resetConnection:
        return this.#resetConnection();
      case command.quit:
        context.transport.finish();
        return Promise.resolve();
      default:
        throw unsupported(byte);
    }
  }

  #refuseWhileDraining(byte: number): void {
    const { errno, sqlState, message } = shutdown;
    if (byte === command.ping) throw new MysqlError(errno, sqlState, message);
    const asks = byte === command.query || byte === command.stmtExecute || byte === command.stmtPrepare;
    if (asks && this.#context.session.inTransaction !== true) throw new ClosingError(shutdown);
  }

  #newResult(binary: boolean): CommandResult {
    this.#result = new CommandResult(this.#context, binary);
    return this.#result;
  }

  #query(payload: Buffer): Promise<void> {
    const result = this.#newResult(false);
    const { session, signal } = this.#context;
    return session.query(readCommandText(payload), result, signal);
  }

  async #ok(answer: Promise<OkData>): Promise<void> {
    await this.#newResult(false).ok(await answer);
  }

  /** The status of this one OK packet says nothing of the session: stock vtgate sends 0 and goes on as before. */
  async #resetConnection(): Promise<void> {
    const context = this.#context;
    const data = await context.session.reset();
    context.statements.clear();
    context.status &= ~serverStatus.inTransaction;
    writeOk(context.outlet.writer, data);
    await context.outlet.flush();
  }

  /** Answers with an error where one can be answered; the packet that went out, if any. */
  async #fail(error: unknown): Promise<ErrorPacket | null> {
    const { transport, fidelity, outlet } = this.#context;
    if (error instanceof ClientGoneError || transport.gone) return null;
    if (error instanceof MalformedPacketError || error instanceof DropConnectionError) {
      transport.destroy();
      return { errno: 2013, sqlState: 'HY000', message: error.message };
    }
    const packet = error instanceof ClosingError ? error.packet : errorPacketFor(error);
    const result = this.#result;
    if (result !== null && result.insideRows && fidelity.version === '24.0-recorded') transport.destroy();
    else if (result === null) {
      writeErr(outlet.writer, packet);
      await outlet.flush().catch(() => undefined);
    } else if (!result.finished) await result.fail(packet).catch(() => undefined);
    if (error instanceof ClosingError) transport.finish();
    return packet;
  }
}

/** Commands that a vtgate without replication answers with an error and a closed connection, and all the others. */
function unsupported(byte: number): Error {
  const closing = (message: string): ClosingError => new ClosingError({ errno: 1105, sqlState: 'HY000', message });
  switch (byte) {
    case command.binlogDump:
      return closing(
        'unknown error: Code: UNIMPLEMENTED\nCOM_BINLOG_DUMP is not supported; use COM_BINLOG_DUMP_GTID instead\n',
      );
    case command.binlogDumpGtid:
      return closing('unknown error: Code: FAILED_PRECONDITION\nbinlog dump is disabled\n');
    case command.registerReplica:
      return closing('unknown error: VT12001: unsupported: ComRegisterReplica for the VTGate handler');
    default:
      return new MysqlError(1047, '08S01', `command handling not implemented yet: ${byte}`);
  }
}
