import type { TracePart, Recorder, TraceValue } from '../recorder/trace-step';
import type { SecuredConnection, TlsRefusal } from './types';

/** What the trace shows of a peer's certificate. */
function peerData(secured: SecuredConnection): TraceValue {
  const { peer } = secured;
  if (peer === null) return null;
  const { commonName, dnsNames, serial, subjects } = peer;
  return { commonName, dnsNames: [...dnsNames], serial, subject: subjects[0] ?? '', certificates: subjects.length };
}

/** Records a handshake that was completed and judged: step `tls.handshake`. */
export function recordSecured(
  recorder: Recorder,
  traceId: string,
  part: TracePart,
  side: TlsRefusal['side'],
  secured: SecuredConnection,
): void {
  if (!recorder.enabled(part)) return;
  const { version, cipher, alpn, resumed } = secured;
  recorder.record(traceId, part, 'tls.handshake', 'ok', {
    side,
    version,
    cipher,
    alpn,
    resumed,
    peer: peerData(secured),
  });
}

/** Records why a secured connection did not come about: step `tls.handshake`, refused. */
export function recordRefusal(recorder: Recorder, traceId: string, part: TracePart, refusal: TlsRefusal): void {
  if (!recorder.enabled(part)) return;
  const { vitessText, ...rest } = refusal;
  recorder.record(traceId, part, 'tls.handshake', 'refused', {
    ...rest,
    ...(vitessText === undefined ? {} : { vitessText }),
  });
}
