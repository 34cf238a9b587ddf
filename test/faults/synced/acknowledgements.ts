/** What of a directory was changed and what of it was still unsynced, each time the server told a client of a success. */
import { dirname, relative } from 'node:path'
import type { SystemCall } from './system-calls.ts'

export interface Acknowledgement {
  readonly status: number
  /** Changed since the acknowledgement before: files, and directories that got a name. */
  readonly changed: readonly string[]
  readonly unsynced: readonly string[]
}

const CHANGES = /^(p?write|ftruncate|fallocate|copy_file_range|sendfile)/
const SENDS = /^(write|send)/
const SYNCS = /^f(data)?sync$/
const ANSWER = /"HTTP\/1\.1 (2\d\d)/

/** SQLite's index of its log, which it makes anew after a crash; and what the server says of itself, which acknowledges nothing. */
const isPassing = (path: string): boolean => path.endsWith('-shm') || path.endsWith('/server.log')

/** A path's last change and last sync, of those that had ended by then. */
interface Standing {
  changed: number
  /** The beginning of it: it covers only what was there. */
  synced: number
}

export function acknowledgements(
  calls: readonly SystemCall[],
  directory: string,
): readonly Acknowledgement[] {
  const answers = calls.flatMap((call) => {
    const status = SENDS.test(call.name) ? ANSWER.exec(call.args)?.[1] : undefined
    return status === undefined ? [] : [{ status: Number(status), at: call.start }]
  })
  return answers.map(({ status, at }, index) => {
    const before = answers[index - 1]?.at ?? 0
    const paths = [...standings(calls, directory, at)]
    const names = (those: typeof paths) => those.map(([path]) => relative(directory, path) || '.')
    return {
      status,
      changed: names(paths.filter(([, { changed }]) => changed > before)),
      unsynced: names(paths.filter(([, { changed, synced }]) => changed > synced)),
    }
  })
}

function standings(
  calls: readonly SystemCall[],
  directory: string,
  at: number,
): ReadonlyMap<string, Standing> {
  const paths = new Map<string, Standing>()
  const named = new Map<string, number>()
  const standing = (path: string): Standing => {
    const found = paths.get(path) ?? { changed: 0, synced: 0 }
    paths.set(path, found)
    return found
  }
  for (const call of calls.filter(({ start }) => start < at)) {
    const file = fileOf(call.args)
    if (file?.startsWith(directory) && !isPassing(file)) {
      if (CHANGES.test(call.name)) standing(file).changed = call.end
      if (SYNCS.test(call.name) && call.end <= at) standing(file).synced = call.start
    }
    const { gone, come } = namesOf(call)
    if (gone !== undefined) named.delete(gone)
    if (come?.startsWith(directory)) named.set(come, call.end)
  }
  // A name that is gone again need not have reached the disk.
  for (const [path, time] of named) {
    const above = standing(dirname(path))
    above.changed = Math.max(above.changed, time)
  }
  return paths
}

/** Of the descriptor that comes first; `AT_FDCWD</where>` is none. */
const fileOf = (args: string): string | undefined => /^\d+<([^>]*)>/.exec(args)?.[1]

function namesOf({ name, args }: SystemCall): { readonly gone?: string; readonly come?: string } {
  const paths = [...args.matchAll(/"([^"]*)"/g)].map(([, path]) => path)
  const [first, second] = paths
  if (name.startsWith('open')) return args.includes('O_CREAT') && first ? { come: first } : {}
  if (name.startsWith('mkdir')) return first ? { come: first } : {}
  if (name.startsWith('link')) return second ? { come: second } : {}
  if (name.startsWith('rename')) return first && second ? { gone: first, come: second } : {}
  if (name.startsWith('unlink')) return first ? { gone: first } : {}
  return {}
}
