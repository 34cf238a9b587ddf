/** What a door is asked and what it answers, the same for every door. */

export interface Question {
  readonly method?: string
  /** With its query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes go with their Content-Length, a stream in chunks. */
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array>
  /** `admin`, the default, shows name and password; else the value of Authorization, if any. */
  readonly as?: 'admin' | 'nobody' | { readonly authorization: string }
}

export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Sends one request and reads the whole answer. */
export type Ask = (question: Omit<Question, 'as'>) => Promise<Answer>

export const text = (answer: Answer): string => answer.body.toString('utf8')

export function json(answer: Answer): unknown {
  return JSON.parse(text(answer))
}
