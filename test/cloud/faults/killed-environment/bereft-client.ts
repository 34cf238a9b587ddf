/**
 * A client that does what real ones do when a gateway says 500: it repeats the request, asks where its upload stands and
 * goes on from there, or starts another. Whatever it could not live with is a `Violation`.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { digestOf, type Digest } from '@sluice/core/digest'
import { DEFAULT_POLICY } from '@sluice/core/policy'
import type { Answer, Question } from '../../../http/answer.ts'
import { Violation, violation, type StruckRequests } from './struck-requests.ts'

/** Clocks and timers are no more exact than this. Milliseconds. */
const A_LITTLE = 1000

/**
 * `anew`: starts another upload where its own is claimed by the dead; `waits` until the claim runs out. `leaves`: never
 * comes again, as `Left` tells.
 */
export type Manner = 'anew' | 'waits' | 'leaves'

export class Left extends Error {
  override readonly name = 'Left'
}

export class BereftClient {
  readonly #requests: StruckRequests
  readonly #manner: Manner
  #waited = false

  constructor(requests: StruckRequests, manner: Manner) {
    this.#requests = requests
    this.#manner = manner
  }

  /** A claim of the dead has made it wait. */
  get waited(): boolean {
    return this.#waited
  }

  /** `killed` is called between a request that was lost and its repetition. */
  async send(
    step: string,
    question: Omit<Question, 'as'>,
    status: number,
    killed: () => Promise<void> = async () => undefined,
  ): Promise<Answer> {
    const first = await this.#requests.send(step, question)
    if (first?.status === status) return first
    if (first) throw violation(step, first)
    await killed()
    this.#mayLeave()
    const second = await this.#requests.send(step, question)
    if (second?.status === status) return second
    throw violation(`${step}, again`, second)
  }

  async pushWhole(step: string, repository: string, body: Buffer): Promise<void> {
    const path = `/v2/${repository}/blobs/uploads/?digest=${digestOf('sha256', body)}`
    await this.send(step, { method: 'POST', path, body }, 201)
  }

  /** In chunks that end at these offsets, each with its range, and an empty PUT. */
  async pushInChunks(repository: string, bytes: Buffer, ends: readonly number[]): Promise<void> {
    if (await this.#push(repository, bytes, ends)) return
    if (!(await this.#push(repository, bytes, ends)))
      throw new Violation('another upload was refused')
  }

  async #push(repository: string, bytes: Buffer, ends: readonly number[]): Promise<boolean> {
    const path = `/v2/${repository}/blobs/uploads/`
    const begun = await this.send('POST', { method: 'POST', path }, 202)
    const location = begun.headers['location'] ?? ''
    for (const [at, end] of ends.entries()) {
      const start = ends[at - 1] ?? 0
      const body = bytes.subarray(start, end)
      if (!(await this.#patch(`PATCH ${at + 1}`, location, body, start))) return false
    }
    return this.#finish(repository, digestOf('sha256', bytes), location)
  }

  /** False where the upload is given up. */
  async #patch(step: string, path: string, body: Buffer, start: number): Promise<boolean> {
    const end = start + body.byteLength
    const headers = { 'Content-Range': `${start}-${end - 1}` }
    const patch = { method: 'PATCH', path, body, headers }
    const accepted = await this.#untilClaimed(step, patch, async (): Promise<boolean> => {
      const status = await this.send('GET upload', { path }, 204)
      const stands = offsetOf(status)
      if (stands !== start && stands !== end) throw violation(`${step}, its status`, status)
      return stands === end
    })
    if (typeof accepted === 'boolean') return accepted
    if (accepted.status !== 202 || offsetOf(accepted) !== end) throw violation(step, accepted)
    return true
  }

  async #finish(repository: string, digest: Digest, location: string): Promise<boolean> {
    const put = { method: 'PUT', path: `${location}?digest=${digest}` }
    const finished = await this.#untilClaimed('PUT', put, async () => false)
    if (typeof finished === 'boolean') return finished
    if (finished.status === 201) return true
    if (finished.status !== 404) throw violation('PUT', finished)
    // The dead has finished it: then the blob must be there.
    const path = `/v2/${repository}/blobs/${digest}`
    await this.send('HEAD blob', { method: 'HEAD', path }, 307)
    return true
  }

  /**
   * Sends it again after a kill, unless `isDone` says true, and once more when the claim must have run out. Answers what
   * came in the end; true where it was done, false where the client has not waited.
   */
  async #untilClaimed(
    step: string,
    question: Omit<Question, 'as'>,
    isDone: () => Promise<boolean>,
  ): Promise<Answer | boolean> {
    const first = await this.#requests.send(step, question)
    if (first) return first
    this.#mayLeave()
    const killedAt = Date.now()
    if (await isDone()) return true
    const second = await this.#requests.send(step, question)
    if (!second) throw new Violation(`${step}: died twice`)
    if (second.status !== 416) return second
    if (this.#manner === 'anew') return false
    this.#waited = true
    await sleep(killedAt + DEFAULT_POLICY.uploadClaim + A_LITTLE - Date.now())
    if (await isDone()) throw new Violation(`${step}: done by nobody`)
    const third = await this.#requests.send(step, question)
    return third ?? false
  }

  #mayLeave(): void {
    if (this.#manner === 'leaves') throw new Left()
  }
}

/** `0-0` is said of no bytes too; no chunk has only one. */
function offsetOf(answer: Answer): number {
  const end = Number(/^0-(\d+)$/.exec(answer.headers['range'] ?? '')?.[1])
  return end === 0 ? 0 : end + 1
}
