/** The data were written by a newer program; this one would not know what it destroys. */
export class NewerDataError extends Error {
  override readonly name = 'NewerDataError'

  constructor(file: string, found: number, known: number) {
    super(
      `${file} has data version ${found}, and this program knows versions up to ${known}: ` +
        'run the newer program, or restore a backup',
    )
  }
}
