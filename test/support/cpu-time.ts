/**
 * Returns the seconds of processor time that `work` takes. Unlike the time on the clock, they hardly
 * depend on the other processes on the machine.
 */
export async function cpuSeconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
