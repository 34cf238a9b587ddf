/** Tries again what lost a race against another writer; each try reads afresh. */
import { RegistryError } from '../errors.ts'
import { pause } from './pause.ts'

const TRIES = 25
const LONGEST_PAUSE = 40

/** `attempt` answers `undefined` when it lost. */
export async function retrying<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let tried = 0; tried < TRIES; tried++) {
    const answer = await attempt()
    if (answer !== undefined) return answer
    await pause(Math.random() * Math.min(LONGEST_PAUSE, 2 ** tried))
  }
  throw new RegistryError('UNAVAILABLE', 'too many writers change the same thing: try again', {
    retryAfter: 1,
  })
}
