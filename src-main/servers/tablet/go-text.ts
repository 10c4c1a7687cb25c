/** Go's `2006-01-02 15:04:05.000 UTC`. */
export const goUtcMillis = (date: Date): string => `${date.toISOString().slice(0, 23).replace('T', ' ')} UTC`;

/** Go's `2006-01-02 15:04:05.000000` in the process's own zone, from microseconds since the epoch. */
export function goLocalMicros(micros: number): string {
  const date = new Date(Math.floor(micros / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const fraction = String(((micros % 1_000_000) + 1_000_000) % 1_000_000).padStart(6, '0');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${fraction}`;
}

/** Go's time.Duration.String() for whole milliseconds: `1s`, `500ms`, `1m30s`. */
export function goDuration(ms: number): string {
  if (ms < 1000) return ms === 0 ? '0s' : `${ms}ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  const rest = seconds - minutes * 60;
  if (minutes < 60) return `${minutes}m${rest}s`;
  return `${Math.floor(minutes / 60)}h${minutes % 60}m${rest}s`;
}
