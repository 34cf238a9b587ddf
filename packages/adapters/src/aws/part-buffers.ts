/** Memory for parts, used again and again: what is allocated and left for each part is freed too late. */
import { Gate } from './gate.ts'

/**
 * All parts but the last; S3 takes 10,000 of them, of at least 5 MiB. So an upload in one request may have 10,000 of
 * these, 78 GiB; one that comes in requests of 5 to 8 MiB, each of which leaves a part of its own, at least 48 GiB.
 */
export const PART_BYTES = 8 * 1024 * 1024

/** Being sent at once, by one store. A part of one upload waits for those of all others; none waits for a client. */
export const PARTS_IN_FLIGHT = 4

/** Kept for whoever comes next, beyond those in flight. */
const IDLE = 2

export class PartBuffers {
  readonly #idle: Buffer[] = []
  /** Who has filled a buffer passes here to send it. */
  readonly gate = new Gate(PARTS_IN_FLIGHT)

  /** Of `PART_BYTES`. Never waits: whoever waits for a slow client with a buffer must not keep others from theirs. */
  take(): Buffer {
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(PART_BYTES)
  }

  give(buffer: Buffer): void {
    if (this.#idle.length < PARTS_IN_FLIGHT + IDLE) this.#idle.push(buffer)
  }
}
