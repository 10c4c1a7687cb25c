import type { TraceStep } from '../../../../src-main/servers/recorder';
import type { LoginView } from '../vtgate/wire-login';
import type { RecordedResult } from './recorded';

/** A refused handshake: who refused and why by the server's own account, and what the client saw of it. */
export interface TlsRefusal {
  readonly result: 'tls-refused';
  readonly cause: string;
  /** The alert that names the cause. */
  readonly alert: string | null;
  /** The alert that reached the client, and when. */
  readonly wire: { readonly alert: string | null; readonly seenIn: string };
}

/** Words of Go's TLS by which the recorded server tells the cause. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/signed by unknown authority/, 'unknown-authority'],
  [/incompatible key usage/, 'wrong-purpose'],
  [/expired or is not yet valid: .*is before/, 'not-yet-valid'],
  [/expired or is not yet valid/, 'expired'],
  [/Certificate revoked/, 'revoked'],
  [/didn't provide a certificate/, 'certificate-required'],
  [/only unsupported versions/, 'protocol-version'],
  [/no cipher suite supported|no mutual cipher|none of the configured|cipher suite/, 'no-shared-cipher'],
];

/** What the recording says of a refusal by TLS, or null when it is none. `{any: true}`: it tells no cause. */
export function recordedRefusal({ result, alert, seenIn, log }: RecordedResult): unknown {
  if (result !== 'tls-refused') return null;
  const cause = causes.find(([words]) => (log ?? []).some((line) => words.test(line)))?.[1];
  return { result, cause: cause ?? { any: true }, alert, wire: { alert, seenIn } };
}

/** The refusal that our server recorded for this connection, with what the client saw. */
export function seenRefusal(step: TraceStep, view: LoginView): TlsRefusal {
  const { cause, alert } = step.data;
  return {
    result: 'tls-refused',
    cause: String(cause),
    alert: typeof alert === 'string' ? alert : null,
    wire: { alert: view.alert, seenIn: view.tls === undefined ? 'handshake' : 'first read' },
  };
}
