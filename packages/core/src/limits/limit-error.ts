/** A push that a limit or a quota of its project does not let in. */
import { RegistryError } from '../errors.ts'

export class LimitError extends RegistryError {
  override readonly name = 'LimitError'
  /** What the log says of it, in OpenShift's words. */
  readonly told: string

  /** `message`: which limit, as OpenShift's API says it. */
  constructor(message: string, told: string) {
    super('DENIED', message)
    this.told = `${told}: ${message}`
  }
}
