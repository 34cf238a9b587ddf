import type { S3Multiparts } from './s3-multiparts.ts'
import type { S3Tails } from './s3-tails.ts'

/**
 * The keys of uploads whose every byte came before `before` (milliseconds since the epoch), in order. S3 says when an
 * upload began, and only its parts when they came; they are asked for where it began before.
 */
export async function listS3Uploads(
  multiparts: S3Multiparts,
  tails: S3Tails,
  before: number,
): Promise<readonly string[]> {
  const touched = new Map<string, number>()
  const touch = (key: string, at: number): void => {
    touched.set(key, Math.max(touched.get(key) ?? 0, at))
  }
  for await (const { key, modifiedAt } of tails.all()) touch(key, modifiedAt)
  const uploads = new Map<string, string[]>()
  for await (const { key, uploadId, initiatedAt } of multiparts.all('')) {
    touch(key, initiatedAt)
    uploads.set(key, [...(uploads.get(key) ?? []), uploadId])
  }
  for (const [key, uploadIds] of uploads) {
    for (const uploadId of (touched.get(key) ?? 0) < before ? uploadIds : []) {
      const parts = await multiparts.parts(key, uploadId)
      for (const { modifiedAt } of parts ?? []) touch(key, modifiedAt)
    }
  }
  return [...touched.keys()].filter((key) => (touched.get(key) ?? 0) < before).toSorted()
}
