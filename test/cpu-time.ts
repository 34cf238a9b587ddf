/** Milliseconds of processor time that this process spends on it: unlike the clock's, no busy neighbour makes them more. */
export async function cpuTime(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
