/** What every blob store promises (packages/core/src/ports/blob-store.ts); an adapter's test adds what only it can. */
import type { BlobStore } from '@sluice/core/ports/blob-store'
import { afterAll, beforeAll, describe } from 'vitest'
import { describeObjects } from './blob-store-objects.ts'
import { describeUploads } from './blob-store-uploads.ts'

export interface OpenBlobStore {
  readonly store: BlobStore
  close(): Promise<void>
}

/** One store serves all tests; each has keys of its own. */
export function describeBlobStore(name: string, open: () => Promise<OpenBlobStore>): void {
  describe(`${name} is a blob store`, () => {
    let opened: OpenBlobStore | undefined
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => opened?.close())

    const store = (): BlobStore => {
      if (opened === undefined) throw new Error('the blob store did not open')
      return opened.store
    }
    describeUploads(store)
    describeObjects(store)
  })
}
