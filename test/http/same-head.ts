import { expect } from 'vitest'
import type { Answer } from './answer.ts'
import type { DoorUnderTest } from './door-under-test.ts'

/** What belongs to the connection, the moment or the request. */
const PASSING = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding', 'x-request-id'])

function lasting({ status, headers, body }: Answer, length: string | undefined) {
  const entries = Object.entries(headers).filter(([name]) => !PASSING.has(name))
  const kept = {
    'content-length': length ?? String(body.byteLength),
    ...Object.fromEntries(entries),
  }
  return { status, headers: kept }
}

/** GET and HEAD of this path answer with one status and the same headers; answers the GET. */
export async function expectSameHead(
  door: DoorUnderTest,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const got = await door.get(path, headers)
  const head = await door.head(path, headers)
  expect(head.body.byteLength).toBe(0)
  // A refusal's body may go unmeasured; a HEAD must then not claim another length than the true one.
  const refused = got.status >= 300 && head.headers['content-length'] === undefined
  expect(lasting(head, refused ? String(got.body.byteLength) : undefined)).toEqual(
    lasting(got, undefined),
  )
  return got
}
