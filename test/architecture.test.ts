/** The walls of the house: doors -> http, adapters -> core. */
import { readFileSync, readdirSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const PACKAGES = join(import.meta.dirname, '../packages')

/** What each room may import, besides its own files. */
const ALLOWED: Record<string, RegExp> = {
  // It speaks to a registry over HTTP, as any client does.
  cli: /^(?:node:|@bomb\.sh\/tab\/|@inquirer\/password$|cli-progress$|commander$|fastest-levenshtein$|open$|openid-client$|yaml$)/,
  core: /^node:crypto$/,
  http: /^(?:@sluice\/core\/|node:crypto$|hono$|hono\/)/,
  adapters:
    /^(?:@sluice\/core\/|node:|jose$|hash-wasm$|tldts$|undici$|@aws-sdk\/|@aws-lambda-powertools\/metrics$|@opentelemetry\/)/,
  functions:
    /^(?:@sluice\/(?:core|http|adapters)\/|node:|hono$|hono\/|@aws-sdk\/client-|aws-lambda$)/,
  server:
    /^(?:@sluice\/(?:core|http|adapters)\/|node:|@hono\/node-server|hono$|cli-progress$|yaml$|@aws-sdk\/client-)/,
}

/** Rooms that wire: only they read the environment. */
const DOORS = new Set(['cli', 'functions', 'server'])

/** Names that say nothing of what is inside. */
const EMPTY_NAMES = /(?:^|-)(?:utils?|helpers?|common|misc|types|manager|index|impl)\.ts$/

interface SourceFile {
  readonly room: string
  readonly path: string
  readonly text: string
}

const files: SourceFile[] = readdirSync(PACKAGES).flatMap((room) =>
  readdirSync(join(PACKAGES, room, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const whole = join(PACKAGES, room, 'src', path)
      return { room, path: relative(PACKAGES, whole), text: readFileSync(whole, 'utf8') }
    }),
)

const importsOf = ({ text }: SourceFile): string[] =>
  [...text.matchAll(/(?:^|\s)(?:from|import)\s*\(?\s*'([^'\s]+)'/g)].map((match) => match[1]!)

const offences = (offend: (file: SourceFile) => string[]): string[] =>
  files.flatMap((file) => offend(file).map((what) => `${file.path}: ${what}`))

describe('the house', () => {
  it('has rooms, and each has its walls', () => {
    expect([...new Set(files.map((file) => file.room))].toSorted()).toEqual(
      Object.keys(ALLOWED).toSorted(),
    )
    expect(files.length).toBeGreaterThan(50)
    expect(files.flatMap(importsOf).length).toBeGreaterThan(200)
  })

  it('lets no room import what is not its own', () => {
    const foreign = offences((file) =>
      importsOf(file).filter((name) => !name.startsWith('.') && !ALLOWED[file.room]?.test(name)),
    )
    expect(foreign).toEqual([])
  })

  it('lets no relative import leave its package', () => {
    const leaving = offences((file) =>
      importsOf(file).filter((name) => {
        if (!name.startsWith('.')) return false
        const target = join(PACKAGES, file.path, '..', name)
        return relative(join(PACKAGES, file.room, 'src'), target).startsWith('..')
      }),
    )
    expect(leaving).toEqual([])
  })

  it('reads the environment in doors alone', () => {
    const readers = offences((file) =>
      DOORS.has(file.room) ? [] : (file.text.match(/process\.(?:env|argv)/g) ?? []),
    )
    expect(readers).toEqual([])
  })

  it('makes clients of AWS in doors alone', () => {
    const makers = offences((file) =>
      DOORS.has(file.room)
        ? []
        : (file.text.match(/new (?:CloudWatchLogs|DynamoDB|S3|SQS|SSM)Client\(/g) ?? []),
    )
    expect(makers).toEqual([])
  })

  it('keeps protocols out of core and codes out of adapters', () => {
    const words = offences((file) => {
      if (file.room === 'core') return file.text.match(/WWW-Authenticate|\bstatusCode\b/g) ?? []
      if (file.room === 'adapters') return file.text.match(/RegistryError/g) ?? []
      return []
    })
    expect(words).toEqual([])
  })

  it('names every file for what is in it, and keeps it short', () => {
    expect(offences((file) => basename(file.path).match(EMPTY_NAMES) ?? [])).toEqual([])
    expect(
      offences((file) => {
        const lines = file.text.split('\n').length
        return lines > 400 ? [`${lines} lines`] : []
      }),
    ).toEqual([])
  })
})
