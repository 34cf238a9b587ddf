/** What a pull costs, of an image of one's own or of an upstream's. */
import { randomBytes } from 'node:crypto'
import { digestOf } from '@sluice/core/digest'
import { UPSTREAM_DEFAULTS } from '@sluice/core/upstream/upstream-presets'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Descriptor } from '../../http/push.ts'
import { basic } from '../../http/served-registry.ts'
import { startSecureUpstream, type SecureUpstream } from '../../upstream/start-secure-upstream.ts'
import { makeImage, putImage } from '../../upstream/upstream-content.ts'
import { PASSWORD, USER } from '../proxy/proxied-registry.ts'
import {
  CountedRegistry,
  GET,
  GET_MANY,
  QUERY,
  REPOSITORY,
  TRANSACTION,
} from './counted-registry.ts'

const counted = new CountedRegistry()
const { cost, newBlob, newImage } = counted

describe('a pull', () => {
  let image: Descriptor
  beforeAll(async () => {
    image = await newImage('pulled')
  })

  it.each(['GET', 'HEAD'])(
    '%s of a manifest reads one record, and by tag another',
    async (method) => {
      const path = `/v2/${REPOSITORY}/manifests`
      expect(await cost(200, { method, path: `${path}/pulled` })).toEqual({ [GET]: 2 })
      expect(await cost(200, { method, path: `${path}/${image.digest}` })).toEqual({ [GET]: 1 })
      expect(await cost(404, { method, path: `${path}/unknown` })).toEqual({ [GET]: 2 })
    },
  )

  it('a manifest too large for a record costs one object more', async () => {
    const large = await newImage('large', { annotations: { large: 'l'.repeat(310_000) } })
    const path = `/v2/${REPOSITORY}/manifests/${large.digest}`
    expect(await cost(200, { path })).toEqual({ [GET]: 1, 'S3.GetObject': 1 })
    expect(await cost(200, { method: 'HEAD', path })).toEqual({ [GET]: 1 })
  })

  it('a blob costs one record and nothing of S3, which the client asks itself', async () => {
    const blob = await newBlob()
    const path = `/v2/${REPOSITORY}/blobs/${blob.digest}`
    expect(await cost(307, { path })).toEqual({ [GET]: 1 })
    expect(await cost(200, { method: 'HEAD', path })).toEqual({ [GET]: 1 })
    expect(await cost(404, { path: path.replace('counted', 'other') })).toEqual({ [GET]: 1 })
  })

  it('a page of tags or of the catalogue is one query, full or not', async () => {
    await newImage('other')
    const path = `/v2/${REPOSITORY}/tags/list`
    expect(await cost(200, { path })).toEqual({ [QUERY]: 1 })
    expect(await cost(200, { path: `${path}?n=2` })).toEqual({ [QUERY]: 1 })
    const headers = { authorization: basic(USER, PASSWORD) }
    expect(await cost(200, { path: '/v2/_catalog', headers })).toEqual({ [QUERY]: 1 })
  })

  it('a page of referrers is one query', async () => {
    const path = `/v2/${REPOSITORY}/referrers/${image.digest}`
    expect(await cost(200, { path })).toEqual({ [QUERY]: 1 })
    await newImage('referrer', { subject: image })
    expect(await cost(200, { path })).toEqual({ [QUERY]: 1 })
  })
})

describe('a pull of a project that caches an upstream', () => {
  const CACHE = 'upstream.test'
  const repository = `${CACHE}/org/app`
  const image = makeImage([randomBytes(1000)])
  const layer = digestOf('sha256', image.layers[0]!)
  let secure: SecureUpstream
  beforeAll(async () => {
    secure = await startSecureUpstream()
    secure.upstream.redirectsBlobs = true
    await putImage(secure.upstream.content, 'org/app', 'latest', image)
    const { upstreams } = counted.registry.wing.registry
    const owner = { user: 'system:admin', groups: ['system:masters'] }
    const content = {
      ...UPSTREAM_DEFAULTS,
      urls: [secure.upstream.url],
      insecure: true,
      privateAddresses: true,
    }
    await upstreams.create(owner, undefined, { name: CACHE, content })
    headers = { authorization: await counted.tokenFor([`scope=repository:${repository}:pull`]) }
  })
  afterAll(() => secure?.close())
  let headers = {}

  it('costs at the first a lease, so that one asks the upstream for all, and what is kept', async () => {
    const path = `/v2/${repository}/manifests/latest`
    expect(await cost(200, { path, headers })).toEqual({
      [GET]: 8,
      [QUERY]: 1,
      [GET_MANY]: 1,
      [TRANSACTION]: 3,
    })
  })

  it('costs no more than another, once it is here and fresh', async () => {
    const path = `/v2/${repository}/manifests`
    for (const method of ['GET', 'HEAD']) {
      expect(await cost(200, { method, path: `${path}/latest`, headers })).toEqual({ [GET]: 2 })
      const digest = { method, path: `${path}/${image.digest}`, headers }
      expect(await cost(200, digest)).toEqual({ [GET]: 1 })
    }
  })

  it('has a cold blob brought by one job, for however many ask', async () => {
    const path = `/v2/${repository}/blobs/${layer}`
    expect(await cost(307, { path, headers })).toEqual({
      [GET]: 3,
      [TRANSACTION]: 1,
      'AmazonSQS.SendMessage': 1,
    })
    expect(await cost(307, { path, headers })).toEqual({ [GET]: 3 })
  })

  it('costs some calls to bring a blob, and then one record, as another', async () => {
    const job = { kind: 'fill', repository, digest: layer, size: image.layers[0]!.byteLength }
    const sentAgain = { send: () => Promise.reject(new Error('it is done')) }
    counted.registry.calls.forget()
    await counted.registry.wing.registry.fillJob?.do(job, sentAgain, () => false)
    // `infra/cost/usage.ts` counts on them.
    expect(counted.registry.calls.counts).toEqual({
      [GET]: 11,
      [QUERY]: 2,
      [TRANSACTION]: 6,
      'S3.GetObject': 1,
      'S3.PutObject': 2,
      'S3.ListObjectsV2': 1,
      'S3.DeleteObjects': 1,
    })
    const path = `/v2/${repository}/blobs/${layer}`
    expect(await cost(307, { path, headers })).toEqual({ [GET]: 1 })
    expect(await cost(200, { method: 'HEAD', path, headers })).toEqual({ [GET]: 1 })
  })
})
