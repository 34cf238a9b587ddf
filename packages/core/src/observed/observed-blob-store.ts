/**
 * A blob store that is measured, in the words of a storage driver: an append is one write to its file, `write` puts a
 * whole content, and each piece of a read is a read.
 */
import type { BlobStore, ByteRange, Pieces, Source } from '../ports/blob-store.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { Value } from '../ports/table.ts'
import { StorageCalls } from './storage-calls.ts'

export class ObservedBlobStore implements BlobStore {
  readonly #store: BlobStore
  readonly #append: StorageCalls
  readonly #commit: StorageCalls
  readonly #abort: StorageCalls
  readonly #write: StorageCalls
  readonly #read: StorageCalls
  readonly #piece: StorageCalls
  readonly #stat: StorageCalls
  readonly #link: StorageCalls
  readonly #delete: StorageCalls
  readonly #list: StorageCalls
  readonly #listUploads: StorageCalls

  constructor(store: BlobStore, metrics: Metrics) {
    this.#store = store
    this.#append = new StorageCalls(metrics, 'FileWriter.Write', 'BlobStore.append')
    this.#commit = new StorageCalls(metrics, 'FileWriter.Commit', 'BlobStore.commit')
    this.#abort = new StorageCalls(metrics, 'FileWriter.Cancel', 'BlobStore.abort')
    this.#write = new StorageCalls(metrics, 'StorageDriver.PutContent', 'BlobStore.write')
    this.#read = new StorageCalls(metrics, 'StorageDriver.Reader', 'BlobStore.read')
    this.#piece = new StorageCalls(metrics, 'ReadCloser.Read')
    this.#stat = new StorageCalls(metrics, 'StorageDriver.Stat', 'BlobStore.stat')
    // A URL is signed here, and costs nothing.
    this.#link = new StorageCalls(metrics, 'StorageDriver.URLFor')
    this.#delete = new StorageCalls(metrics, 'StorageDriver.Delete', 'BlobStore.delete')
    this.#list = new StorageCalls(metrics, 'StorageDriver.List', 'BlobStore.list')
    this.#listUploads = new StorageCalls(metrics, 'StorageDriver.Walk', 'BlobStore.listUploads')
  }

  open(key: string): Promise<Value> {
    return this.#store.open(key)
  }

  append(state: Value, source: Source): Promise<{ readonly state: Value; readonly size: number }> {
    return this.#append.measure(() => this.#store.append(state, source))
  }

  reread(state: Value): Pieces | undefined {
    const pieces = this.#store.reread(state)
    return pieces && this.#pieces(pieces)
  }

  follow(state: Value): ReturnType<BlobStore['follow']> {
    return this.#read.measure(() => this.#store.follow(state))
  }

  commit(state: Value): Promise<void> {
    return this.#commit.measure(() => this.#store.commit(state))
  }

  abort(state: Value): Promise<void> {
    return this.#abort.measure(() => this.#store.abort(state))
  }

  write(key: string, source: Source): Promise<{ readonly size: number }> {
    return this.#write.measure(() => this.#store.write(key, source))
  }

  async read(key: string, range?: ByteRange): Promise<Pieces | undefined> {
    const pieces = await this.#read.measure(() => this.#store.read(key, range))
    if (pieces) return this.#pieces(pieces)
    this.#read.missing()
    return undefined
  }

  async stat(key: string): Promise<{ readonly size: number } | undefined> {
    const found = await this.#stat.measure(() => this.#store.stat(key))
    if (!found) this.#stat.missing()
    return found
  }

  link(...asked: Parameters<BlobStore['link']>): ReturnType<BlobStore['link']> {
    return this.#link.measure(() => this.#store.link(...asked))
  }

  delete(key: string): Promise<void> {
    return this.#delete.measure(() => this.#store.delete(key))
  }

  list(...asked: Parameters<BlobStore['list']>): ReturnType<BlobStore['list']> {
    return this.#list.measure(() => this.#store.list(...asked))
  }

  listUploads(before: number): ReturnType<BlobStore['listUploads']> {
    return this.#listUploads.measure(() => this.#store.listUploads(before))
  }

  #pieces(pieces: Pieces): Pieces {
    const piece = this.#piece
    return {
      [Symbol.asyncIterator]: () => {
        const iterator = pieces[Symbol.asyncIterator]()
        return {
          next: () => piece.measure(() => iterator.next()),
          return: async (value?: unknown) => {
            await iterator.return?.(value)
            return { done: true, value: undefined }
          },
        }
      },
    }
  }
}
