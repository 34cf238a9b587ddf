/** What a response is, for who logs or measures it: to ask it for its headers would make fetch's own object of them. */

export interface ResponseFacts {
  readonly status: number
  readonly contentType: string | undefined
  /** Bytes of its body; `undefined` for a stream that does not say. */
  readonly length: number | undefined
}

const FACTS = Symbol('facts')

interface Known extends Response {
  [FACTS]?: ResponseFacts
}

export function withFacts(response: Known, facts: ResponseFacts): Response {
  response[FACTS] = facts
  return response
}

export function responseFacts(response: Known): ResponseFacts {
  const known = response[FACTS]
  if (known) return known
  const length = response.headers.get('content-length')
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? undefined,
    length: response.body === null ? 0 : length === null ? undefined : Number(length),
  }
}
