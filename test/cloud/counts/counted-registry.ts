/**
 * What each request costs: the calls that it makes to DynamoDB, S3 and the parameter store once its process is warm. They
 * are the bill and the latency; a change that makes one more is seen by the tests beside this file.
 */
import { randomBytes } from 'node:crypto'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import type { Answer, Question } from '../../http/answer.ts'
import { describeBytes, manifestBytes, plain, type Descriptor } from '../../http/push.ts'
import { basic } from '../../http/served-registry.ts'
import { settableClock } from '../../temporary-registry.ts'
import {
  newStage,
  openProxiedRegistry,
  PASSWORD,
  USER,
  type ProxiedRegistry,
} from '../proxy/proxied-registry.ts'

export const REPOSITORY = 'default/counted'
export const OTHER = 'default/other'
export const SCOPES = [REPOSITORY, OTHER].map((name) => `scope=repository:${name}:pull,push,delete`)

export const GET = 'DynamoDB.GetItem'
export const GET_MANY = 'DynamoDB.BatchGetItem'
export const QUERY = 'DynamoDB.Query'
export const TRANSACTION = 'DynamoDB.TransactWriteItems'

type Counts = Readonly<Record<string, number>>

export class CountedRegistry {
  #registry: ProxiedRegistry | undefined
  #authorization = ''

  /** Registers what opens and closes it around each file's tests. */
  constructor() {
    vi.setConfig({ testTimeout: 60_000 })
    beforeAll(async () => {
      // What a project is, is kept for ten seconds: here they never end.
      this.#registry = await openProxiedRegistry({
        stage: await newStage(),
        clock: settableClock(),
      })
      this.#authorization = await this.tokenFor(SCOPES)
      for (const name of [REPOSITORY, OTHER]) {
        await this.must(404, { path: `/v2/${name}/manifests/seen` })
      }
    })
    afterAll(() => this.#registry?.close())
  }

  get registry(): ProxiedRegistry {
    if (!this.#registry) throw new Error('the registry is not open')
    return this.#registry
  }

  /** The whole header. */
  async tokenFor(scopes: readonly string[]): Promise<string> {
    const path = `/token?service=sluice&${scopes.join('&')}`
    const headers = { authorization: basic(USER, PASSWORD) }
    const answer = await this.registry.ask({ path, headers })
    const { token } = JSON.parse(answer.body.toString()) as { token: string }
    return `Bearer ${token}`
  }

  /** What one request costs, which must be answered with `status`. */
  readonly cost = async (status: number, question: Omit<Question, 'as'>): Promise<Counts> => {
    this.registry.calls.forget()
    await this.must(status, question)
    return this.registry.calls.counts
  }

  readonly must = async (status: number, question: Omit<Question, 'as'>): Promise<Answer> => {
    const { ask, failures } = this.registry
    const headers = { authorization: this.#authorization, ...question.headers }
    const answer = await ask({ ...question, headers })
    // oxlint-disable-next-line vitest/no-standalone-expect -- said of each request of a test
    expect({ status: answer.status, failures }).toEqual({ status, failures: [] })
    return answer
  }

  readonly newBlob = async (repository = REPOSITORY): Promise<Descriptor> => {
    const body = randomBytes(100)
    const blob = describeBytes(body)
    const path = `/v2/${repository}/blobs/uploads/?digest=${blob.digest}`
    await this.must(201, { method: 'POST', path, body })
    return blob
  }

  readonly newImage = async (reference: string, more: object = {}): Promise<Descriptor> => {
    const layers = [plain(await this.newBlob())]
    const put = putOf(reference, { config: plain(await this.newBlob()), layers, ...more })
    await this.must(201, put.question)
    return put.descriptor
  }
}

/** A request that puts a manifest, which has not been sent. */
export function putOf(reference: string, content: object, mediaType = OCI_MANIFEST) {
  const body = manifestBytes({ mediaType, ...content })
  const path = `/v2/${REPOSITORY}/manifests/${reference}`
  const headers = { 'Content-Type': mediaType }
  const descriptor = describeBytes(body, mediaType)
  return { descriptor, question: { method: 'PUT', path, body, headers } }
}
