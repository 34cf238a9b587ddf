/** What was logged, for whoever asks later. */

export interface LoggedLine {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Without its line end. */
  readonly text: string
}

export interface LogQuery {
  /** Lines of this time and later. */
  readonly since?: number
  /** The newest so many of them. */
  readonly tail?: number
  /** Only those that this lets through, before they are counted. */
  readonly matches?: (text: string) => boolean
}

export interface LogReader {
  /** Whether it goes on with lines as they come; else whoever wants them asks again. */
  readonly follows: boolean

  /**
   * Lines of a part of the registry, oldest first, as far as they are kept; `undefined` for a part that has no log of its
   * own. `follow`: goes on until it aborts, for a technology that `follows`.
   */
  read(
    part: string,
    query: LogQuery,
    follow?: AbortSignal,
  ): Promise<AsyncIterable<LoggedLine> | undefined>
}
