/** Why the program cannot run, in one line for whoever started it; no stack, since nothing in the program is wrong. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure'
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

const MEANINGS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'is not a directory',
  EISDIR: 'is a directory',
  EEXIST: 'is not a directory',
  EACCES: 'is not accessible to this user',
  EPERM: 'is not accessible to this user',
  EROFS: 'is on a read-only file system',
  ENOSPC: 'is on a full disk',
  EDQUOT: 'is on a full disk',
}

/** What a file system error says about the file, to follow its name. */
export function fileProblem(error: unknown): string {
  const code = codeOf(error)
  return MEANINGS[code] ?? `cannot be used (${code === '' ? String(error) : code})`
}

/** Prints the failure and leaves; anything else is a defect and keeps its stack. */
export function failStart(error: unknown): never {
  if (!(error instanceof StartFailure)) throw error
  process.stderr.write(`sluice: ${error.message}\n`)
  process.exit(1)
}
