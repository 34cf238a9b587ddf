/**
 * A client that does what real ones do when the registry says "not now": it asks again, goes on with an upload from where
 * that stands, or starts it afresh. Whatever it is answered that it could not live with is a violation.
 */
import { digestOf, type Digest } from '@sluice/core/digest'
import { json, type Answer, type Ask, type Question } from '../../http/answer.ts'

const TRIES = 4

export class Violation extends Error {
  override readonly name = 'Violation'
}

export interface PatientClientOptions {
  readonly ask: Ask
  readonly authorization: string
  /** Called when a request was refused for now: what ails the registry may end. */
  readonly onRefused: () => void
}

export interface Expected {
  /** What the answer must be. */
  readonly status: number
  /** What it may be as well for who asks again: the first request may have been done, though it was refused. */
  readonly again?: number
}

export class PatientClient {
  readonly #ask: Ask
  readonly #authorization: string
  readonly #onRefused: () => void

  constructor({ ask, authorization, onRefused }: PatientClientOptions) {
    this.#ask = ask
    this.#authorization = authorization
    this.#onRefused = onRefused
  }

  async send(question: Omit<Question, 'as'>, { status, again }: Expected): Promise<Answer> {
    for (let tried = 1; ; tried++) {
      const answer = await this.#once(question)
      if (answer.status === status || (tried > 1 && answer.status === again)) return answer
      if (!isRefusedForNow(answer) || tried === TRIES) throw violation(question, answer)
    }
  }

  /** In chunks of these sizes, each with its range, and an empty PUT; without sizes in one PATCH without a range. */
  async pushInChunks(
    repository: string,
    bytes: Buffer,
    sizes?: readonly number[],
  ): Promise<Digest> {
    const digest = digestOf('sha256', bytes)
    for (let tried = 1; tried <= TRIES; tried++) {
      if (await this.#pushOnce(repository, digest, bytes, sizes)) return digest
    }
    throw new Violation(`${TRIES} uploads of ${digest} came to nothing`)
  }

  async pushWhole(repository: string, bytes: Buffer): Promise<Digest> {
    const digest = digestOf('sha256', bytes)
    const path = `/v2/${repository}/blobs/uploads/?digest=${digest}`
    await this.send({ method: 'POST', path, body: bytes }, { status: 201 })
    return digest
  }

  async putManifest(
    repository: string,
    reference: string,
    body: Buffer,
    mediaType: string,
  ): Promise<Digest> {
    const path = `/v2/${repository}/manifests/${reference}`
    const headers = { 'Content-Type': mediaType }
    const answer = await this.send({ method: 'PUT', path, headers, body }, { status: 201 })
    const digest = digestOf('sha256', body)
    if (answer.headers['docker-content-digest'] !== digest) throw violation({ path }, answer)
    return digest
  }

  async remove(path: string): Promise<void> {
    await this.send({ method: 'DELETE', path: `/v2/${path}` }, { status: 202, again: 404 })
    await this.send({ path: `/v2/${path}` }, { status: 404 })
  }

  async pullBlob(repository: string, digest: Digest): Promise<void> {
    const path = `/v2/${repository}/blobs/${digest}`
    const answer = await this.send({ path }, { status: 307 })
    const found = await fetch(answer.headers['location'] ?? '')
    const bytes = Buffer.from(await found.arrayBuffer())
    if (found.status !== 200 || digestOf('sha256', bytes) !== digest) {
      throw new Violation(`GET ${path}: ${found.status} and ${bytes.byteLength} bytes at its URL`)
    }
  }

  async pullManifest(repository: string, reference: string, digest: Digest): Promise<void> {
    const path = `/v2/${repository}/manifests/${reference}`
    const answer = await this.send({ path }, { status: 200 })
    if (digestOf('sha256', answer.body) !== digest) throw violation({ path }, answer)
    const head = await this.send({ method: 'HEAD', path }, { status: 200 })
    if (head.headers['docker-content-digest'] !== digest) throw violation({ path }, head)
  }

  async list(path: string): Promise<unknown> {
    return json(await this.send({ path: `/v2/${path}` }, { status: 200 }))
  }

  /** False where a client gives the upload up and starts another. */
  async #pushOnce(
    repository: string,
    digest: Digest,
    bytes: Buffer,
    sizes: readonly number[] | undefined,
  ): Promise<boolean> {
    const path = `/v2/${repository}/blobs/uploads/`
    const begun = await this.send({ method: 'POST', path }, { status: 202 })
    const location = begun.headers['location'] ?? ''
    let wasRefused = false
    const chunks = sizes ?? [bytes.byteLength]
    for (let chunk = 0, start = 0; chunk < chunks.length; chunk++) {
      const end = start + (chunks[chunk] ?? 0)
      const range = { 'Content-Range': `${start}-${end - 1}` }
      const question = {
        method: 'PATCH',
        path: location,
        body: bytes.subarray(start, end),
        ...(sizes && { headers: range }),
      }
      const answer = await this.#once(question)
      if (answer.status === 202) {
        if (offsetOf(answer) !== end) throw violation(question, answer)
        start = end
        continue
      }
      // The writer that was refused may still hold the upload.
      if (answer.status === 416 && wasRefused) return false
      if (!isRefusedForNow(answer)) throw violation(question, answer)
      wasRefused = true
      // Nobody can send again half of what is not in chunks.
      if (!sizes) return false
      const status = await this.send({ path: location }, { status: 204 })
      const offset = offsetOf(status)
      if (offset !== start && offset !== end) throw violation({ path: location }, status)
      if (offset === start) chunk--
      start = offset
    }
    return this.#finish(repository, digest, location, wasRefused)
  }

  async #finish(
    repository: string,
    digest: Digest,
    location: string,
    wasRefused: boolean,
  ): Promise<boolean> {
    const question = { method: 'PUT', path: `${location}?digest=${digest}` }
    for (let refused = wasRefused, tried = 1; ; tried++) {
      const answer = await this.#once(question)
      if (answer.status === 201) return true
      const isOver = answer.status === 404 || answer.status === 416
      if (refused && isOver) {
        const path = `/v2/${repository}/blobs/${digest}`
        const held = await this.send({ method: 'HEAD', path }, { status: 200, again: 404 }).catch(
          (error: unknown) => {
            if (error instanceof Violation) return undefined
            throw error
          },
        )
        return held?.status === 200
      }
      if (!isRefusedForNow(answer) || tried === TRIES) throw violation(question, answer)
      refused = true
    }
  }

  async #once(question: Omit<Question, 'as'>): Promise<Answer> {
    const headers = { authorization: this.#authorization, ...question.headers }
    const answer = await this.#ask({ ...question, headers })
    if (isRefusedForNow(answer)) this.#onRefused()
    return answer
  }
}

/** 503 UNAVAILABLE or 429, and when to come again. */
function isRefusedForNow({ status, headers, body }: Answer): boolean {
  if ((status !== 503 && status !== 429) || headers['retry-after'] === undefined) return false
  // The answer to HEAD has no body.
  return status === 429 || body.byteLength === 0 || body.includes('"UNAVAILABLE"')
}

/** `0-0` is said of no bytes too; no chunk has only one. */
function offsetOf(answer: Answer): number {
  const end = Number(/^0-(\d+)$/.exec(answer.headers['range'] ?? '')?.[1])
  return end === 0 ? 0 : end + 1
}

const violation = ({ method = 'GET', path }: Omit<Question, 'as'>, answer: Answer): Violation =>
  new Violation(`${method} ${path}: ${answer.status} ${answer.body.toString().slice(0, 300)}`)
