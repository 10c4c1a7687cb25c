import { constants } from 'node:http2';
import { vtCodes } from '../../domain/kernel';

const h2 = constants;

/** Names of HTTP/2 error codes (RFC 9113 §7) as they appear in texts. */
const resetNames: ReadonlyMap<number, string> = new Map([
  [h2.NGHTTP2_NO_ERROR, 'NO_ERROR'],
  [h2.NGHTTP2_PROTOCOL_ERROR, 'PROTOCOL_ERROR'],
  [h2.NGHTTP2_INTERNAL_ERROR, 'INTERNAL_ERROR'],
  [h2.NGHTTP2_FLOW_CONTROL_ERROR, 'FLOW_CONTROL_ERROR'],
  [h2.NGHTTP2_SETTINGS_TIMEOUT, 'SETTINGS_TIMEOUT'],
  [h2.NGHTTP2_STREAM_CLOSED, 'STREAM_CLOSED'],
  [h2.NGHTTP2_FRAME_SIZE_ERROR, 'FRAME_SIZE_ERROR'],
  [h2.NGHTTP2_REFUSED_STREAM, 'REFUSED_STREAM'],
  [h2.NGHTTP2_CANCEL, 'CANCEL'],
  [h2.NGHTTP2_COMPRESSION_ERROR, 'COMPRESSION_ERROR'],
  [h2.NGHTTP2_CONNECT_ERROR, 'CONNECT_ERROR'],
  [h2.NGHTTP2_ENHANCE_YOUR_CALM, 'ENHANCE_YOUR_CALM'],
  [h2.NGHTTP2_INADEQUATE_SECURITY, 'INADEQUATE_SECURITY'],
  [h2.NGHTTP2_HTTP_1_1_REQUIRED, 'HTTP_1_1_REQUIRED'],
]);

/** What a client makes of a stream that ended by RST_STREAM instead of a status (gRPC over HTTP/2, Errors; grpc-go's text). */
export function statusOfReset(resetCode: number): { readonly code: number; readonly message: string } {
  const name = resetNames.get(resetCode) ?? String(resetCode);
  const message = `stream terminated by RST_STREAM with error code: ${name}`;
  switch (resetCode) {
    case h2.NGHTTP2_REFUSED_STREAM:
      return { code: vtCodes.UNAVAILABLE, message };
    case h2.NGHTTP2_CANCEL:
      return { code: vtCodes.CANCELED, message };
    case h2.NGHTTP2_ENHANCE_YOUR_CALM:
      return { code: vtCodes.RESOURCE_EXHAUSTED, message };
    case h2.NGHTTP2_INADEQUATE_SECURITY:
      return { code: vtCodes.PERMISSION_DENIED, message };
    default:
      return { code: vtCodes.INTERNAL, message };
  }
}

/** What a client makes of an answer that has an HTTP status other than 200 and no gRPC status (gRPC's http-grpc-status-mapping). */
export function statusOfHttp(httpStatus: number): { readonly code: number; readonly message: string } {
  const codes: Readonly<Record<number, number>> = {
    400: vtCodes.INTERNAL,
    401: vtCodes.UNAUTHENTICATED,
    403: vtCodes.PERMISSION_DENIED,
    404: vtCodes.UNIMPLEMENTED,
    429: vtCodes.UNAVAILABLE,
    502: vtCodes.UNAVAILABLE,
    503: vtCodes.UNAVAILABLE,
    504: vtCodes.UNAVAILABLE,
  };
  return {
    code: codes[httpStatus] ?? vtCodes.UNKNOWN,
    message: `unexpected HTTP status code received from server: ${httpStatus}`,
  };
}

/** 8 KiB, what peers accept at least as trailers, less room for other fields (Vitess, go/vt/vterrors/grpc.go). */
const MAX_STATUS_BYTES = 8 * 1024 - 512;
const CUT_OFF = ' [...] [remainder of the error is truncated because gRPC has a size limit on errors.]';

/** A status message short enough for every peer: bytes beyond 7,680 are replaced by Vitess's note. */
export function fitStatusMessage(message: string): string {
  if (message.length <= MAX_STATUS_BYTES / 4 || Buffer.byteLength(message) <= MAX_STATUS_BYTES) return message;
  return Buffer.from(message).subarray(0, MAX_STATUS_BYTES).toString('utf8') + CUT_OFF;
}
