/** Milliseconds of work that this process has done: work that is too slow is told apart from a machine that is busy. */
export function workedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
