/** What a push costs, and a removal. */
import { randomBytes } from 'node:crypto'
import { digestOf } from '@sluice/core/digest'
import { OCI_INDEX } from '@sluice/core/media-type'
import { parseProjectName } from '@sluice/core/repository-name'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from '../../http/answer.ts'
import { plain, type Descriptor } from '../../http/push.ts'
import { basic } from '../../http/served-registry.ts'
import { PASSWORD, USER } from '../proxy/proxied-registry.ts'
import {
  CountedRegistry,
  GET,
  GET_MANY,
  OTHER,
  putOf,
  QUERY,
  REPOSITORY,
  TRANSACTION,
} from './counted-registry.ts'

const counted = new CountedRegistry()
const { cost, must, newBlob, newImage } = counted

const location = (answer: Answer): string => answer.headers['location'] ?? ''

async function newLayers(count: number): Promise<Descriptor[]> {
  const layers: Descriptor[] = []
  while (layers.length < count) {
    const few = Array.from({ length: Math.min(10, count - layers.length) }, () => newBlob())
    layers.push(...(await Promise.all(few)).map(plain))
  }
  return layers
}

/** A put into a project that is to be limited. */
async function putLimited(tag: string) {
  const { question } = putOf(tag, { manifests: [], annotations: { tag } }, OCI_INDEX)
  const headers = { ...question.headers, authorization: basic(USER, PASSWORD) }
  return cost(201, { ...question, path: `/v2/limited/app/manifests/${tag}`, headers })
}

describe('a push', () => {
  let allLayers: Descriptor[]
  beforeAll(async () => {
    allLayers = await newLayers(101)
  })

  it('a small blob in one request', async () => {
    const body = randomBytes(100)
    const path = `/v2/${REPOSITORY}/blobs/uploads/?digest=${digestOf('sha256', body)}`
    expect(await cost(201, { method: 'POST', path, body })).toEqual({
      [GET]: 1,
      [TRANSACTION]: 2,
      'S3.PutObject': 1,
    })
  })

  it('a small blob by POST, PATCH and PUT', async () => {
    const body = randomBytes(100)
    counted.registry.calls.forget()
    const begun = await must(202, { method: 'POST', path: `/v2/${REPOSITORY}/blobs/uploads/` })
    expect(counted.registry.calls.counts).toEqual({ [GET]: 1, [TRANSACTION]: 1 })
    const upload = location(begun)
    expect(await cost(202, { method: 'PATCH', path: upload, body })).toEqual({
      [GET]: 1,
      [TRANSACTION]: 2,
      'S3.PutObject': 1,
    })
    expect(await cost(204, { path: upload })).toEqual({ [GET]: 1 })
    const path = `${upload}?digest=${digestOf('sha256', body)}`
    expect(await cost(201, { method: 'PUT', path })).toEqual({
      [GET]: 1,
      [TRANSACTION]: 2,
      'S3.GetObject': 1,
      'S3.PutObject': 1,
      'S3.ListObjectsV2': 1,
      'S3.DeleteObjects': 1,
    })
  })

  it('a blob of 20 MiB in three chunks', async () => {
    const chunks = [8, 8, 4].map((mebibytes) => randomBytes(mebibytes * 1024 * 1024))
    const upload = location(
      await must(202, { method: 'POST', path: `/v2/${REPOSITORY}/blobs/uploads/` }),
    )
    let start = 0
    const costs: Readonly<Record<string, number>>[] = []
    for (const body of chunks) {
      const end = start + body.byteLength
      const headers = { 'Content-Range': `${start}-${end - 1}` }
      costs.push(await cost(202, { method: 'PATCH', path: upload, headers, body }))
      start = end
    }
    const path = `${upload}?digest=${digestOf('sha256', Buffer.concat(chunks))}`
    costs.push(await cost(201, { method: 'PUT', path }))
    const table = { [GET]: 1, [TRANSACTION]: 2 }
    expect(costs).toEqual([
      { ...table, 'S3.CreateMultipartUpload': 1, 'S3.UploadPart': 1 },
      { ...table, 'S3.UploadPart': 1 },
      { ...table, 'S3.PutObject': 1 },
      {
        ...table,
        'S3.GetObject': 1,
        'S3.UploadPart': 1,
        'S3.ListParts': 1,
        'S3.CompleteMultipartUpload': 1,
        'S3.ListMultipartUploads': 1,
        'S3.ListObjectsV2': 1,
        'S3.DeleteObjects': 1,
      },
    ])
  })

  it('a blob that the registry has', async () => {
    const body = randomBytes(100)
    const path = `/v2/${OTHER}/blobs/uploads/?digest=${digestOf('sha256', body)}`
    await must(201, { method: 'POST', path, body })
    const again = path.replace('other', 'counted')
    expect(await cost(201, { method: 'POST', path: again, body })).toEqual({
      [GET]: 2,
      [GET_MANY]: 1,
      [TRANSACTION]: 4,
      'S3.PutObject': 1,
      'S3.HeadObject': 1,
      'S3.ListMultipartUploads': 1,
      'S3.ListObjectsV2': 1,
      'S3.DeleteObject': 1,
    })
  })

  it('a mount, from a repository that is named or from whichever has it', async () => {
    const [one, two] = [await newBlob(OTHER), await newBlob(OTHER)]
    const path = `/v2/${REPOSITORY}/blobs/uploads/`
    const named = `${path}?mount=${one.digest}&from=${OTHER}`
    expect(await cost(201, { method: 'POST', path: named })).toEqual({
      [GET_MANY]: 1,
      [TRANSACTION]: 1,
    })
    const any = `${path}?mount=${two.digest}`
    expect(await cost(201, { method: 'POST', path: any })).toEqual({
      [QUERY]: 1,
      [GET_MANY]: 1,
      [TRANSACTION]: 1,
    })
  })

  it('a manifest, an index and a referrer each cost one read of many and one transaction', async () => {
    const layers = allLayers.slice(0, 30)
    const image = putOf('image', { config: layers[0], layers })
    const index = putOf('index', { manifests: [image.descriptor] }, OCI_INDEX)
    const referrer = putOf('sig', { config: layers[0], layers, subject: image.descriptor })
    for (const { question } of [image, index, referrer, image]) {
      expect(await cost(201, question)).toEqual({ [GET_MANY]: 1, [TRANSACTION]: 1 })
    }
  })

  it('in a project with limits, a query for each that a put may exceed, and a turn that is taken the first time', async () => {
    const project = parseProjectName('limited')
    await counted.registry.wing.registry.projects.create(project)
    const owner = { user: 'system:admin', groups: ['system:masters'] }
    const max = { 'openshift.io/images': '9', 'openshift.io/image-tags': '9' }
    const limits = [
      { type: 'openshift.io/Image', max: { storage: '1Mi' } },
      { type: 'openshift.io/ImageStream', max },
    ]
    const { limitRanges, resourceQuotas } = counted.registry.wing.registry
    await putLimited('before')
    await limitRanges.create(owner, project, { name: 'limits', content: { limits } })
    const content = { hard: { 'openshift.io/imagestreams': '9' } }
    await resourceQuotas.create(owner, project, { name: 'quota', content })
    expect(await putLimited('first')).toEqual({ [GET_MANY]: 1, [QUERY]: 2, [TRANSACTION]: 2 })
    expect(await putLimited('second')).toEqual({ [GET_MANY]: 1, [QUERY]: 2, [TRANSACTION]: 1 })
  })

  it('a manifest of more layers than a transaction can count counts them in steps', async () => {
    const { question } = putOf('many', { config: allLayers[0], layers: allLayers })
    expect(await cost(201, question)).toEqual({ [GET_MANY]: 2, [TRANSACTION]: 4 })
  })

  it('a manifest too large for a record writes its object first', async () => {
    const annotations = { large: 'l'.repeat(310_000) }
    const put = putOf('larger', { config: plain(await newBlob()), layers: [], annotations })
    expect(await cost(201, put.question)).toEqual({
      [GET_MANY]: 1,
      [TRANSACTION]: 2,
      'S3.PutObject': 1,
    })
  })
})

describe('a removal', () => {
  it('of a tag, and of a manifest with its tags', async () => {
    const image = await newImage('gone?tag=gone-too')
    const path = `/v2/${REPOSITORY}/manifests`
    expect(await cost(202, { method: 'DELETE', path: `${path}/gone` })).toEqual({
      [GET]: 1,
      [TRANSACTION]: 1,
    })
    expect(await cost(202, { method: 'DELETE', path: `${path}/${image.digest}` })).toEqual({
      [GET]: 1,
      [QUERY]: 1,
      [GET_MANY]: 1,
      [TRANSACTION]: 1,
    })
  })

  it('of a blob', async () => {
    const blob = await newBlob()
    const path = `/v2/${REPOSITORY}/blobs/${blob.digest}`
    expect(await cost(202, { method: 'DELETE', path })).toEqual({ [GET]: 1, [TRANSACTION]: 1 })
  })

  it('of an upload', async () => {
    const path = `/v2/${REPOSITORY}/blobs/uploads/`
    const upload = location(await must(202, { method: 'POST', path }))
    expect(await cost(204, { method: 'DELETE', path: upload })).toEqual({
      [GET]: 1,
      [TRANSACTION]: 2,
      'S3.ListMultipartUploads': 1,
      'S3.ListObjectsV2': 1,
      'S3.DeleteObject': 1,
    })
  })
})
