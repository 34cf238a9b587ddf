import { randomBytes } from 'node:crypto'
import { beforeAll, expect, it } from 'vitest'
import { digestOf } from '@sluice/core/digest'
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '@sluice/core/media-type'
import { describeDoors } from './describe-doors.ts'
import {
  CONFIG,
  describeBytes,
  EMPTY_INDEX,
  manifestBytes,
  plain,
  pushBlob,
  pushImage,
  putManifest,
  type Descriptor,
} from './push.ts'
import { expectRefusal } from './refusal.ts'
import { expectSameHead } from './same-head.ts'

const APP = '/v2/default/app/manifests/'
const UNKNOWN = `sha256:${'0'.repeat(64)}`

describeDoors('end-7, pushing manifests', (door) => {
  let config: Descriptor
  let layer: Descriptor
  beforeAll(async () => {
    config = { ...plain(await pushBlob(door, 'default/app')), mediaType: CONFIG }
    layer = plain(await pushBlob(door, 'default/app'))
  })
  /** Differs from all others by its note. */
  const bytesOf = (fields: object = {}) => {
    const annotations = { note: randomBytes(6).toString('hex') }
    return manifestBytes({
      mediaType: OCI_MANIFEST,
      config,
      layers: [layer],
      annotations,
      ...fields,
    })
  }
  const put = (bytes: Uint8Array | string, mediaType?: string) =>
    putManifest(door, 'default/app', 'new', bytes, mediaType)

  it('end-7a answers a put by tag with 201 and where the manifest is', async () => {
    const bytes = bytesOf()
    const digest = digestOf('sha256', bytes)
    const answer = await putManifest(door, 'default/app', 'v1', bytes)
    expect(answer.status).toBe(201)
    expect(answer.headers).toMatchObject({
      location: APP + digest,
      'docker-content-digest': digest,
    })
    expect(answer.headers['oci-subject']).toBeUndefined()
    expect(answer.headers['oci-tag']).toBeUndefined()
    for (const path of [APP + digest, `${APP}v1`]) {
      expect((await door.get(path)).body.equals(bytes)).toBe(true)
    }
  })

  it.each(['sha256', 'sha512'] as const)(
    'end-7a puts and serves a manifest by its %s',
    async (algorithm) => {
      const bytes = bytesOf()
      const digest = digestOf(algorithm, bytes)
      const answer = await putManifest(door, 'default/app', digest, bytes)
      expect({ status: answer.status, digest: answer.headers['docker-content-digest'] }).toEqual({
        status: 201,
        digest,
      })
      const back = await door.get(APP + digest)
      expect(back.body.equals(bytes)).toBe(true)
      expect(back.headers['docker-content-digest']).toBe(digest)
    },
  )

  it('end-7b puts several tags at once and names them in OCI-Tag', async () => {
    const bytes = bytesOf()
    const digest = digestOf('sha256', bytes)
    const by = await putManifest(door, 'default/app', `${digest}?tag=a1&tag=a2&tag=a1`, bytes)
    expect({ status: by.status, tags: by.headers['oci-tag'] }).toEqual({
      status: 201,
      tags: 'a1, a2',
    })
    const tagged = await putManifest(door, 'default/app', 'a3?tag=a4', bytes)
    expect({ status: tagged.status, tags: tagged.headers['oci-tag'] }).toEqual({
      status: 201,
      tags: 'a4',
    })
    for (const tag of ['a1', 'a2', 'a3', 'a4']) {
      expect((await door.head(APP + tag)).headers['docker-content-digest']).toBe(digest)
    }
  })

  it('end-7b refuses a bad tag or too many, and then puts nothing', async () => {
    const bytes = bytesOf()
    const digest = digestOf('sha256', bytes)
    const many = Array.from({ length: 11 }, (_, at) => `tag=t${at}`).join('&')
    for (const query of ['tag=good&tag=-bad', 'tag=', many]) {
      const answer = await putManifest(door, 'default/app', `${digest}?${query}`, bytes)
      expectRefusal(answer, 400, 'TAG_INVALID')
    }
    expect((await door.get(APP + digest)).status).toBe(404)
    expect((await door.get(`${APP}good`)).status).toBe(404)
  })

  it('end-7 moves a tag, and putting again changes nothing', async () => {
    const [one, other] = [bytesOf(), bytesOf()]
    for (const bytes of [one, other, other]) {
      expect((await putManifest(door, 'default/app', 'moving', bytes)).status).toBe(201)
      expect((await door.get(`${APP}moving`)).body.equals(bytes)).toBe(true)
    }
    expect((await door.get(APP + digestOf('sha256', one))).status).toBe(200)
    const { problems } = await door.registry.checker.check({ pause: 0 })
    expect(problems).toEqual([])
  })

  it.each([OCI_MANIFEST, DOCKER_MANIFEST])('end-7 takes %s', async (mediaType) => {
    const answer = await put(bytesOf({ mediaType }), mediaType)
    expect(answer.status).toBe(201)
    expect((await door.head(`${APP}new`)).headers['content-type']).toBe(mediaType)
  })

  it('end-7 takes a manifest that does not name its own media type', async () => {
    expect(
      (await put(bytesOf({ mediaType: undefined }), `${OCI_MANIFEST}; charset=utf-8`)).status,
    ).toBe(201)
    expect((await door.head(`${APP}new`)).headers['content-type']).toBe(OCI_MANIFEST)
  })

  it('end-7 takes whatever other media type, for what it names', async () => {
    const mediaType = 'application/vnd.example.thing.v1+json'
    const bytes = Buffer.from(
      JSON.stringify({ mediaType, blobs: [layer], anything: [1, { else: true }] }),
    )
    expect((await put(bytes, mediaType)).status).toBe(201)
    expect((await door.head(`${APP}new`)).headers['content-type']).toBe(mediaType)
    const missing = Buffer.from(JSON.stringify({ blobs: [{ ...layer, digest: UNKNOWN }] }))
    expectRefusal(await put(missing, mediaType), 400, 'MANIFEST_BLOB_UNKNOWN')
  })

  it.each([OCI_INDEX, DOCKER_LIST])('end-7 takes %s, nested as well', async (mediaType) => {
    const child = plain(await pushImage(door, 'default/app'))
    const inner = manifestBytes({ mediaType, manifests: [child] })
    expect((await put(inner, mediaType)).status).toBe(201)
    const outer = manifestBytes({ mediaType, manifests: [child, describeBytes(inner, mediaType)] })
    expect((await put(outer, mediaType)).status).toBe(201)
    expect((await put(manifestBytes({ mediaType, manifests: [] }), mediaType)).status).toBe(201)
  })

  it('end-7 refuses an index of manifests that are not there, and lists each', async () => {
    const there = plain(await pushImage(door, 'default/app'))
    const missing = [UNKNOWN, `sha512:${'1'.repeat(128)}`].map((digest) => ({ ...there, digest }))
    const answer = await put(
      manifestBytes({ mediaType: OCI_INDEX, manifests: [...missing, there] }),
      OCI_INDEX,
    )
    const details = expectRefusal(answer, 400, 'MANIFEST_BLOB_UNKNOWN')
    expect(details).toMatchObject(missing.map(({ digest }) => ({ digest })))
  })

  it('end-7 refuses blobs that are not there, and lists each once', async () => {
    const missing = ['2', '3', '4'].map((digit) => ({
      ...layer,
      digest: `sha256:${digit.repeat(64)}`,
    }))
    const bytes = bytesOf({ layers: [layer, ...missing, missing[0]] })
    const details = expectRefusal(await put(bytes), 400, 'MANIFEST_BLOB_UNKNOWN')
    expect(details).toMatchObject(missing.map(({ digest }) => ({ digest })))
    expect((await door.get(APP + digestOf('sha256', bytes))).status).toBe(404)
  })

  it('end-7 refuses the blobs of another repository', async () => {
    const elsewhere = plain(await pushBlob(door, 'default/elsewhere'))
    const answer = await put(bytesOf({ layers: [elsewhere] }))
    expect(expectRefusal(answer, 400, 'MANIFEST_BLOB_UNKNOWN')).toMatchObject([
      { digest: elsewhere.digest },
    ])
  })

  it('end-7 refuses a size that is not the true one, of a blob and of a manifest', async () => {
    const wrong = { ...layer, size: layer.size + 1 }
    const [detail] = expectRefusal(await put(bytesOf({ layers: [wrong] })), 400, 'MANIFEST_INVALID')
    expect(detail).toContain(`${layer.digest} has ${layer.size} bytes`)
    const child = plain(await pushImage(door, 'default/app'))
    const index = manifestBytes({ mediaType: OCI_INDEX, manifests: [{ ...child, size: 1 }] })
    expectRefusal(await put(index, OCI_INDEX), 400, 'MANIFEST_INVALID')
    expectRefusal(await put(bytesOf({ layers: [layer, wrong] })), 400, 'MANIFEST_INVALID')
  })

  it.each([
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
    'application/vnd.oci.image.layer.nondistributable.v1.tar',
  ])('end-7 lets pass a layer of %s that nobody pushed', async (mediaType) => {
    const foreign = { mediaType, digest: UNKNOWN, size: 5, urls: ['https://example.org/layer'] }
    expect((await put(bytesOf({ layers: [layer, foreign] }))).status).toBe(201)
  })

  it('end-7 takes a subject that is not there, and says that it took it for one', async () => {
    const subject = { mediaType: OCI_MANIFEST, digest: UNKNOWN, size: 7 }
    for (const _ of ['new', 'again']) {
      const answer = await put(bytesOf({ subject }))
      expect({ status: answer.status, subject: answer.headers['oci-subject'] }).toEqual({
        status: 201,
        subject: UNKNOWN,
      })
    }
  })

  it.each([
    ['application/vnd.docker.distribution.manifest.v1+json', {}],
    ['application/vnd.docker.distribution.manifest.v1+prettyjws', {}],
    [OCI_MANIFEST, { schemaVersion: 1, mediaType: undefined }],
  ])('end-7 refuses Docker schema 1 by its name: %s', async (mediaType, fields) => {
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 1, name: 'a', tag: 'b', fsLayers: [], ...fields }),
    )
    const [detail] = expectRefusal(await put(bytes, mediaType), 400, 'MANIFEST_INVALID')
    expect(detail).toContain('schema 1')
  })

  it.each<[string, object | string, string?]>([
    ['what is not JSON', '{'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '5'],
    ['no media type at all', '{"schemaVersion":2}', ' '],
    ['a Content-Type that is none', '{"schemaVersion":2}', 'json'],
    ['another media type inside', { mediaType: DOCKER_MANIFEST }],
    ['a media type that is a number', { mediaType: 5 }],
    ['another schemaVersion', { schemaVersion: 3 }],
    ['no schemaVersion', { schemaVersion: undefined }],
    ['no config', { config: undefined }],
    ['a config that is none', { config: 'x' }],
    ['manifests in an image', { manifests: [] }],
    ['layers that are no list', { layers: {} }],
    ['a layer that is null', { layers: [null] }],
    ['a layer without digest', { layers: [{ size: 1 }] }],
    ['a layer with a bad digest', { layers: [{ size: 1, digest: 'sha256:x' }] }],
    ['a layer without size', { layers: [{ digest: UNKNOWN }] }],
    ['a negative size', { layers: [{ digest: UNKNOWN, size: -1 }] }],
    ['a size with a fraction', { layers: [{ digest: UNKNOWN, size: 1.5 }] }],
    ['a size beyond counting', { layers: [{ digest: UNKNOWN, size: 1e300 }] }],
    ['a subject that is none', { subject: 'x' }],
    ['a subject without digest', { subject: { size: 1 } }],
    ['annotations that are a list', { annotations: [] }],
    ['an annotation that is a number', { annotations: { a: 1 } }],
    ['an artifactType of 300 characters', { artifactType: 'a'.repeat(300) }],
    [
      'a config with a media type of 300 characters',
      { config: { mediaType: 'a'.repeat(300), digest: UNKNOWN, size: 1 } },
    ],
  ])('end-7 refuses %s', async (_, content, mediaType = OCI_MANIFEST) => {
    const bytes = typeof content === 'string' ? content : bytesOf(content)
    expectRefusal(await put(bytes, mediaType), 400, 'MANIFEST_INVALID')
  })

  it('end-7 refuses an index with layers, and one without manifests', async () => {
    for (const fields of [{ manifests: [], layers: [] }, {}]) {
      const answer = await put(manifestBytes({ mediaType: OCI_INDEX, ...fields }), OCI_INDEX)
      expectRefusal(answer, 400, 'MANIFEST_INVALID')
    }
  })

  it('end-7 refuses a digest that is not the one of the bytes, and says which is', async () => {
    const bytes = bytesOf()
    const answer = await putManifest(door, 'default/app', UNKNOWN, bytes)
    const [detail] = expectRefusal(answer, 400, 'DIGEST_INVALID')
    expect(detail).toContain(digestOf('sha256', bytes))
  })

  it('end-7 refuses a project that does not exist, and deep names where they are not allowed', async () => {
    const index = EMPTY_INDEX
    const to = (repository: string) => putManifest(door, repository, 'v1', index, OCI_INDEX)
    expectRefusal(await to('nowhere/app'), 403, 'DENIED')
    expectRefusal(await to('default/a/b'), 400, 'NAME_INVALID')
    expect((await to('deep/a/b')).status).toBe(201)
    expect((await to('deep/app')).status).toBe(201)
    expect((await door.get('/v2/deep/a/b/manifests/v1')).body.equals(index)).toBe(true)
  })

  it.each([100_000, 320_000, 4 * 1024 * 1024])(
    'end-7 takes a manifest of %i bytes and gives it back',
    async (size) => {
      const empty = bytesOf({ annotations: { note: '' } })
      const bytes = bytesOf({ annotations: { note: 'n'.repeat(size - empty.byteLength) } })
      expect(bytes.byteLength).toBe(size)
      expect((await put(bytes)).status).toBe(201)
      const answer = await expectSameHead(door, `${APP}new`)
      expect(answer.body.equals(bytes)).toBe(true)
    },
  )
})
