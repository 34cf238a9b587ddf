import { inspect } from 'node:util'
import { UpstreamError, type UpstreamFailure } from '@sluice/core/ports/upstream'
import { expect } from 'vitest'

/** What no error may say, wherever it came from: a client reads it. */
export const NEVER_SAID = [
  '127.0.0.1',
  '127.0.0.2',
  '169.254',
  'localhost',
  'example.com',
  'evil.com',
  'signature',
  'pass:word',
  Buffer.from('robot:pass:word').toString('base64'),
  'Bearer ',
]

/** The call fails for that reason; `retryAfter` in seconds. Returns the error. */
export async function expectFailure(
  call: Promise<unknown>,
  reason: UpstreamFailure,
  retryAfter?: number,
): Promise<UpstreamError> {
  const error = await call.then(
    (answer) => expect.fail(`it answered ${inspect(answer)}`),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(UpstreamError)
  expect(error).toMatchObject({ reason, retryAfter })
  const { message, upstream, cause } = error as UpstreamError
  const said = inspect({ message, upstream, cause })
  for (const secret of NEVER_SAID) expect(said).not.toContain(secret)
  return error as UpstreamError
}
