/** What a command tells its user in place of doing what it was asked; `message` is all that is shown. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(
    message: string,
    { exitCode = 1, ...options }: { readonly exitCode?: number; readonly cause?: unknown } = {},
  ) {
    super(message, options)
    this.exitCode = exitCode
  }
}
