/**
 * What each request costs: the calls that it makes to DynamoDB, S3 and the parameter store once its process is warm. They
 * are the bill and the latency; a change that makes one more is seen here.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { digestOf } from '@sluice/core/digest'
import { OCI_INDEX, OCI_MANIFEST } from '@sluice/core/media-type'
import { parseProjectName } from '@sluice/core/repository-name'
import { WEBHOOK_DEFAULTS } from '@sluice/core/webhook/webhook-settings'
import { UPSTREAM_DEFAULTS } from '@sluice/core/upstream/upstream-presets'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Answer, Question } from '../http/answer.ts'
import { describeBytes, manifestBytes, plain, type Descriptor } from '../http/push.ts'
import { startIssuer } from '../identity/issuer-under-test.ts'
import { startSecureUpstream, type SecureUpstream } from '../upstream/start-secure-upstream.ts'
import { makeImage, putImage } from '../upstream/upstream-content.ts'
import { settableClock } from '../temporary-registry.ts'
import { basic } from '../http/served-registry.ts'
import {
  newStage,
  openProxiedRegistry,
  PASSWORD,
  USER,
  type ProxiedRegistry,
} from './proxy/proxied-registry.ts'

const REPOSITORY = 'default/counted'
const OTHER = 'default/other'
const SCOPES = [REPOSITORY, OTHER].map((name) => `scope=repository:${name}:pull,push,delete`)

const GET = 'DynamoDB.GetItem'
const GET_MANY = 'DynamoDB.BatchGetItem'
const QUERY = 'DynamoDB.Query'
const TRANSACTION = 'DynamoDB.TransactWriteItems'

let registry: ProxiedRegistry
let authorization = ''

const send = (question: Omit<Question, 'as'>): Promise<Answer> =>
  registry.ask({ ...question, headers: { authorization, ...question.headers } })

/** What one request costs, which must be answered with `status`. */
async function cost(
  status: number,
  question: Omit<Question, 'as'>,
): Promise<Readonly<Record<string, number>>> {
  registry.calls.forget()
  const answer = await send(question)
  expect({ status: answer.status, failures: registry.failures }).toEqual({ status, failures: [] })
  return registry.calls.counts
}

async function must(status: number, question: Omit<Question, 'as'>): Promise<Answer> {
  const answer = await send(question)
  expect({ status: answer.status, failures: registry.failures }).toEqual({ status, failures: [] })
  return answer
}

const location = (answer: Answer): string => answer.headers['location'] ?? ''

async function newBlob(repository = REPOSITORY): Promise<Descriptor> {
  const body = randomBytes(100)
  const blob = describeBytes(body)
  const path = `/v2/${repository}/blobs/uploads/?digest=${blob.digest}`
  await must(201, { method: 'POST', path, body })
  return blob
}

async function newLayers(count: number): Promise<Descriptor[]> {
  const layers: Descriptor[] = []
  while (layers.length < count) {
    const few = Array.from({ length: Math.min(10, count - layers.length) }, () => newBlob())
    layers.push(...(await Promise.all(few)).map(plain))
  }
  return layers
}

/** A request that puts a manifest, which has not been sent. */
function putOf(reference: string, content: object, mediaType = OCI_MANIFEST) {
  const body = manifestBytes({ mediaType, ...content })
  const path = `/v2/${REPOSITORY}/manifests/${reference}`
  const headers = { 'Content-Type': mediaType }
  const descriptor = describeBytes(body, mediaType)
  return { descriptor, question: { method: 'PUT', path, body, headers } }
}

async function newImage(reference: string, more: object = {}): Promise<Descriptor> {
  const layers = [plain(await newBlob())]
  const put = putOf(reference, { config: plain(await newBlob()), layers, ...more })
  await must(201, put.question)
  return put.descriptor
}

beforeAll(async () => {
  // What a project is, is kept for ten seconds: here they never end.
  registry = await openProxiedRegistry({ stage: await newStage(), clock: settableClock() })
  const path = `/token?service=sluice&${SCOPES.join('&')}`
  const answer = await registry.ask({ path, headers: { authorization: basic(USER, PASSWORD) } })
  const { token } = JSON.parse(answer.body.toString()) as { token: string }
  authorization = `Bearer ${token}`
})

vi.setConfig({ testTimeout: 60_000 })

afterAll(async () => registry?.close())

describe('who asks', () => {
  it('a token costs nothing, nor does finding out that there is none', async () => {
    expect(await cost(200, { path: '/v2/' })).toEqual({})
    expect(await cost(401, { path: '/v2/', headers: { authorization: 'Bearer no' } })).toEqual({})
  })

  it('a password that was right costs nothing, and the administrator has rights without a look', async () => {
    const headers = { authorization: basic(USER, PASSWORD) }
    expect(await cost(200, { path: '/v2/', headers })).toEqual({})
    expect(await cost(200, { path: `/token?${SCOPES.join('&')}`, headers })).toEqual({})
  })

  it('a token for whom roles decide is two queries, and then none for a while', async () => {
    await registry.wing.registry.projects.create(parseProjectName('public'), { public: true })
    const asking = async (...scopes: string[]) => {
      registry.calls.forget()
      const path = `/token?${scopes.map((scope) => `scope=repository:${scope}`).join('&')}`
      expect((await registry.ask({ path })).status).toBe(200)
      return registry.calls.counts
    }
    const refused = ['a', 'b', 'c'].map((name) => `default/${name}:pull,push,delete`)
    expect(await asking(...refused)).toEqual({ [QUERY]: 2 })
    expect(await asking('public/app:pull')).toEqual({ [QUERY]: 1 })
    expect(await asking('public/app:pull')).toEqual({})
    expect(await asking('public/app:pull,push,delete', 'public/other:push')).toEqual({ [QUERY]: 2 })
    expect(await asking('public/app:pull', ...refused)).toEqual({ [QUERY]: 2 })
  })

  it('a process that begins reads its keys, and at the first password the administrator, who may be gone', async () => {
    const stage = await newStage()
    const headers = { authorization: basic(USER, PASSWORD) }
    const first = await openProxiedRegistry({ stage })
    const second = await openProxiedRegistry({ stage })
    try {
      await first.ask({ path: `/token?${SCOPES.join('&')}`, headers })
      second.calls.forget()
      const answer = await second.ask({ path: `/token?${SCOPES.join('&')}`, headers })
      expect(second.calls.counts).toEqual({ [GET]: 2, 'AmazonSSM.GetParameter': 1 })
      const { token } = JSON.parse(answer.body.toString()) as { token: string }
      second.calls.forget()
      const bearer = { authorization: `Bearer ${token}` }
      expect((await second.ask({ path: '/v2/', headers: bearer })).status).toBe(200)
      expect(second.calls.counts).toEqual({})
    } finally {
      await first.close()
      await second.close()
    }
  })

  it('keys are read again after a minute, with the first token then', async () => {
    const clock = settableClock()
    const own = await openProxiedRegistry({ stage: await newStage(), clock })
    try {
      const headers = { authorization: basic(USER, PASSWORD) }
      const asked = async () => {
        own.calls.forget()
        expect((await own.ask({ path: '/token', headers })).status).toBe(200)
        return own.calls.counts['AmazonSSM.GetParameter'] ?? 0
      }
      await asked()
      clock.advance(59_000)
      expect(await asked()).toBe(0)
      clock.advance(1000)
      expect([await asked(), await asked()]).toEqual([1, 0])
    } finally {
      await own.close()
    }
  })

  it('the keys of an issuer are one read, once they were fetched by any environment', async () => {
    const idp = await startIssuer()
    const stage = await newStage()
    const issuers = [idp.issuer]
    const first = await openProxiedRegistry({ stage, issuers })
    const second = await openProxiedRegistry({ stage, issuers })
    try {
      const asked = async ({ calls, ask }: ProxiedRegistry) => {
        calls.forget()
        const headers = { authorization: `Bearer ${await idp.token({ jti: randomUUID() })}` }
        expect((await ask({ path: '/v2/', headers })).status).toBe(200)
        const {
          'AmazonSSM.GetParameter': _,
          'AmazonSSM.PutParameter': __,
          ...counts
        } = calls.counts
        return counts
      }
      expect(await asked(first)).toEqual({ [GET]: 1, [TRANSACTION]: 1 })
      idp.failWith(503)
      expect(await asked(second)).toEqual({ [GET]: 1 })
      expect(await asked(second)).toEqual({})
      expect(await asked(first)).toEqual({})
    } finally {
      await first.close()
      await second.close()
      await idp.close()
    }
  })
})

describe('a pull', () => {
  let image: Descriptor
  beforeAll(async () => {
    for (const name of [REPOSITORY, OTHER]) {
      await must(404, { path: `/v2/${name}/manifests/seen` })
    }
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
    const { upstreams } = registry.wing.registry
    const owner = { user: 'system:admin', groups: ['system:masters'] }
    const content = {
      ...UPSTREAM_DEFAULTS,
      urls: [secure.upstream.url],
      insecure: true,
      privateAddresses: true,
    }
    await upstreams.create(owner, undefined, { name: CACHE, content })
    const path = `/token?service=sluice&scope=repository:${repository}:pull`
    const answer = await registry.ask({ path, headers: { authorization: basic(USER, PASSWORD) } })
    const { token } = JSON.parse(answer.body.toString()) as { token: string }
    headers = { authorization: `Bearer ${token}` }
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
    registry.calls.forget()
    await registry.wing.registry.fillJob?.do(job, sentAgain, () => false)
    // `infra/cost/usage.ts` counts on them.
    expect(registry.calls.counts).toEqual({
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
    registry.calls.forget()
    const begun = await must(202, { method: 'POST', path: `/v2/${REPOSITORY}/blobs/uploads/` })
    expect(registry.calls.counts).toEqual({ [GET]: 1, [TRANSACTION]: 1 })
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
    await registry.wing.registry.projects.create(project)
    const owner = { user: 'system:admin', groups: ['system:masters'] }
    const max = { 'openshift.io/images': '9', 'openshift.io/image-tags': '9' }
    const limits = [
      { type: 'openshift.io/Image', max: { storage: '1Mi' } },
      { type: 'openshift.io/ImageStream', max },
    ]
    const { limitRanges, resourceQuotas } = registry.wing.registry
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

const pushed = () => {
  const body = randomBytes(100)
  const path = `/v2/default/told/blobs/uploads/?digest=${digestOf('sha256', body)}`
  return { digest: digestOf('sha256', body), question: { method: 'POST', path, body } }
}

describe('what others are told', () => {
  const owner = { user: 'system:admin', groups: ['system:masters'] }

  it('costs a message for each webhook that wants to know it, and a query now and then; else nothing', async () => {
    const clock = settableClock()
    const telling = await openProxiedRegistry({ stage: await newStage(), clock, events: true })
    const headers = { authorization: basic(USER, PASSWORD) }
    const costs = async (question: Omit<Question, 'as'>, of = telling) => {
      of.calls.forget()
      const { status } = await of.ask({ ...question, headers })
      expect({ ok: status < 300 || status === 307, failures: of.failures }).toEqual({
        ok: true,
        failures: [],
      })
      return of.calls.counts
    }
    try {
      for (const one of [registry, telling]) await one.ask({ path: '/token', headers })
      const plainPush = await costs(pushed().question, registry)
      const first = await costs(pushed().question)
      expect(first).toEqual({ ...plainPush, [QUERY]: 1 })
      expect(await costs(pushed().question)).toEqual(plainPush)
      const { webhooks } = telling.wing.registry
      for (const [name, actions] of [
        ['all', []],
        ['pushes', ['push']],
      ] as const) {
        const url = 'https://receiver.example/'
        const content = { ...WEBHOOK_DEFAULTS, url, actions }
        await webhooks.create(owner, undefined, { name, content })
      }
      clock.advance(10_000)
      const message = 'AmazonSQS.SendMessage'
      const { digest, question } = pushed()
      expect(await costs(question)).toEqual({ ...plainPush, [QUERY]: 1, [message]: 2 })
      const pull = { path: `/v2/default/told/blobs/${digest}` }
      expect(await costs(pull)).toEqual({ [GET]: 1, [message]: 1 })
      expect(await costs({ path: '/v2/' })).toEqual({})
    } finally {
      await telling.close()
    }
  })
})
