import type { BlobStore, ByteRange, Source } from '@sluice/core/ports/blob-store'
import type { Value } from '@sluice/core/ports/table'

/** Another blob store's doing, and how many bytes were read from it on the way. */
export class CountingBlobStore implements BlobStore {
  readonly #store: BlobStore
  bytesRead = 0

  constructor(store: BlobStore) {
    this.#store = store
  }

  async read(key: string, range?: ByteRange): Promise<Source | undefined> {
    const source = await this.#store.read(key, range)
    return source && this.#count(source)
  }

  reread(state: Value): Source | undefined {
    const source = this.#store.reread(state)
    return source && this.#count(source)
  }

  async *#count(source: Source): Source {
    for await (const piece of source) {
      this.bytesRead += piece.byteLength
      yield piece
    }
  }

  open: BlobStore['open'] = (key) => this.#store.open(key)
  append: BlobStore['append'] = (state, source) => this.#store.append(state, source)
  commit: BlobStore['commit'] = (state) => this.#store.commit(state)
  follow: BlobStore['follow'] = (state) => this.#store.follow(state)
  abort: BlobStore['abort'] = (state) => this.#store.abort(state)
  write: BlobStore['write'] = (key, source) => this.#store.write(key, source)
  stat: BlobStore['stat'] = (key) => this.#store.stat(key)
  link: BlobStore['link'] = (key, options) => this.#store.link(key, options)
  delete: BlobStore['delete'] = (key) => this.#store.delete(key)
  list: BlobStore['list'] = (page) => this.#store.list(page)
  listUploads: BlobStore['listUploads'] = (before) => this.#store.listUploads(before)
}
