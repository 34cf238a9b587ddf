/**
 * A crash at a chosen moment: every change to a file and every transaction of a directory passes a gate, and from the
 * chosen one on none passes it. What waits there waits for ever, as if the process were dead; what was done stays.
 */
import { promises, type PathLike } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import type { Table } from '@sluice/core/ports/table'

const CHANGES = ['copyFile', 'link', 'mkdir', 'open', 'rename', 'rm', 'rmdir', 'unlink'] as const
const FILE_CHANGES = ['truncate', 'write', 'writev'] as const

type Effect = (this: unknown, ...args: never[]) => Promise<unknown>

export class CrashPoints {
  /** The effects that happened, in order. */
  readonly passed: string[] = []
  readonly crashed: Promise<void>
  #left = Infinity
  readonly #crash: () => void

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.crashed = promise
    this.#crash = resolve
  }

  /** So many effects from now on happen. */
  allow(effects: number): void {
    this.#left = effects
  }

  watchTable(table: Table): void {
    const transact = table.transact.bind(table)
    table.transact = (writes) => this.pass(`transact ${writes.length}`, () => transact(writes))
  }

  pass<T>(name: string, effect: () => Promise<T>): Promise<T> {
    if (this.#left <= 0) {
      this.#crash()
      return new Promise<never>(() => undefined)
    }
    this.#left--
    this.passed.push(name)
    return effect()
  }
}

/** Sends the changes of this process's files under `directory` through the gate. Answers what ends that, and closes them. */
export async function watchFiles(
  directory: string,
  points: CrashPoints,
): Promise<() => Promise<void>> {
  const opened: FileHandle[] = []
  const before = new Map<string, Effect>()
  const changes = promises as unknown as Record<string, Effect>
  for (const name of CHANGES) {
    const real = changes[name]
    if (!real) continue
    before.set(name, real)
    changes[name] = function (...args: never[]) {
      const [path, flags] = args as unknown as [PathLike, string | undefined]
      if (!String(path).startsWith(directory)) return real.apply(this, args)
      const act = async (): Promise<unknown> => {
        const answer = await real.apply(this, args)
        if (name === 'open') opened.push(answer as FileHandle)
        return answer
      }
      const isRead = name === 'open' && !/[wa]/.test(flags ?? 'r')
      return isRead ? act() : points.pass(name, act)
    }
  }
  const handle = await open('/dev/null')
  const prototype = Object.getPrototypeOf(handle) as Record<string, Effect>
  await handle.close()
  const fileBefore = new Map<string, Effect>()
  for (const name of FILE_CHANGES) {
    const real = prototype[name]
    if (!real) continue
    fileBefore.set(name, real)
    prototype[name] = function (...args: never[]) {
      return points.pass(name, () => real.apply(this, args))
    }
  }
  syncBuiltinESMExports()
  return async () => {
    for (const [name, real] of before) changes[name] = real
    for (const [name, real] of fileBefore) prototype[name] = real
    syncBuiltinESMExports()
    await Promise.all(opened.map((file) => file.close()))
  }
}
