/** The calls that went through one or more proxies, in the order in which they came, and the fault that awaits one. */

/**
 * `error`: the service fails. `throttle`: it refuses for now. `conflict`: it cancels a transaction for another one.
 * `timeout`: it takes the request and never answers. `reset`: the connection breaks before it sees the request. `lost`:
 * it does what it is asked, and the connection breaks before the answer. `cut`: likewise, in the middle of the answer.
 */
export const FAULT_KINDS = [
  'error',
  'throttle',
  'conflict',
  'timeout',
  'reset',
  'lost',
  'cut',
] as const

export type FaultKind = (typeof FAULT_KINDS)[number]

/**
 * `once`: it strikes one request. `call`: every repetition of it as well, so that its caller hears of it in the end.
 * `service`: every request to that service from then on. The last two last until `heal`.
 */
export type FaultLife = 'once' | 'call' | 'service'

export interface Fault {
  readonly kind: FaultKind
  /**
   * Which call it strikes, counted from 1: of all, or of those that have this name. The repetition of one that was struck
   * is not counted, so that a fault strikes the same call whatever else was struck before.
   */
  readonly call: number
  readonly name?: string
  readonly lasts?: FaultLife
}

export interface Call {
  /** As `callName` gives it: the service, a point, the operation. */
  readonly name: string
  /** What a repetition has in common with it. */
  readonly likeness: string
  /** Bytes of its bodies, as far as they have passed. */
  sent: number
  received: number
  /** 0 until an answer came, and for ever where none did. */
  status: number
  fault: FaultKind | undefined
  /** It is sent again because a fault struck it before. */
  readonly repeats: boolean
  /** Called when its fault strikes: as soon as it is held, or once the service has done what is lost. */
  struck?: () => void
}

export class Calls {
  readonly #waiting: Fault[] = []
  #lasting: { readonly kind: FaultKind; readonly strikes: (call: Call) => boolean } | undefined
  /** Likenesses of what was struck and has not been sent again yet. */
  readonly #struck = new Set<string>()
  #list: Call[] = []

  get list(): readonly Call[] {
    return this.#list
  }

  /** How many of each name. */
  get counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const { name } of this.#list) counts[name] = (counts[name] ?? 0) + 1
    return counts
  }

  /** Whether every fault has met its call. */
  get spent(): boolean {
    return this.waiting === 0
  }

  /** How many faults have not met their calls. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Forgets what was called; faults count from here. */
  forget(): void {
    this.#list = []
  }

  inject(fault: Fault): void {
    this.#waiting.push(fault)
  }

  /** No fault is to come any more, and none lasts. */
  withdraw(): void {
    this.#waiting.length = 0
    this.heal()
  }

  /** Ends the fault that lasts, if one does. */
  heal(): void {
    this.#lasting = undefined
  }

  /** Enters a call that has just come, and says which fault strikes it. */
  enter(name: string, likeness: string): Call {
    const repeats = this.#struck.delete(likeness)
    const call: Call = {
      name,
      likeness,
      sent: 0,
      received: 0,
      status: 0,
      fault: undefined,
      repeats,
    }
    this.#list.push(call)
    const fault = this.#due(call)
    if (fault?.lasts === 'call') {
      this.#lasting = { kind: fault.kind, strikes: (other) => other.likeness === likeness }
    }
    if (fault?.lasts === 'service') {
      const service = serviceOf(name)
      this.#lasting = { kind: fault.kind, strikes: (other) => serviceOf(other.name) === service }
    }
    call.fault = fault?.kind ?? (this.#lasting?.strikes(call) ? this.#lasting.kind : undefined)
    if (call.fault !== undefined) this.#struck.add(likeness)
    return call
  }

  #due({ name, repeats }: Call): Fault | undefined {
    if (repeats) return undefined
    const counted = this.#list.filter((call) => !call.repeats)
    const ofName = counted.filter((call) => call.name === name).length
    const at = this.#waiting.findIndex((fault) =>
      fault.name === undefined
        ? fault.call === counted.length
        : fault.name === name && fault.call === ofName,
    )
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0]
  }
}

const serviceOf = (name: string): string => name.slice(0, name.indexOf('.'))
