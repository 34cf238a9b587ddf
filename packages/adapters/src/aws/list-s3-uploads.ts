import type { S3Multiparts } from './s3-multiparts.ts'
import type { S3Tails } from './s3-tails.ts'

/** Calls at once: what a lost table left behind may be many, and each is asked for by itself. */
const AT_ONCE = 8

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
  const isOld = (key: string): boolean => (touched.get(key) ?? 0) < before

  for await (const { key, modifiedAt } of tails.all()) touch(key, modifiedAt)
  const uploads: { readonly key: string; readonly uploadId: string }[] = []
  for await (const { key, uploadId, initiatedAt } of multiparts.all('')) {
    touch(key, initiatedAt)
    uploads.push({ key, uploadId })
  }
  const asked = uploads.filter(({ key }) => isOld(key))
  for (let at = 0; at < asked.length; at += AT_ONCE) {
    await Promise.all(
      asked.slice(at, at + AT_ONCE).map(async ({ key, uploadId }) => {
        const parts = await multiparts.parts(key, uploadId)
        for (const { modifiedAt } of parts ?? []) touch(key, modifiedAt)
      }),
    )
  }
  return [...touched.keys()].filter(isOld).toSorted()
}
