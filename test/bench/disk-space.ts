import { statfsSync } from 'node:fs'

/** Throws when the disk could not hold what a part is about to write: filling it would hurt whoever else uses it. */
export function requireSpace(dir: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(dir)
  const [wanted, free] = [bytes * 1.1, bavail * bsize].map(
    (each) => `${(each / 1e9).toFixed(1)} GB`,
  )
  if (bavail * bsize < bytes * 1.1) throw new Error(`needs ${wanted} of disk, ${free} are free`)
}
