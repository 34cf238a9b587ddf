/**
 * Immutable bytes under keys that are never used again. The table says which object is a blob; an object that no record
 * names is nobody's. Keys look like `blobs/<ab>/<random>`: chosen when an upload begins, since a store that assembles
 * parts (S3 multipart) must know the key before anyone knows the digest. No key is another one and more after a slash.
 */
import type { Value } from './table.ts'

/**
 * Where the bytes come from. A source that throws makes the call throw the same error, and keeps nothing. Whatever it
 * has yielded it never changes: a store may still be writing it.
 */
export type Source = AsyncIterable<Uint8Array>

/**
 * Stored bytes, in order, in pieces as large as suits the store. A piece lasts until the next one is asked for, when its
 * memory may be used again: whoever keeps it copies it. Whoever stops early must end the iteration.
 */
export type Pieces = AsyncIterable<Uint8Array>

/** Bytes `start` to `end`, both included, counted from 0; both lie within the object. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

export interface StoredObject {
  readonly key: string
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number
}

/** The bytes of an upload as they come in. They may be those of an append that will fail: then others take their place. */
export interface GrowingBytes {
  /** At most `most` bytes from `start` on that are there now, perhaps none. They last until the next call. */
  read(start: number, most: number): Promise<Uint8Array>
  /** Must be called, once. */
  close(): Promise<void>
}

export interface BlobStore {
  /**
   * Begins an upload that `commit` will make the object `key`. Returns its state: a small plain value that any process
   * can go on with. Nothing is owed to the store for an upload that never appended.
   */
  open(key: string): Promise<Value>

  /**
   * Adds all bytes of the source after those that `state` already has; returns the new state and the size of the whole
   * upload so far. On stable storage
   * when it returns. When it throws, the upload is as `state` says, whatever had arrived. Of two appends to one state
   * at once at most one may be kept, by whoever records the states; the loser's bytes never show.
   */
  append(state: Value, source: Source): Promise<{ readonly state: Value; readonly size: number }>

  /**
   * The bytes appended so far, for a hash that was lost with its process; `undefined` where the technology cannot read
   * an upload before its commit (S3 multipart).
   */
  reread(state: Value): Pieces | undefined

  /**
   * What an upload has and gets, for whoever cannot wait for its commit. `undefined` where it has nothing yet, or the
   * technology cannot read an upload before its commit. Sees nothing more once an append has gone on elsewhere, or the
   * upload was committed or aborted: who sees nothing more asks again with the state as it is then recorded.
   */
  follow(state: Value): Promise<GrowingBytes | undefined>

  /**
   * Makes the upload the object `key`, whole, on stable storage when it returns; an empty one too. Twice is as once.
   * Throws when the upload's bytes are gone, as after `abort`. An object that is there is never replaced: a slow writer
   * that comes to a key after another one filled it throws.
   */
  commit(state: Value): Promise<void>

  /**
   * Removes the upload and its bytes, and those of every other upload to its key: a state that was just opened will do.
   * Not the object of a committed one. Twice is as once.
   */
  abort(state: Value): Promise<void>

  /**
   * `open`, `append` and `commit` in one, for bytes that come in one request. When it throws, there is no object; but
   * for one that was there before, which it never replaces.
   */
  write(key: string, source: Source): Promise<{ readonly size: number }>

  /** The object's bytes. Absence is `undefined`. */
  read(key: string, range?: ByteRange): Promise<Pieces | undefined>

  stat(key: string): Promise<{ readonly size: number } | undefined>

  /**
   * A URL that serves the object to whoever holds it until `ttl` seconds have passed, for that method alone, answering
   * with `contentType`; `undefined` where the technology has none, and the caller streams instead.
   */
  link(
    key: string,
    options: {
      readonly method: 'GET' | 'HEAD'
      readonly ttl: number
      readonly contentType: string
    },
  ): Promise<URL | undefined>

  /** Absence is success. */
  delete(key: string): Promise<void>

  /** Objects in the order of their keys, for the checker. `after` is a former answer's `next`. */
  list(page: {
    readonly after?: string
    readonly limit: number
  }): Promise<{ readonly objects: readonly StoredObject[]; readonly next?: string }>

  /**
   * Uploads that hold bytes and were last touched before `before` (milliseconds since the epoch), for the sweeper and
   * the checker: what a lost record left behind.
   */
  listUploads(before: number): Promise<readonly { readonly state: Value; readonly key: string }[]>
}
