/** Calls to the cloud's engines, at one of which whoever makes them is killed. */
import { Calls, type Call } from '../../proxy/calls.ts'

/** `before`: when the call arrives, which is not passed on. `after`: its service has done it, the answer is on its way. */
export type KillMoment = 'before' | 'after'

export interface Kill {
  /** The call's name, as `callName` gives it. */
  readonly name: string
  /** Which of that name, counted from 1 since it was armed. */
  readonly nth: number
  readonly moment: KillMoment
}

export class KillingCalls extends Calls {
  readonly #kill: () => void
  #armed: (Kill & { readonly from: number }) | undefined

  constructor(kill: () => void) {
    super()
    this.#kill = kill
  }

  arm(kill: Kill): void {
    this.#armed = { ...kill, from: this.list.length }
  }

  /** True when the kill has not met its call. */
  disarm(): boolean {
    const wasArmed = this.#armed !== undefined
    this.#armed = undefined
    return wasArmed
  }

  override enter(name: string, likeness: string): Call {
    const call = super.enter(name, likeness)
    const armed = this.#armed
    if (!armed || name !== armed.name) return call
    const sofar = this.list.slice(armed.from).filter((other) => other.name === name).length
    if (sofar < armed.nth) return call
    this.#armed = undefined
    call.fault = armed.moment === 'before' ? 'timeout' : 'lost'
    call.struck = this.#kill
    return call
  }
}
