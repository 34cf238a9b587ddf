/** How an answer says where an upload stands (spec "Pushing a blob in chunks"; `0-0` is also said of no bytes at all). */
import type { PlainHeaders } from './respond.ts'
import type { UploadStatus } from '@sluice/core/services/uploads'

const uploadPath = (repository: string, id: string): string =>
  `/v2/${repository}/blobs/uploads/${id}`

export const uploadHeaders = (repository: string, { id, offset }: UploadStatus): PlainHeaders => ({
  Location: uploadPath(repository, id),
  Range: `0-${Math.max(0, offset - 1)}`,
  'Docker-Upload-UUID': id,
})
