/**
 * How often a writing thread has committed, counted before any commit is answered; a cell that all threads of the
 * process share, so that none of them answers from a cache what another has changed.
 */
let counter = new Int32Array(new SharedArrayBuffer(4))

export const commits = {
  count: (): number => Atomics.load(counter, 0),
  /** By the thread that has committed. */
  add: (): void => {
    Atomics.add(counter, 0, 1)
  },
  shared: (): SharedArrayBuffer => counter.buffer,
  /** In a thread that another one started, before it opens a table. */
  share: (buffer: SharedArrayBuffer): void => {
    counter = new Int32Array(buffer)
  },
}
