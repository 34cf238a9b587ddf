/** The edge answers strangers in the registry's place: it must ask of them what the registry would, or more. */
import { describe, expect, it } from 'vitest'
import { viewerRequestCode } from '../../infra/edge/viewer-request.ts'
import { VIEWER_HEADER } from '@sluice/http/origin-secret'
import { edgeFunction, type EdgeFunction } from '../gateway/edge/edge-function.ts'
import { describeDoors } from './describe-doors.ts'

const DIGEST = `sha256:${'0'.repeat(64)}`

const REQUESTS = [
  ['GET', '/v2/'],
  ['GET', '/v2/_catalog?n=5'],
  ['GET', '/v2/default/app/manifests/v1'],
  ['HEAD', '/v2/default/app/manifests/v1'],
  ['PUT', '/v2/default/app/manifests/v1'],
  ['DELETE', `/v2/default/app/manifests/${DIGEST}`],
  ['GET', `/v2/default/a/b.c/d_e/blobs/${DIGEST}`],
  ['DELETE', `/v2/default/app/blobs/${DIGEST}`],
  ['POST', '/v2/default/app/blobs/uploads/'],
  ['POST', `/v2/default/app/blobs/uploads/?mount=${DIGEST}&from=default/other`],
  ['PATCH', '/v2/default/app/blobs/uploads/0123'],
  ['GET', '/v2/default/app/blobs/uploads/0123'],
  ['DELETE', '/v2/default/app/blobs/uploads/0123'],
  ['GET', '/v2/default/app/tags/list'],
  ['GET', `/v2/default/app/referrers/${DIGEST}`],
  ['GET', '/v2/default/uploads/manifests/blobs'],
  ['GET', '/v2/default/tags/tags/list'],
] as const

const answerOf = (seen: Awaited<ReturnType<EdgeFunction>>) =>
  'answer' in seen ? seen.answer : undefined

function scopeOf(challenge: string) {
  const scope = /,scope="([^"]*)"/.exec(challenge)?.[1] ?? ''
  const end = scope.lastIndexOf(':')
  return { target: scope.slice(0, Math.max(0, end)), actions: scope.slice(end + 1).split(',') }
}

describeDoors('the edge challenges as the registry does', (door) => {
  it.for(REQUESTS)('%s %s', async ([method, target]) => {
    const own = await door.ask({ as: 'nobody', method, path: target })
    const challenge = own.headers['www-authenticate'] ?? ''
    const realm = /realm="([^"]*)"/.exec(challenge)?.[1] ?? ''
    const atEdge = edgeFunction(viewerRequestCode({ realm, service: 'sluice' }))
    const answer = answerOf(await atEdge({ method, target, headers: {}, ip: '192.0.2.1' }))
    expect(answer?.status).toBe(401)
    const [wanted, offered] = [challenge, answer?.headers['www-authenticate'] ?? ''].map(scopeOf)
    expect(offered?.target).toBe(wanted?.target)
    expect(offered?.actions).toEqual(expect.arrayContaining(wanted?.actions ?? []))
  })
})

describe('the edge', () => {
  it.for([
    '/v2/a"b/manifests/v1',
    '/v2/a%22b/tags/list',
    '/v2/a\\b/blobs/x',
    '/v2/A/manifests/v1',
    '/v2/nothing',
  ])('repeats nothing of %s', async (target) => {
    const atEdge = edgeFunction(viewerRequestCode({ realm: 'https://r/token', service: 'sluice' }))
    const answer = answerOf(await atEdge({ method: 'GET', target, headers: {}, ip: '192.0.2.1' }))
    expect(answer?.headers['www-authenticate']).toBe(
      'Bearer realm="https://r/token",service="sluice"',
    )
  })

  it('lets pass whoever shows anything, and whatever is not under /v2', async () => {
    const atEdge = edgeFunction(viewerRequestCode({ realm: 'https://r/token', service: 'sluice' }))
    for (const [target, headers] of [
      ['/v2/', { authorization: ['Bearer x'] }],
      ['/token', {}],
      ['/v20/', {}],
    ] as const) {
      const seen = await atEdge({ method: 'GET', target, headers, ip: '192.0.2.1' })
      expect(seen).toEqual({ headers: { ...headers, [VIEWER_HEADER]: ['192.0.2.1'] } })
    }
  })
})
