import { expect, it } from 'vitest'
import { StorageError } from '@sluice/core/ports/storage-error'
import { describeDoors } from './describe-doors.ts'
import { expectRefusal } from './refusal.ts'
import { expectSameHead } from './same-head.ts'

const DIGEST = `sha256:${'0'.repeat(64)}`

describeDoors('errors', (door) => {
  it.each<[string, readonly string[], string]>([
    ['/v2/', ['PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS'], 'HEAD, GET'],
    ['/v2/_catalog', ['PUT', 'POST', 'PATCH', 'DELETE'], 'HEAD, GET'],
    ['/v2/default/app/tags/list', ['PUT', 'POST', 'PATCH', 'DELETE'], 'HEAD, GET'],
    [`/v2/default/app/referrers/${DIGEST}`, ['PUT', 'POST', 'PATCH', 'DELETE'], 'HEAD, GET'],
    ['/v2/default/app/manifests/x', ['POST', 'PATCH', 'OPTIONS'], 'GET, HEAD, PUT, DELETE'],
    [`/v2/default/app/blobs/${DIGEST}`, ['PUT', 'POST', 'PATCH'], 'GET, HEAD, DELETE'],
    ['/v2/default/app/blobs/uploads/', ['GET', 'PUT', 'PATCH', 'DELETE'], 'POST'],
    ['/v2/default/app/blobs/uploads/x', ['POST'], 'HEAD, GET, PATCH, PUT, DELETE'],
    ['/token', ['PUT', 'PATCH', 'DELETE'], 'HEAD, GET, POST'],
  ])('answers 405 with Allow at %s', async (path, methods, allow) => {
    for (const method of methods) {
      const answer = await door.ask({ method, path })
      expect(answer.headers.allow).toBe(allow)
      expectRefusal(answer, 405, 'UNSUPPORTED')
    }
  })

  it.each([
    '/v1/',
    '/v2x',
    '/v2/x',
    '/v2/default/app',
    '/v2/default/app/',
    '/v2/default/app/tags',
    '/v2/default/app/tags/list/',
    '/v2/default/app/tags/other',
    '/v2/default/app/manifests/',
    '/v2/default/app/manifests/a/b',
    '/v2/_catalog/',
    '/v2/_catalog/x',
    '/v2/default/app/blobs/',
    `/v2/default/app/blobs/${DIGEST}/`,
    '/token/',
    '/favicon.ico',
    '/v2/default/app/uploads/x',
  ])('answers 404 at %s, by GET and by HEAD', async (path) => {
    const answer = await expectSameHead(door, path)
    expectRefusal(answer, 404, 'NOT_FOUND')
    expect(answer.headers['docker-distribution-api-version']).toBe('registry/2.0')
  })

  it.each([
    ['full', 'no room'],
    ['unavailable', 'try again'],
  ] as const)('answers 503 when the storage is %s, with the time to wait', async (reason, says) => {
    const { table } = door.served.temporary
    const transact = table.transact.bind(table)
    table.transact = async () => {
      throw new StorageError(reason, 'the disk', new Error('ENOSPC'))
    }
    const answer = await door.post('/v2/default/app/blobs/uploads/')
    table.transact = transact
    const [detail] = expectRefusal(answer, 503, 'UNAVAILABLE')
    expect(detail).toContain(says)
    expect(answer.headers['retry-after']).toBe('5')
    expect(door.served.failures.splice(0)).toHaveLength(1)
    expect((await door.post('/v2/default/app/blobs/uploads/')).status).toBe(202)
  })

  it('answers 500 and tells nothing of what failed inside, but to the log', async () => {
    const { table } = door.served.temporary
    const get = table.get.bind(table)
    table.get = async () => {
      throw new Error('a secret of the house')
    }
    const answer = await door.get('/v2/default/app/manifests/x')
    table.get = get
    expectRefusal(answer, 500, 'UNKNOWN')
    expect(answer.body.toString()).not.toContain('secret')
    expect(door.served.failures.splice(0)).toEqual([new Error('a secret of the house')])
  })
})
