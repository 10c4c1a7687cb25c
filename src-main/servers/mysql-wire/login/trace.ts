import type { Recorder, TraceOutcome, TraceValue } from '../../recorder';
import { TlsRefusedError, type SecuredConnection } from '../../tls';
import { offeredCapabilities } from '../capabilities';
import type { HandshakeResponse } from '../packets/handshake-response';
import type { ErrorPacket } from '../packets/err';
import type { AuthMethod, ConnectionFacts } from '../types';
import type { LoginSetting } from './exchange';

const hex = (capabilities: number): string => `0x${(capabilities >>> 0).toString(16).toUpperCase().padStart(8, '0')}`;

/** Attributes that say which client it is; the others are the client's own business. */
const shownAttributes = ['_client_name', '_client_version', '_os', 'program_name'];

/** Records what happens at one connection's door, in the gateway's name; never a reply, never a salt. */
export class LoginTrace {
  constructor(
    private readonly recorder: Recorder,
    private readonly traceId: string,
  ) {}

  accepted(listener: string, facts: ConnectionFacts): void {
    this.#record('mysql.accepted', 'ok', () => ({
      listener,
      connectionId: facts.connectionId,
      client: facts.remoteAddress,
      unixSocket: facts.unixSocket,
    }));
  }

  turnedAway(reason: string): void {
    this.#record('mysql.accepted', 'refused', () => ({ reason }));
  }

  greeting({ options, tlsOffered }: LoginSetting): void {
    this.#record('mysql.greeting', 'ok', () => ({
      serverVersion: options.serverVersion,
      method: options.login.greetingMethod,
      capabilities: hex(offeredCapabilities(tlsOffered)),
      tlsOffered,
    }));
  }

  secured(connection: SecuredConnection): void {
    this.#record('mysql.tls', 'ok', () => ({
      version: connection.version,
      cipher: connection.cipher,
      resumed: connection.resumed,
      clientCertificate: connection.peer?.commonName ?? null,
    }));
  }

  tlsRefused(error: unknown): void {
    this.#record('mysql.tls', 'refused', () =>
      error instanceof TlsRefusedError
        ? { stage: error.refusal.stage, cause: error.refusal.cause, alert: error.refusal.alert, message: error.message }
        : { cause: error instanceof Error ? error.message : 'unknown' },
    );
  }

  loginPacket(response: HandshakeResponse): void {
    this.#record('mysql.login-packet', 'ok', () => ({
      user: response.user,
      method: response.plugin,
      replyBytes: response.reply.length,
      database: response.database,
      charset: response.charset,
      capabilities: hex(response.capabilities),
      attributes: Object.fromEntries([...response.attributes].filter(([name]) => shownAttributes.includes(name))),
    }));
  }

  authSwitch(method: AuthMethod): void {
    this.#record('mysql.auth-switch', 'ok', () => ({ method }));
  }

  loggedIn(user: string): void {
    this.#record('mysql.login-answer', 'ok', () => ({ user }));
  }

  denied(error: ErrorPacket): void {
    const { errno, sqlState, message } = error;
    this.#record('mysql.login-answer', 'refused', () => ({ errno, sqlState, message }));
  }

  dropped(reason: string): void {
    this.#record('mysql.login-answer', 'failed', () => ({ reason }));
  }

  /** One command that was answered; without its text. */
  command(name: string, bytes: number, error: ErrorPacket | null): void {
    this.#record('mysql.command', error === null ? 'ok' : 'failed', () => ({
      command: name,
      bytes,
      ...(error === null ? {} : { errno: error.errno, sqlState: error.sqlState }),
    }));
  }

  get enabled(): boolean {
    return this.recorder.enabled('gateway', this.traceId);
  }

  #record(name: string, outcome: TraceOutcome, data: () => { readonly [key: string]: TraceValue }): void {
    if (this.enabled) this.recorder.record(this.traceId, 'gateway', name, outcome, data());
  }
}
