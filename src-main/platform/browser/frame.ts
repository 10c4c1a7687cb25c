/**
 * The only two messages a page has reason to send, in oRPC's peer format: a call, and the wish to end one. oRPC itself takes
 * more (absolute URLs, other methods, headers that turn a body into a form, a file or a stream), which nothing here uses.
 */
const name = '[A-Za-z][A-Za-z0-9]{0,63}';
const path = new RegExp(`^(?:/${name}){1,6}$`);
const id = /^[A-Za-z0-9_-]{1,32}$/;
const ABORT = 4;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hasOnly = (value: Record<string, unknown>, keys: readonly string[]): boolean =>
  Object.keys(value).every((key) => keys.includes(key));

/** Whether a text is a message that may reach the router. Never throws. */
export function isPageMessage(text: string): boolean {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return false;
  }
  if (!isRecord(frame) || !hasOnly(frame, ['i', 't', 'p'])) return false;
  if (typeof frame['i'] !== 'string' || !id.test(frame['i'])) return false;
  if (frame['t'] === ABORT) return frame['p'] === undefined;
  const call = frame['p'];
  if (frame['t'] !== undefined || !isRecord(call) || !hasOnly(call, ['u', 'b', 'h'])) return false;
  const headers = call['h'];
  return (
    typeof call['u'] === 'string' &&
    path.test(call['u']) &&
    (headers === undefined || (isRecord(headers) && hasOnly(headers, ['last-event-id'])))
  );
}
