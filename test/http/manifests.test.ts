import { beforeAll, expect, it } from 'vitest'
import { DOCKER_MANIFEST, OCI_MANIFEST } from '@sluice/core/media-type'
import { describeDoors } from './describe-doors.ts'
import { pushImage, putManifest, type Pushed } from './push.ts'
import { expectRefusal } from './refusal.ts'
import { expectSameHead } from './same-head.ts'

const APP = '/v2/default/app/manifests/'
const UNKNOWN = `sha256:${'0'.repeat(64)}`

describeDoors('end-3, pulling manifests', (door) => {
  let image: Pushed
  beforeAll(async () => {
    image = await pushImage(door, 'default/app', { reference: 'latest' })
  })

  it.each(['by tag', 'by digest', 'by a digest that is quoted'])(
    'end-3 answers GET %s with the bytes as they came, and HEAD with the same headers',
    async (how) => {
      const reference = how === 'by tag' ? 'latest' : image.digest
      const quoted = how.includes('quoted') ? reference.replace(':', '%3A') : reference
      const answer = await expectSameHead(door, APP + quoted)
      expect(answer.status).toBe(200)
      expect(answer.body.equals(image.bytes)).toBe(true)
      expect(answer.headers).toMatchObject({
        'content-length': String(image.size),
        'content-type': OCI_MANIFEST,
        'docker-content-digest': image.digest,
        'docker-distribution-api-version': 'registry/2.0',
        'x-content-type-options': 'nosniff',
        etag: `"${image.digest}"`,
      })
    },
  )

  it('end-3 answers with the one media type there is, whatever the client would accept', async () => {
    const answer = await door.get(`${APP}latest`, { Accept: DOCKER_MANIFEST })
    expect(answer.headers['content-type']).toBe(OCI_MANIFEST)
  })

  it('end-3 answers 304 to If-None-Match, by tag and by digest', async () => {
    for (const reference of ['latest', image.digest]) {
      const answer = await expectSameHead(door, APP + reference, {
        'If-None-Match': `"${image.digest}"`,
      })
      expect(answer.status).toBe(304)
      expect(answer.headers.etag).toBe(`"${image.digest}"`)
      expect((await door.get(APP + reference, { 'If-None-Match': `"${UNKNOWN}"` })).status).toBe(
        200,
      )
    }
  })

  it.each([
    ['an unknown tag', `${APP}none`, 404, 'MANIFEST_UNKNOWN'],
    ['an unknown digest', APP + UNKNOWN, 404, 'MANIFEST_UNKNOWN'],
    ['an unknown repository', '/v2/default/none/manifests/latest', 404, 'NAME_UNKNOWN'],
    ['an unknown project', '/v2/nowhere/none/manifests/latest', 404, 'NAME_UNKNOWN'],
    ['a bad tag', `${APP}-latest`, 400, 'TAG_INVALID'],
    ['a long tag', `${APP}${'t'.repeat(129)}`, 400, 'TAG_INVALID'],
    ['a bad digest', `${APP}sha256:0`, 400, 'DIGEST_INVALID'],
    ['a bad name', '/v2/default/App/manifests/latest', 400, 'NAME_INVALID'],
    ['a name of one level', '/v2/app/manifests/latest', 400, 'NAME_INVALID'],
    ['a name of three levels', '/v2/default/a/b/manifests/latest', 400, 'NAME_INVALID'],
  ])('end-3 refuses %s, by GET and by HEAD', async (_, path, status, code) => {
    expectRefusal(await expectSameHead(door, path), status, code)
  })

  it('end-3 asks a stranger for a token that may pull', async () => {
    const answer = await door.ask({ path: `${APP}latest`, as: 'nobody' })
    expectRefusal(answer, 401, 'UNAUTHORIZED')
    expect(answer.headers['www-authenticate']).toContain('scope="repository:default/app:pull"')
  })
})

describeDoors('end-9, deleting manifests', (door) => {
  it('end-9 deletes a tag alone', async () => {
    const { digest } = await pushImage(door, 'default/app', { reference: 'gone' })
    expect((await door.delete(`${APP}gone`)).status).toBe(202)
    expectRefusal(await door.get(`${APP}gone`), 404, 'MANIFEST_UNKNOWN')
    expectRefusal(await door.delete(`${APP}gone`), 404, 'MANIFEST_UNKNOWN')
    expect((await door.get(APP + digest)).status).toBe(200)
  })

  it('end-9 deletes a manifest with all its tags', async () => {
    const { digest, bytes } = await pushImage(door, 'default/app', { reference: 'one' })
    for (let from = 0; from < 60; from += 10) {
      const tags = Array.from({ length: 10 }, (_, at) => `tag=many${from + at}`).join('&')
      expect((await putManifest(door, 'default/app', `${digest}?${tags}`, bytes)).status).toBe(201)
    }
    await pushImage(door, 'default/app', { reference: 'many7' })
    expect((await door.delete(APP + digest)).status).toBe(202)
    expectRefusal(await door.get(APP + digest), 404, 'MANIFEST_UNKNOWN')
    expectRefusal(await door.delete(APP + digest), 404, 'MANIFEST_UNKNOWN')
    const { tags } = JSON.parse((await door.get('/v2/default/app/tags/list')).body.toString()) as {
      tags: string[]
    }
    expect(tags).toEqual(['many7'])
    expect((await door.registry.checker.check({ pause: 0 })).problems).toEqual([])
  })

  it.each([
    ['an unknown tag', `${APP}none`, 404, 'MANIFEST_UNKNOWN'],
    ['an unknown digest', APP + UNKNOWN, 404, 'MANIFEST_UNKNOWN'],
    [
      'a digest in an unknown repository',
      `/v2/default/none/manifests/${UNKNOWN}`,
      404,
      'NAME_UNKNOWN',
    ],
    ['a tag in an unknown repository', '/v2/default/none/manifests/x', 404, 'NAME_UNKNOWN'],
    ['a bad tag', `${APP}..`, 404, 'NOT_FOUND'],
    ['a bad digest', `${APP}sha256:x`, 400, 'DIGEST_INVALID'],
  ])('end-9 refuses %s', async (_, path, status, code) => {
    expectRefusal(await door.delete(path), status, code)
  })

  it('end-9 asks a stranger for a token that may delete', async () => {
    const answer = await door.ask({ method: 'DELETE', path: `${APP}latest`, as: 'nobody' })
    expectRefusal(answer, 401, 'UNAUTHORIZED')
    expect(answer.headers['www-authenticate']).toContain('scope="repository:default/app:delete"')
  })
})
