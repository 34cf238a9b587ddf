/** Runs `work` for 0 to `count` - 1, so many at a time, until the deadline. Returns how many were done. */
export async function inParallel(
  count: number,
  width: number,
  deadline: number,
  work: (n: number) => Promise<unknown>,
): Promise<number> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count && performance.now() < deadline) await work(next++)
  }
  await Promise.all(Array.from({ length: width }, worker))
  return next
}
