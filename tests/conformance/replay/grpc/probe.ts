import { connect as connectTcp, isIP } from 'node:net';
import { connect } from 'node:tls';
import { callerContext, type CallerTls } from './caller';

/** What a bare TLS client saw of a port. */
export interface Probe {
  readonly version?: string;
  readonly alpn?: string;
  /** RFC name of the alert that came, null when the other side just closed. */
  readonly alert?: string | null;
  readonly seenIn?: 'handshake' | 'first read';
  readonly serverPreface?: true;
  readonly failed?: string;
}

const alerts: Readonly<Record<number, string>> = {
  40: 'handshake_failure',
  42: 'bad_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  48: 'unknown_ca',
  70: 'protocol_version',
  80: 'internal_error',
  116: 'certificate_required',
  120: 'no_application_protocol',
};

/** Connects, runs the handshake without judging the server, and waits for the first bytes, an alert or the end. */
export function probe(
  port: number,
  tls: CallerTls,
  certs: string,
): Promise<{ readonly saw: Probe; readonly from: string }> {
  return new Promise((resolve) => {
    const raw = connectTcp(port, '127.0.0.1');
    raw.once('connect', () => {
      const from = `127.0.0.1:${raw.localPort ?? 0}`;
      const name = tls.serverName;
      const socket = connect({
        socket: raw,
        secureContext: callerContext(tls, certs),
        rejectUnauthorized: false,
        ALPNProtocols: ['h2'],
        ...(name === undefined || isIP(name) !== 0 ? {} : { servername: name }),
      });
      let done: Pick<Probe, 'version' | 'alpn'> | null = null;
      const end = (saw: Probe): void => {
        socket.destroy();
        resolve({ saw, from });
      };
      socket.on('secureConnect', () => {
        done = {
          version: socket.getProtocol() ?? '',
          ...(typeof socket.alpnProtocol === 'string' ? { alpn: socket.alpnProtocol } : {}),
        };
      });
      socket.once('data', () => end({ ...done, serverPreface: true }));
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ERR_SSL_WRONG_VERSION_NUMBER') return end({ failed: 'WRONG_VERSION_NUMBER' });
        const number = /SSL alert number (\d+)/.exec(error.message)?.[1];
        const alert = number === undefined ? null : (alerts[Number(number)] ?? `alert_${number}`);
        end(done === null ? { alert, seenIn: 'handshake' } : { ...done, alert, seenIn: 'first read' });
      });
      socket.once('close', () =>
        end(done === null ? { alert: null, seenIn: 'handshake' } : { ...done, alert: null, seenIn: 'first read' }),
      );
    });
    raw.once('error', () => resolve({ saw: { failed: 'no connection' }, from: '' }));
  });
}
