import { OCI_INDEX } from '@sluice/core/media-type'
import { expect, it } from 'vitest'
import { describeDoors } from '../describe-doors.ts'
import { EMPTY_INDEX, manifestBytes, plain, pushBlob, pushImage, putManifest } from '../push.ts'
import { BINDINGS, binding, expectStatus, JSON_TYPE, PROJECTS, wire, type Wire } from './wire.ts'

const IMAGE_API = '/apis/image.openshift.io/v1'
const IMAGES = `${IMAGE_API}/images`
const STREAMS = `${IMAGE_API}/namespaces/default/imagestreams`
const TAGS = `${IMAGE_API}/namespaces/default/imagestreamtags`

const nameOf = ({ metadata }: Wire): string => metadata.name

describeDoors('image streams', (door) => {
  const push = (name: string, tag: string) => pushImage(door, name, { reference: tag })
  const listAll = async (path: string, limit: number): Promise<string[]> => {
    const names: string[] = []
    for (let more = ''; ;) {
      const { items, metadata } = wire(await door.get(`${path}?limit=${limit}${more}`))
      expect(items.length).toBeLessThanOrEqual(limit)
      names.push(...items.map(nameOf))
      if (!metadata.continue) return names
      more = `&continue=${metadata.continue}`
    }
  }

  it('are the repositories of a project and their tags, of which one can be removed', async () => {
    const { digest } = await push('default/app', 'v1')
    await push('default/app', 'v2')
    await push('default/other', 'v1')
    const list = wire(await door.get(STREAMS))
    expect(list.items.map(nameOf)).toEqual(['app', 'other'])
    const stream = wire(await door.get(`${STREAMS}/app`))
    expect(stream.metadata).toMatchObject({ creationTimestamp: expect.any(String) as string })
    expect(stream.status).toMatchObject({
      tags: [{ tag: 'v1', items: [{ image: digest }] }, { tag: 'v2' }],
    })
    const elsewhere = wire(await door.get(`${STREAMS}/app`, { Host: 'images.example:5000' }))
    expect(elsewhere.status).toMatchObject({
      dockerImageRepository: 'images.example:5000/default/app',
    })
    const nowhere = await door.get(`${STREAMS}/app`, { Host: 'images.example/path' })
    expect(nowhere.status).toBe(400)
    const unplaced = Buffer.from('{"after":"nothing"}').toString('base64url')
    for (const path of [TAGS, IMAGES])
      expectStatus(await door.get(`${path}?continue=${unplaced}`), 410, 'Expired', /continue/)
    for (const limit of [1, 2, 10]) {
      expect(await listAll(TAGS, limit)).toEqual(['app:v1', 'app:v2', 'other:v1'])
      expect(await listAll(STREAMS, limit)).toEqual(['app', 'other'])
    }
    expect(wire(await door.get(`${TAGS}/app:v1`))['image']).toMatchObject({
      metadata: { name: digest },
      dockerImageLayers: [{ size: 64 }],
    })
    const remove = () => door.ask({ method: 'DELETE', path: `${TAGS}/app:v1` })
    expect((await remove()).status).toBe(200)
    expectStatus(await remove(), 404, 'NotFound', /"app:v1" not found/)
    expectStatus(await door.get(`${TAGS}/app:v1`), 404, 'NotFound', /"app:v1" not found/)
    expectStatus(await door.get(`${STREAMS}/none`), 404, 'NotFound', /"none" not found/)
    const stranger = { 'Impersonate-User': 'eve' }
    expectStatus(
      await door.ask({ path: STREAMS, headers: stranger }),
      403,
      'Forbidden',
      /cannot list resource "imagestreams" in API group "image\.openshift\.io" in the namespace "default"/,
    )
  })

  it('have names as deep as their project allows, with slashes that a gateway has decoded', async () => {
    const { digest } = await push('deep/a/b/c', 'v1')
    const path = `${IMAGE_API}/namespaces/deep`
    for (const slash of ['/', '%2F']) {
      const name = ['a', 'b', 'c'].join(slash)
      expect(nameOf(wire(await door.get(`${path}/imagestreams/${name}`)))).toBe('a/b/c')
      expect(nameOf(wire(await door.get(`${path}/imagestreamtags/${name}:v1`)))).toBe('a/b/c:v1')
      expect(nameOf(wire(await door.get(`${path}/imagestreamimages/${name}@${digest}`)))).toBe(
        `a/b/c@${digest}`,
      )
    }
    expectStatus(await door.get(`${path}/imagestreams/a/b`), 404, 'NotFound', /"a\/b" not found/)
  })

  it('of all projects are listed for whoever may list everywhere', async () => {
    await push('default/everywhere', 'v1')
    await push('deep/everywhere', 'v1')
    const path = `${IMAGE_API}/imagestreams`
    const { items } = wire(await door.get(path))
    expect(items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(
      expect.arrayContaining(['deep/everywhere', 'default/everywhere']),
    )
    expect(await listAll(path, 1)).toEqual(items.map(nameOf))
    const body = JSON.stringify(binding('vera', 'registry-viewer', 'vera'))
    await door.ask({ method: 'POST', path: BINDINGS, body, headers: JSON_TYPE })
    const headers = { 'Impersonate-User': 'vera' }
    expect((await door.ask({ path: STREAMS, headers })).status).toBe(200)
    expectStatus(await door.ask({ path, headers }), 403, 'Forbidden', /at the cluster scope$/)
  })

  it('go with all that is in them, for whoever may delete image streams', async () => {
    const { digest } = await push('default/removed', 'v1')
    await push('default/removed', 'v2')
    const path = `${STREAMS}/removed`
    const remove = (headers = {}, query = '') =>
      door.ask({ method: 'DELETE', path: path + query, headers })
    const viewer = binding('vic', 'registry-viewer', 'vic')
    const editor = binding('eda', 'registry-editor', 'eda')
    for (const body of [viewer, editor].map((one) => JSON.stringify(one)))
      await door.ask({ method: 'POST', path: BINDINGS, body, headers: JSON_TYPE })
    expectStatus(
      await remove({ 'Impersonate-User': 'vic' }),
      403,
      'Forbidden',
      /cannot delete resource "imagestreams"/,
    )
    expect((await remove({}, '?dryRun=All')).status).toBe(200)
    expect((await door.get(path)).status).toBe(200)
    const gone = await remove({ 'Impersonate-User': 'eda' })
    expect(gone.status).toBe(200)
    expect(wire(gone)).toMatchObject({
      status: 'Success',
      details: { name: 'removed', group: 'image.openshift.io', kind: 'imagestreams' },
    })
    expectStatus(await door.get(path), 404, 'NotFound', /"removed" not found/)
    expectStatus(await remove(), 404, 'NotFound', /"removed" not found/)
    for (const reference of ['v1', digest])
      expect((await door.get(`/v2/default/removed/manifests/${reference}`)).status).toBe(404)
    await push('default/removed', 'v3')
    expect(wire(await door.get(path)).status).toMatchObject({ tags: [{ tag: 'v3' }] })
  })

  it('go with their project, and are not there when one of that name is made again', async () => {
    const path = `${IMAGE_API}/namespaces/again/imagestreams/app`
    const make = (name: string) => {
      const body = JSON.stringify({ metadata: { name } })
      return door.ask({ method: 'POST', path: PROJECTS, body, headers: JSON_TYPE })
    }
    await make('again')
    const { digest } = await push('again/app', 'v1')
    await door.delete(`/v2/again/app/manifests/${digest}`)
    expect((await door.get(path)).status).toBe(200)
    expect((await door.delete(`${PROJECTS}/again`)).status).toBe(200)
    await make('again')
    expect((await door.get(path)).status).toBe(404)
  })

  it('that are still being removed say so, and take no push until they are gone', async () => {
    await push('default/slow', 'v1')
    await door.registry.repositories.remove('default/slow' as never, () => true)
    const stream = wire(await door.get(`${STREAMS}/slow`))
    expect(stream.metadata).toMatchObject({ deletionTimestamp: expect.any(String) as string })
    const refused = await putManifest(door, 'default/slow', 'v2', EMPTY_INDEX, OCI_INDEX)
    expect(refused.status).toBe(503)
    expect(refused.headers['retry-after']).toBe('5')
    const remove = (query: string) =>
      door.ask({ method: 'DELETE', path: `${STREAMS}/slow${query}` })
    expect((await remove('?dryRun=All')).status).toBe(202)
    expect((await remove('')).status).toBe(200)
    expect((await door.get(`${STREAMS}/slow`)).status).toBe(404)
  })
})

describeDoors('images', (door) => {
  it('are listed once each, page by page, shown by stream, and removed from all streams', async () => {
    const config = await pushBlob(door, 'default/one')
    const layer = await pushBlob(door, 'default/one')
    const content = { config: plain(config), layers: [plain(layer)] }
    const image = await pushImage(door, 'default/one', { reference: 'v1', ...content })
    for (const { bytes } of [config, layer]) await pushBlob(door, 'default/two', bytes)
    await pushImage(door, 'default/two', { reference: 'v1', ...content })
    const platform = { architecture: 'arm64', os: 'linux' }
    const index = manifestBytes({
      mediaType: OCI_INDEX,
      manifests: [{ ...plain(image), platform }],
    })
    const put = await putManifest(door, 'default/one', 'all', index, OCI_INDEX)
    const indexDigest = put.headers['docker-content-digest'] ?? ''

    const pages: string[][] = []
    for (let more = ''; ;) {
      const { items, metadata } = wire(await door.get(`${IMAGES}?limit=1${more}`))
      pages.push(items.map(nameOf))
      if (!metadata.continue) break
      more = `&continue=${metadata.continue}`
    }
    expect(pages.flat()).toEqual([image.digest, indexDigest].toSorted())
    expect(pages.every((page) => page.length <= 1)).toBe(true)

    expect(wire(await door.get(`${IMAGES}/${image.digest}`))).toMatchObject({
      kind: 'Image',
      apiVersion: 'image.openshift.io/v1',
      metadata: { name: image.digest, annotations: { 'openshift.io/image.managed': 'true' } },
      dockerImageReference: expect.stringMatching(/default\/one@sha256:/) as string,
      dockerImageMetadata: { Id: config.digest, Size: config.size + layer.size },
      dockerImageLayers: [{ name: layer.digest, size: layer.size, mediaType: layer.mediaType }],
    })
    expect(wire(await door.get(`${IMAGES}/${indexDigest}`))).toMatchObject({
      dockerImageManifests: [{ digest: image.digest, ...platform, manifestSize: image.size }],
    })
    const ofStream = `${IMAGE_API}/namespaces/default/imagestreamimages`
    expect(wire(await door.get(`${ofStream}/two@${image.digest}`))).toMatchObject({
      kind: 'ImageStreamImage',
      metadata: { name: `two@${image.digest}`, namespace: 'default' },
      image: { metadata: { name: image.digest } },
    })
    expectStatus(await door.get(`${ofStream}/two`), 404, 'NotFound', /"two" not found/)
    expectStatus(await door.get(ofStream), 405, 'MethodNotAllowed', /imagestreamimages/)

    const remove = (headers = {}) =>
      door.ask({ method: 'DELETE', path: `${IMAGES}/${image.digest}`, headers })
    expectStatus(await remove({ 'Impersonate-User': 'eve' }), 403, 'Forbidden', /"images"/)
    expect((await remove()).status).toBe(200)
    expectStatus(await remove(), 404, 'NotFound', /"sha256:[0-9a-f]{64}" not found/)
    for (const name of ['one', 'two'])
      expect((await door.get(`/v2/default/${name}/manifests/v1`)).status).toBe(404)
    expectStatus(await door.get(`${IMAGES}/none`), 404, 'NotFound', /images.*"none" not found/)
  })
})
