import { StorageError } from '@sluice/core/ports/storage-error'

export const uploadGone = (): StorageError =>
  new StorageError('unavailable', "the upload's bytes are gone: it was aborted", undefined)
