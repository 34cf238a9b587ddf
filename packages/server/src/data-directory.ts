/**
 * The directory of one server. It is the root of the blob store too, so the names of the files beside it have a dot,
 * which no key of an object has: the checker must not take them for objects that no record names.
 *
 *     layout.version    number of the layout, so that an older program keeps its hands off a newer one's data
 *     server.lock       an SQLite file, held locked by the server that runs
 *     sluice.db         the table
 *     server.log        what the server logged; server.log.1 to .4 are older
 *     keys.json         the keys that sign registry tokens
 *     registry.id       what the registry is known by to those that it reads through
 *     blobs/ uploads/   and whatever else the blob store makes
 */
import { access, constants, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileProblem, StartFailure } from './start-failure.ts'

const LAYOUT_VERSION = 1

export interface DataDirectory {
  readonly path: string
  readonly tableFile: string
  readonly keysFile: string
  readonly logFile: string
  /** Lets the next server in. */
  close(): void
}

/** Makes the directory where it is missing, and is the only process that has it open until `close` or any death. */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new StartFailure(`data directory ${path} ${fileProblem(error)}`, { cause: error })
  }
  const lock = takeLock(path)
  try {
    await checkVersion(path)
  } catch (error) {
    lock.close()
    throw error
  }
  return { ...namesIn(path), close: () => lock.close() }
}

/** For whoever works beside the server, or without one: a directory that a server has made. */
export async function findDataDirectory(path: string): Promise<DataDirectory> {
  const names = namesIn(path)
  try {
    await access(names.tableFile, constants.R_OK | constants.W_OK)
  } catch (error) {
    throw new StartFailure(`${names.tableFile} ${fileProblem(error)}`, { cause: error })
  }
  await checkVersion(path)
  return { ...names, close: () => undefined }
}

const namesIn = (path: string): Omit<DataDirectory, 'close'> => ({
  path,
  tableFile: join(path, 'sluice.db'),
  keysFile: join(path, 'keys.json'),
  logFile: join(path, 'server.log'),
})

/**
 * A transaction that never ends: its lock is the operating system's own (fcntl) and goes with the process, however that
 * dies, where a file with a process number in it would stay. Nothing else may open this file in this process, since
 * closing any descriptor of it would let the lock go.
 */
function takeLock(path: string): DatabaseSync {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(join(path, 'server.lock'), { timeout: 0 })
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock?.close()
    const problem = isLocked(error)
      ? 'is in use by another server process'
      : `is not writable (${error instanceof Error ? error.message : String(error)})`
    throw new StartFailure(`data directory ${path} ${problem}`, { cause: error })
  }
}

const SQLITE_BUSY = 5

const isLocked = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY

async function checkVersion(path: string): Promise<void> {
  const file = join(path, 'layout.version')
  const text = await readOrMakeVersion(file).catch((error: unknown) => {
    throw new StartFailure(`${file} ${fileProblem(error)}`, { cause: error })
  })
  const version = Number(text)
  if (!Number.isInteger(version)) throw new StartFailure(`${file} holds no version number`)
  if (version > LAYOUT_VERSION) {
    throw new StartFailure(
      `data directory ${path} has layout version ${version}, this program knows up to ` +
        `${LAYOUT_VERSION}: run the newer program, or restore a backup`,
    )
  }
}

async function readOrMakeVersion(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  })
  // Empty also when the power went just after it was made: whoever makes a version 2 must not leave it so.
  if (text.trim() !== '') return text
  await writeFile(file, `${LAYOUT_VERSION}\n`)
  return `${LAYOUT_VERSION}`
}
