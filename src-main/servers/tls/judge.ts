import type { PeerVerdict } from '../../domain/certs';
import type { TlsRefusal, VerifiedPeer } from './types';

export type Judgement =
  { readonly ok: true; readonly peer: VerifiedPeer } | { readonly ok: false; readonly refusal: TlsRefusal };

/**
 * verifyPeer's verdict in the words of a connection. The handshake is complete by then and Node has no call that sends
 * an alert (rule tls-alert-not-sendable), so the alert is named but not sent.
 */
export function judgement(verdict: PeerVerdict, side: TlsRefusal['side']): Judgement {
  if (verdict.ok) return { ok: true, peer: verdict.peer };
  const { stage, cause, alert, message, vitessText } = verdict;
  return { ok: false, refusal: { side, stage, cause, alert, alertSent: false, message, vitessText } };
}
