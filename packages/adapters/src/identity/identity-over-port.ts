/**
 * An identity provider in another thread. All threads ask the one, so that failed logins are counted once and a password
 * is remembered once, however many threads serve.
 */
import type {
  Credentials,
  Identity,
  IdentityProvider,
  Refusal,
} from '@sluice/core/ports/identity-provider'
import type { MessagePort } from 'node:worker_threads'

interface Question {
  readonly id: number
  readonly credentials: Credentials
}

type Reply =
  | { readonly id: number; readonly answer: Identity | Refusal }
  | { readonly id: number; readonly error: string }

/** The far end: answers what comes through the port, until that closes. */
export function serveIdentities(port: MessagePort, provider: IdentityProvider): void {
  port.on('message', ({ id, credentials }: Question) => {
    provider.identify(credentials).then(
      (answer) => port.postMessage({ id, answer } satisfies Reply),
      (error: unknown) => port.postMessage({ id, error: String(error) } satisfies Reply),
    )
  })
  port.unref()
}

export class IdentityOverPort implements IdentityProvider {
  readonly #port: MessagePort
  readonly #waiting = new Map<number, PromiseWithResolvers<Identity | Refusal>>()
  #lastId = 0

  constructor(port: MessagePort) {
    this.#port = port
    port.on('message', (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id)
      this.#waiting.delete(reply.id)
      if ('answer' in reply) waiting?.resolve(reply.answer)
      else waiting?.reject(new Error(`the identity provider failed: ${reply.error}`))
    })
    port.unref()
  }

  async identify(credentials: Credentials): Promise<Identity | Refusal> {
    const id = ++this.#lastId
    const answer = Promise.withResolvers<Identity | Refusal>()
    this.#waiting.set(id, answer)
    this.#port.postMessage({ id, credentials } satisfies Question)
    return answer.promise
  }
}
