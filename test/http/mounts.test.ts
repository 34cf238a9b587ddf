import { expect, it } from 'vitest'
import { bearer } from './bearer.ts'
import { describeDoors } from './describe-doors.ts'
import { pushBlob } from './push.ts'
import { expectRefusal } from './refusal.ts'

function mount(repository: string, digest: string, from?: string): string {
  const query = `mount=${digest}${from === undefined ? '' : `&from=${encodeURIComponent(from)}`}`
  return `/v2/${repository}/blobs/uploads/?${query}`
}

describeDoors('end-11, mounts', (door) => {
  it('end-11 mounts a blob of another repository', async () => {
    const { digest, bytes } = await pushBlob(door, 'default/source')
    const answer = await door.post(mount('default/target', digest, 'default/source'))
    expect(answer.status).toBe(201)
    expect(answer.headers).toMatchObject({
      location: `/v2/default/target/blobs/${digest}`,
      'docker-content-digest': digest,
    })
    expect((await door.get(answer.headers.location ?? '')).body.equals(bytes)).toBe(true)
    expect((await door.delete(`/v2/default/source/blobs/${digest}`)).status).toBe(202)
    expect((await door.get(answer.headers.location ?? '')).status).toBe(200)
  })

  it('end-11 mounts without `from` whatever the caller may pull', async () => {
    const { digest } = await pushBlob(door, 'default/anywhere')
    expect((await door.post(mount('public/target', digest))).status).toBe(201)
    expect((await door.get(`/v2/public/target/blobs/${digest}`)).status).toBe(200)
  })

  it('end-11 mounts what is there already', async () => {
    const { digest } = await pushBlob(door, 'default/twice')
    for (const from of ['default/twice', 'default/none', undefined]) {
      expect((await door.post(mount('default/twice', digest, from))).status).toBe(201)
    }
  })

  it.each([
    ['the source has no such blob', `sha256:${'0'.repeat(64)}`, 'default/source'],
    ['no repository has it', `sha256:${'1'.repeat(64)}`, undefined],
    ['there is no such source', `sha256:${'0'.repeat(64)}`, 'nowhere/app'],
    ['the source has a name that none has here', `sha256:${'0'.repeat(64)}`, 'ubuntu'],
    ['the source is deep', `sha256:${'0'.repeat(64)}`, 'default/a/b'],
  ])('end-11 starts an upload where %s', async (_, digest, from) => {
    const answer = await door.post(mount('default/target', digest, from))
    expect(answer.status).toBe(202)
    expect(answer.headers.location).toMatch(/^\/v2\/default\/target\/blobs\/uploads\/[0-9a-f]{32}$/)
  })

  it('end-11 does not mount from a source that has not this blob, whoever else has it', async () => {
    const { digest } = await pushBlob(door, 'default/holder')
    const answer = await door.post(mount('default/other', digest, 'default/nothing'))
    expect(answer.status).toBe(202)
    expect((await door.get(`/v2/default/other/blobs/${digest}`)).status).toBe(404)
  })

  it('end-11 refuses what is no digest', async () => {
    const answer = await door.post(mount('default/target', 'sha256:abc', 'default/source'))
    expectRefusal(answer, 400, 'DIGEST_INVALID')
  })

  it.each([
    ['with', 'default/source'],
    ['without', undefined],
  ])('end-11 refuses a project that does not exist, %s `from`', async (_, from) => {
    const { digest } = await pushBlob(door, 'default/source')
    expectRefusal(await door.post(mount('nowhere/app', digest, from)), 403, 'DENIED')
    expect((await door.get(`/v2/nowhere/app/blobs/${digest}`)).status).toBe(404)
  })

  it('end-11 asks for both scopes where the caller may and the token does not say so', async () => {
    const { digest } = await pushBlob(door, 'default/source')
    const path = mount('default/scoped', digest, 'default/source')
    const small = await bearer(door, ['repository:default/scoped:pull,push'])
    const refused = await door.ask({ method: 'POST', path, as: small })
    // A gateway's challenge would not come through: the client uploads instead.
    expect(refused.status).toBe(door.buffers ? 202 : 401)
    if (door.buffers) return
    expectRefusal(refused, 401, 'UNAUTHORIZED')
    const challenge = refused.headers['www-authenticate'] ?? ''
    expect(challenge).toContain('error="insufficient_scope"')
    const scope = /scope="([^"]*)"/.exec(challenge)?.[1] ?? ''
    expect(scope).toBe('repository:default/scoped:pull,push repository:default/source:pull')
    const enough = await bearer(door, [scope])
    expect((await door.ask({ method: 'POST', path, as: enough })).status).toBe(201)
  })

  it('end-11 tells nobody of a source that the caller may not pull', async () => {
    const { digest } = await pushBlob(door, 'default/secret')
    const identity = { user: 'somebody', groups: ['system:authenticated'] }
    const access = [{ type: 'repository', name: 'default/own', actions: ['pull', 'push'] }] as const
    const { token } = await door.served.parts.tokens.issue({ identity, access })
    const as = { authorization: `Bearer ${token}` }
    for (const from of ['default/secret', undefined]) {
      const path = mount('default/own', digest, from)
      expect((await door.ask({ method: 'POST', path, as })).status).toBe(202)
    }
    await pushBlob(
      door,
      'public/known',
      (await door.get(`/v2/default/secret/blobs/${digest}`)).body,
    )
    const path = mount('default/own', digest)
    expect((await door.ask({ method: 'POST', path, as })).status).toBe(201)
  })
})
