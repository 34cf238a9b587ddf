import { transform } from 'esbuild'
import { describe, expect, it } from 'vitest'
import {
  challengeCode,
  challengeHeader,
  MAX_EDGE_CODE_BYTES,
} from '../../../infra/edge/challenge.ts'
import { edgeFunction } from '../../gateway/edge/edge-function.ts'

const CHALLENGE = { realm: 'https://registry.example/token', service: 'sluice' }
const HEADER = 'Bearer realm="https://registry.example/token",service="sluice"'

const atEdge = edgeFunction(challengeCode(CHALLENGE))
const ask = async (target: string, headers: Record<string, string[]> = {}, method = 'GET') => {
  const seen = await atEdge({ method, target, headers, ip: '192.0.2.1' })
  return 'answer' in seen ? seen.answer : undefined
}

describe('the challenge at the edge', () => {
  it.each([
    '/v2',
    '/v2/',
    '/v2/?x',
    '/v2/team/app/manifests/v1',
    '/v2/team/app/blobs/uploads/?mount=x',
  ])('answers 401 to a stranger at %s', async (target) => {
    const answer = await ask(target)
    expect(answer?.status).toBe(401)
    expect(answer?.headers).toMatchObject({
      'content-type': 'application/json',
      'docker-distribution-api-version': 'registry/2.0',
      'www-authenticate': expect.stringContaining(HEADER) as unknown,
    })
    expect(JSON.parse(String(answer?.body))).toMatchObject({ errors: [{ code: 'UNAUTHORIZED' }] })
  })

  it.each(['/token', '/token?scope=/v2/', '/openshift/token', '/', '/v2x', '/x/v2/'])(
    'lets a stranger pass to %s',
    async (target) => {
      expect(await ask(target)).toBeUndefined()
    },
  )

  it('lets pass who shows anything', async () => {
    expect(await ask('/v2/', { authorization: ['Bearer x'] })).toBeUndefined()
    expect(await ask('/v2/x', { authorization: ['Basic a', 'Basic b'] })).toBeUndefined()
  })

  it('is small, and nothing newer than ES5', async () => {
    const code = challengeCode(CHALLENGE)
    expect(Buffer.byteLength(code)).toBeLessThan(MAX_EDGE_CODE_BYTES / 2)
    const plain = { minify: false, legalComments: 'none' } as const
    const newest = await transform(code, { ...plain, target: 'esnext' })
    expect((await transform(code, { ...plain, target: 'es5' })).code).toBe(newest.code)
    await expect(transform('const x = 1', { target: 'es5' })).rejects.toThrow(/const/)
  })

  it('refuses a realm that would break out of the header', () => {
    expect(challengeHeader(CHALLENGE)).toBe(HEADER)
    for (const realm of ['a"b', 'a\\', 'a b', 'a\nb', 'é', '']) {
      expect(() => challengeHeader({ ...CHALLENGE, realm })).toThrow(/cannot name/)
      expect(() => challengeCode({ ...CHALLENGE, service: realm })).toThrow(/cannot name/)
    }
  })
})
