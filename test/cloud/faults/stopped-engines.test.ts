/** An engine that does not answer: the registry says which, refuses with 503, and is well again when the engine is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { text } from '../../http/answer.ts'
import { basic } from '../../http/served-registry.ts'
import { settableClock, type SettableClock } from '../../temporary-registry.ts'
import {
  newStage,
  openProxiedRegistry,
  PASSWORD,
  USER,
  type ProxiedRegistry,
} from '../proxy/proxied-registry.ts'

describe('where an engine has stopped', () => {
  let registry: ProxiedRegistry
  let clock: SettableClock

  beforeAll(async () => {
    clock = settableClock()
    registry = await openProxiedRegistry({ stage: await newStage(), clock })
  })
  afterAll(async () => registry?.close())

  const headers = { authorization: basic(USER, PASSWORD) }
  const ask = async (path: string, method = 'GET') => {
    clock.advance(2000)
    const answer = await registry.ask({ method, path, headers })
    return [answer.status, text(answer)] as const
  }

  it.each([
    ['table', 'DynamoDB', 'GET', '/v2/default/app/manifests/v1', 404],
    [
      'blob-store',
      'S3',
      'POST',
      `/v2/default/app/blobs/uploads/?digest=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855`,
      201,
    ],
  ] as const)(
    'the %s is named, and requests get 503',
    async (check, engine, method, path, well) => {
      expect((await ask('/readyz'))[0]).toBe(200)
      expect((await ask(path, method))[0]).toBe(well)
      registry.calls.forget()
      const name = check === 'table' ? 'DynamoDB.GetItem' : 'S3.ListObjectsV2'
      registry.calls.inject({ kind: 'error', call: 1, name, lasts: 'service' })
      const [status, told] = await ask('/readyz?verbose')
      expect(status).toBe(503)
      // The SDK tries again, for longer than anybody waits.
      expect(told).toMatch(
        new RegExp(
          `^\\[-\\]${check} failed: (?:${engine} does not answer|no answer within 5 s)$`,
          'm',
        ),
      )
      expect(told.match(/^\[-\]/gm)).toHaveLength(1)
      const [refused, why] = await ask(path, method)
      expect([refused, why]).toEqual([503, expect.stringContaining('"code":"UNAVAILABLE"')])
      expect(why).toContain('/readyz?verbose says what fails')
      registry.calls.heal()
      expect(await ask('/readyz')).toEqual([200, 'ok'])
      expect((await ask(path, method))[0]).toBe(well)
    },
  )
})
