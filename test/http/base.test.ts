import { expect, it } from 'vitest'
import { json } from './answer.ts'
import { describeDoors } from './describe-doors.ts'
import { expectRefusal } from './refusal.ts'
import { basic } from './served-registry.ts'

/** OpenShift's words. */
const DENIED = 'Basic realm=openshift,error="access denied"'
const UNDECODED = 'Basic realm=openshift,error="failed to decode credentials"'

describeDoors('end-1, the base', (door) => {
  it.each(['/v2/', '/v2'])('end-1 answers 200 at %s to who is known', async (path) => {
    const answer = await door.get(path)
    expect(answer.status).toBe(200)
    expect(json(answer)).toEqual({})
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'docker-distribution-api-version': 'registry/2.0',
      'x-content-type-options': 'nosniff',
    })
  })

  it('end-1 asks a stranger for a token, even where strangers may pull', async () => {
    const answer = await door.ask({ path: '/v2/', as: 'nobody', headers: { Host: 'r.test:8443' } })
    expectRefusal(answer, 401, 'UNAUTHORIZED')
    expect(answer.headers).toMatchObject({
      'docker-distribution-api-version': 'registry/2.0',
      'x-content-type-options': 'nosniff',
      'www-authenticate': 'Bearer realm="http://r.test:8443/token",service="sluice"',
    })
  })

  it.each([
    ['another password', basic('kubeadmin', 'wrong'), DENIED],
    ['another user', basic('root', 'wrong'), DENIED],
    ['no password', basic('kubeadmin', ''), UNDECODED],
    ['no colon', `Basic ${Buffer.from('kubeadmin').toString('base64')}`, UNDECODED],
    ['what is not base64', 'Basic ***', UNDECODED],
    ['another scheme', 'Digest username="kubeadmin"', 'Bearer realm="'],
    ['an empty header', ' ', 'Bearer realm="'],
  ])('end-1 answers 401 to %s', async (_, authorization, challenge) => {
    const answer = await door.ask({ path: '/v2/', as: { authorization } })
    expectRefusal(answer, 401, 'UNAUTHORIZED')
    expect(answer.headers['www-authenticate']?.startsWith(challenge)).toBe(true)
  })

  it('end-1 answers a token of somebody unknown with 200: it is known to be unknown', async () => {
    const { token } = json(await door.ask({ path: '/token', as: 'nobody' })) as { token: string }
    const answer = await door.ask({ path: '/v2/', as: { authorization: `Bearer ${token}` } })
    expect(answer.status).toBe(200)
  })

  it('end-1 answers HEAD as GET, without the body', async () => {
    const head = await door.head('/v2/')
    expect(head.status).toBe(200)
    expect(head.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': '2',
    })
    expect(head.body.byteLength).toBe(0)
  })
})
