/** A name or an address that leads to where no upstream may be. Which one it is, nobody outside is told. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError'
  readonly code = 'FORBIDDEN_ADDRESS'

  constructor() {
    super('the address is not public')
  }
}
