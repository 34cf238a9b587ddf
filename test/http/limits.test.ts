/** What a push is refused where its project has limits, and that it is refused nothing where it has none. */
import { randomBytes } from 'node:crypto'
import { digestOf } from '@sluice/core/digest'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { expect, it } from 'vitest'
import { json, type Answer } from './answer.ts'
import { bearer } from './bearer.ts'
import { describeDoors } from './describe-doors.ts'
import type { DoorUnderTest } from './door-under-test.ts'
import {
  describeBytes,
  manifestBytes,
  plain,
  pushBlob,
  pushImage,
  putManifest,
  type Descriptor,
} from './push.ts'
import { expectRefusal } from './refusal.ts'

const DENIED = 'requested access to the resource is denied'

type Max = Readonly<Record<string, string | number>>

describeDoors('the limits of a project', (door) => {
  let made = 0
  /** A project with what is given, and no images. */
  const limited = async (limits: {
    readonly image?: Max
    readonly stream?: Max
    readonly quota?: Max
  }): Promise<string> => {
    const project = `limited-${++made}`
    const body = JSON.stringify({ metadata: { name: project } })
    const path = '/apis/project.openshift.io/v1/projects'
    expect((await door.post(path, body, { 'Content-Type': 'application/json' })).status).toBe(201)
    await limit(door, project, limits)
    return project
  }

  const startUpload = async (repository: string): Promise<string> =>
    (await door.post(`/v2/${repository}/blobs/uploads/`)).headers.location ?? ''

  it('refuse a blob that is larger than an image may be, however it comes, and leave nothing of it', async () => {
    const project = await limited({ image: { storage: '1Ki' } })
    const name = `${project}/app`
    const large = randomBytes(2048)
    const digest = digestOf('sha256', large)
    const message =
      'requested usage of storage exceeds the maximum limit per openshift.io/Image (2Ki > 1Ki)'
    const objects = await objectsIn(door)
    const whole = await door.post(`/v2/${name}/blobs/uploads/?digest=${digest}`, large)
    expect(expectRefusal(whole, 403, 'DENIED')).toEqual([message])
    expect(json(whole)).toMatchObject({ errors: [{ message: DENIED }] })
    // Of what it is told beforehand it takes nothing, and the upload stands as it did.
    const upload = await startUpload(name)
    for (const method of ['PATCH', 'PUT']) {
      const path = `${upload}?digest=${digest}`
      const refused = await door.ask({ method, path, body: large })
      expect(expectRefusal(refused, 403, 'DENIED')).toEqual([message])
    }
    expect((await door.patch(upload, large.subarray(0, 1000))).status).toBe(202)
    expectRefusal(await door.patch(upload, large.subarray(1000)), 403, 'DENIED')
    expect((await door.delete(upload)).status).toBe(204)
    expect((await door.get(`/v2/${name}/blobs/${digest}`)).status).toBe(404)
    expect(await objectsIn(door)).toEqual(objects)
    await pushBlob(door, name, randomBytes(1024))
  })

  it('refuse it by its first byte too many where it comes without a length, and let be what began before the limit could be known', async () => {
    const project = await limited({})
    const name = `${project}/app`
    const before = await startUpload(name)
    await limit(door, project, { image: { storage: '1Ki' } })
    const upload = await startUpload(name)
    const large = randomBytes(2048)
    const digest = digestOf('sha256', large)
    const objects = await objectsIn(door)
    expectRefusal(await door.patch(upload, streamOf(large)), 403, 'DENIED')
    expect((await door.get(upload)).headers['range']).toBe('0-0')
    const other = await startUpload(name)
    const ended = await door.put(`${other}?digest=${digest}`, streamOf(large))
    expectRefusal(ended, 403, 'DENIED')
    expect((await door.get(other)).status).toBe(204)
    expect(await objectsIn(door)).toEqual(objects)
    expect((await door.put(`${before}?digest=${digest}`, large)).status).toBe(201)
    const layer = describeBytes(large)
    expectRefusal(await putImage(door, name, 'v1', layer, [layer]), 403, 'DENIED')
  })

  it('refuse a mount of such a blob', async () => {
    const project = await limited({ image: { storage: '1Ki' } })
    const large = await pushBlob(door, 'default/large', randomBytes(1025))
    for (const from of ['&from=default/large', '']) {
      const path = `/v2/${project}/app/blobs/uploads/?mount=${large.digest}${from}`
      expectRefusal(await door.post(path), 403, 'DENIED')
    }
    expect((await door.get(`/v2/${project}/app/blobs/${large.digest}`)).status).toBe(404)
    const small = await pushBlob(door, 'default/large', randomBytes(1024))
    const path = `/v2/${project}/app/blobs/uploads/?mount=${small.digest}&from=default/large`
    expect((await door.post(path)).status).toBe(201)
  })

  it('refuse an image whose config and different layers are larger together', async () => {
    const project = await limited({ image: { storage: 1500 } })
    const name = `${project}/app`
    const [config, one, other] = await Promise.all(
      [500, 1000, 1000].map(async (size) => plain(await pushBlob(door, name, randomBytes(size)))),
    )
    const refused = await putImage(door, name, 'v1', config!, [one!, other!])
    expect(expectRefusal(refused, 403, 'DENIED')).toEqual([
      'requested usage of storage exceeds the maximum limit per openshift.io/Image (2500 > 1500)',
    ])
    expectRefusal(await door.get(`/v2/${name}/tags/list`), 404, 'NAME_UNKNOWN')
    expect((await putImage(door, name, 'v1', config!, [one!, one!])).status).toBe(201)
  })

  it('bind the tags of an image stream, of which one may move', async () => {
    const project = await limited({ stream: { 'openshift.io/image-tags': 2 } })
    const name = `${project}/app`
    const first = await pushImage(door, name, { reference: 'a' })
    expect((await putManifest(door, name, 'b', first.bytes)).status).toBe(201)
    const message =
      'requested usage of openshift.io/image-tags exceeds the maximum limit per openshift.io/ImageStream (3 > 2)'
    const third = await putManifest(door, name, 'c', first.bytes)
    expect(expectRefusal(third, 403, 'DENIED')).toEqual([message])
    const path = `/v2/${name}/manifests/${first.digest}?tag=c&tag=d`
    const two = await door.put(path, first.bytes, { 'Content-Type': OCI_MANIFEST })
    expect(expectRefusal(two, 403, 'DENIED')).toEqual([message.replace('(3', '(4')])
    expect(json(await door.get(`/v2/${name}/tags/list`))).toMatchObject({ tags: ['a', 'b'] })
    await pushImage(door, name, { reference: 'b' })
    // Another stream has tags of its own, and a tag that goes makes room.
    await pushImage(door, `${project}/other`, { reference: 'c' })
    expect((await door.delete(`/v2/${name}/manifests/a`)).status).toBe(202)
    await pushImage(door, name, { reference: 'c' })
  })

  it('bind the images of an image stream, by tag or not', async () => {
    const project = await limited({ stream: { 'openshift.io/images': '2' } })
    const name = `${project}/app`
    const first = await pushImage(door, name, { reference: 'a' })
    await pushImage(door, name)
    const message =
      'requested usage of openshift.io/images exceeds the maximum limit per openshift.io/ImageStream (3 > 2)'
    for (const reference of ['a', 'c', undefined]) {
      const layer = plain(await pushBlob(door, name))
      const refused = await putImage(door, name, reference, layer, [layer])
      expect(expectRefusal(refused, 403, 'DENIED')).toEqual([message])
    }
    // What is there already is no more of it.
    expect((await putManifest(door, name, 'again', first.bytes)).status).toBe(201)
    expect((await door.delete(`/v2/${name}/manifests/${first.digest}`)).status).toBe(202)
    await pushImage(door, name, { reference: 'c' })
  })

  it('let be what there was before them, and changes that add nothing', async () => {
    const project = await limited({})
    const name = `${project}/app`
    const images = [
      await pushImage(door, name, { reference: 'a' }),
      await pushImage(door, name, { reference: 'b' }),
    ]
    const stream = { 'openshift.io/images': 1, 'openshift.io/image-tags': 1 }
    await limit(door, project, {
      image: { storage: 1 },
      stream,
      quota: { 'openshift.io/imagestreams': 0 },
    })
    expect((await door.get(`/v2/${name}/manifests/a`)).status).toBe(200)
    for (const [at, image] of images.entries()) {
      const tag = ['b', 'a'][at]!
      expect((await putManifest(door, name, tag, image.bytes)).status).toBe(201)
      expect((await putManifest(door, name, image.digest, image.bytes)).status).toBe(201)
    }
    expectRefusal(await putManifest(door, name, 'c', images[0]!.bytes), 403, 'DENIED')
  })

  it('bind the image streams of the project', async () => {
    const project = await limited({ quota: { 'openshift.io/imagestreams': '2' } })
    await pushImage(door, `${project}/a`, { reference: 'v1' })
    await pushImage(door, `${project}/b`)
    const layer = plain(await pushBlob(door, `${project}/c`))
    const refused = await putImage(door, `${project}/c`, 'v1', layer, [layer])
    const message =
      'exceeded quota: quota, requested: openshift.io/imagestreams=1, used: openshift.io/imagestreams=2, limited: openshift.io/imagestreams=2'
    expect(expectRefusal(refused, 403, 'DENIED')).toEqual([message])
    expectRefusal(await door.get(`/v2/${project}/c/tags/list`), 404, 'NAME_UNKNOWN')
    await pushImage(door, `${project}/a`, { reference: 'v2' })
    const stream = `/apis/image.openshift.io/v1/namespaces/${project}/imagestreams/b`
    expect((await door.delete(stream)).status).toBeLessThan(300)
    expect((await putImage(door, `${project}/c`, 'v1', layer, [layer])).status).toBe(201)
  })

  it('let no two pushes at once take the last place', async () => {
    const stream = { 'openshift.io/images': 3, 'openshift.io/image-tags': 3 }
    const project = await limited({ stream, quota: { 'openshift.io/imagestreams': 3 } })
    const layer = plain(await pushBlob(door, `${project}/app`))
    const put = (name: string, tag: string) =>
      putImage(door, name, tag, layer, [layer], { annotations: { tag } })
    const three = [201, 201, 201, 403, 403, 403]
    const images = await Promise.all(three.map((_, at) => put(`${project}/app`, `v${at}`)))
    expect(statuses(images)).toEqual(three)
    const tags = json(await door.get(`/v2/${project}/app/tags/list`)) as { tags: string[] }
    expect(tags.tags).toHaveLength(3)
    const mounted = three.map((_, at) => `${project}/app${at}`)
    for (const name of mounted) {
      await door.post(`/v2/${name}/blobs/uploads/?mount=${layer.digest}&from=${project}/app`)
    }
    const streams = await Promise.all(mounted.map((name) => put(name, 'v1')))
    expect(statuses(streams)).toEqual([201, 201, 403, 403, 403, 403])
    expect(await door.registry.limits.streams(project)).toBe(3)
  })

  it('let no two pushes at once take the last tag of an image', async () => {
    const project = await limited({ stream: { 'openshift.io/image-tags': 2 } })
    const name = `${project}/app`
    const image = await pushImage(door, name)
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((tag) => putManifest(door, name, tag, image.bytes)),
    )
    expect(statuses(answers)).toEqual([201, 201, 403, 403])
  })

  it('are no matter of rights: who may not push hears 401', async () => {
    const project = await limited({ image: { storage: 0 } })
    const as = await bearer(door, [`repository:${project}/app:pull`])
    const path = `/v2/${project}/app/blobs/uploads/`
    expectRefusal(await door.ask({ method: 'POST', path, as }), 401, 'UNAUTHORIZED')
  })

  it('leave records that add up', async () => {
    await door.registry.sweeper.sweep()
    expect((await door.registry.checker.check({ pause: 0 })).problems).toEqual([])
  })
})

const statuses = (answers: readonly Answer[]): readonly number[] =>
  answers.map(({ status }) => status).toSorted((one, other) => one - other)

const CORE = '/api/v1/namespaces'

async function limit(
  door: DoorUnderTest,
  project: string,
  { image, stream, quota }: { readonly image?: Max; readonly stream?: Max; readonly quota?: Max },
): Promise<void> {
  const limits = [
    ...(image ? [{ type: 'openshift.io/Image', max: image }] : []),
    ...(stream ? [{ type: 'openshift.io/ImageStream', max: stream }] : []),
  ]
  const send = async (path: string, name: string, spec: object) => {
    const body = JSON.stringify({ metadata: { name }, spec })
    const headers = { 'Content-Type': 'application/json' }
    expect((await door.post(`${CORE}/${project}/${path}`, body, headers)).status).toBe(201)
  }
  if (limits.length > 0) await send('limitranges', 'limits', { limits })
  if (quota) await send('resourcequotas', 'quota', { hard: quota })
}

async function putImage(
  door: DoorUnderTest,
  repository: string,
  reference: string | undefined,
  config: Descriptor,
  layers: readonly Descriptor[],
  more: object = {},
): Promise<Answer> {
  const bytes = manifestBytes({ mediaType: OCI_MANIFEST, config, layers, ...more })
  return putManifest(door, repository, reference ?? digestOf('sha256', bytes), bytes)
}

async function objectsIn(door: DoorUnderTest): Promise<readonly string[]> {
  const { objects } = await door.served.temporary.store.list({ limit: 1000 })
  return objects.map(({ key }) => key).toSorted()
}

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
