/** The requests of one client, in steps that have names; in one of them the environment is killed that serves it. */
import type { Answer, Question } from '../../../http/answer.ts'
import type { KillableCloud } from './killable-cloud.ts'
import type { Kill } from './killing-calls.ts'

export interface Target extends Kill {
  readonly step: string
}

export class Violation extends Error {
  override readonly name = 'Violation'
}

/** One request at a time: whose calls are whose is known by the time at which they come. */
const turns = new WeakMap<KillableCloud, Promise<unknown>>()

export class StruckRequests {
  readonly #cloud: KillableCloud
  readonly #authorization: () => Promise<string>
  readonly #target: Target | undefined
  #struck = false
  /** The calls of each step the first time that it was taken. */
  readonly calls = new Map<string, readonly string[]>()

  /** `authorization` is asked for each request: one may come minutes after another. */
  constructor(cloud: KillableCloud, authorization: () => Promise<string>, target?: Target) {
    this.#cloud = cloud
    this.#authorization = authorization
    this.#target = target
  }

  /** The environment was killed. */
  get struck(): boolean {
    return this.#struck
  }

  /**
   * What the gateway answers; `undefined` where it could only say that the function has died, which it may in the step
   * that is the target, and once.
   */
  async send(step: string, question: Omit<Question, 'as'>): Promise<Answer | undefined> {
    const before = turns.get(this.#cloud)
    const sent = (async () => {
      await before?.catch(() => undefined)
      return this.#send(step, question)
    })()
    turns.set(this.#cloud, sent)
    return sent
  }

  async #send(step: string, question: Omit<Question, 'as'>): Promise<Answer | undefined> {
    const { ask, calls } = this.#cloud
    const target = !this.#struck && this.#target?.step === step ? this.#target : undefined
    calls.forget()
    if (target) calls.arm(target)
    const headers = { authorization: await this.#authorization(), ...question.headers }
    const answer = await ask({ ...question, headers })
    if (target && calls.disarm()) {
      const made = calls.list.map(({ name }) => name).join(' ')
      throw new Violation(`${step} has made no call ${target.nth} of ${target.name}: ${made}`)
    }
    if (target) this.#struck = true
    else if (!this.calls.has(step)) {
      this.calls.set(
        step,
        calls.list.map(({ name }) => name),
      )
    }
    const failed = answer.status === 500
    if (failed !== (target !== undefined)) throw violation(step, answer)
    return failed ? undefined : answer
  }
}

export const violation = (step: string, answer: Answer | undefined): Violation =>
  new Violation(`${step}: ${answer?.status} ${answer?.body.toString().slice(0, 300)}`)
