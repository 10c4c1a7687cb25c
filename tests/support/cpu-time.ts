/** Milliseconds of processor time this process has used: bounds on work hold on a busy machine, bounds on time do not. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
