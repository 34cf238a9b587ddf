/**
 * The writing thread of a `SqliteTable`. Whatever is queued while it commits is the next group: one commit, hence one
 * fsync, for all of it. None is answered before the commit, and when that fails all fail, since any of them may have
 * seen what another of them wrote.
 */
import { StorageError } from '@sluice/core/ports/storage-error'
import { TableLimitError } from '@sluice/core/ports/table-limits'
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads'
import { commits } from './commits.ts'
import { PAGE_BYTES, openDatabase } from './open-database.ts'
import { SpareRoom } from './spare-room.ts'
import { isFull, sqliteError } from './sqlite-error.ts'
import { TransactionRunner } from './sqlite-transaction.ts'
import type { Decision } from './sqlite-transaction.ts'
import type { Answer, Failure, WriterData, WriterMessage } from './sqlite-writer-client.ts'

/** Bounds how long the first of a group waits for the last. */
const MAX_GROUP = 500

/** SQLite's own default, which serves well. */
const LOG_PAGES = 1000

/** Of the spare room: as much may wait in the log. */
const LOG_SHARE = 3 / 4

if (parentPort === null) throw new Error('this file is a worker')
const { file, keepsRoom, commits: shared } = workerData as WriterData
commits.share(shared)
const database = openDatabase(file)
const runner = new TransactionRunner(database)
const spare = new SpareRoom(`${file}-spare`)
if (keepsRoom) {
  // What is only in the log takes its room a second time before the log is of use again; some is left for what frees.
  const pages = Math.floor((spare.keep() * LOG_SHARE) / PAGE_BYTES)
  database.exec(`PRAGMA wal_autocheckpoint = ${Math.max(1, Math.min(pages, LOG_PAGES))}`)
}

/** Of the thread that started this one, then of those that joined. */
const ports: MessagePort[] = []

type Request = Extract<WriterMessage, { readonly id: number }>

function serve(port: MessagePort): void {
  ports.push(port)
  port.on('message', (message: WriterMessage) => {
    const group = new Map<MessagePort, Request[]>()
    take(group, port, message)
    for (const each of ports) drain(group, each)
    answerAll(group)
  })
}

/** Sorts a message into the group, or does what it asks for at once. */
function take(group: Map<MessagePort, Request[]>, port: MessagePort, message: WriterMessage): void {
  if (message === 'close') return end(group, port)
  if ('join' in message) return serve(message.join)
  const own = group.get(port)
  if (own) own.push(message)
  else group.set(port, [message])
}

function drain(group: Map<MessagePort, Request[]>, port: MessagePort): void {
  for (let taken = 0; taken < MAX_GROUP; taken++) {
    const received: { readonly message: WriterMessage } | undefined = receiveMessageOnPort(port)
    if (received === undefined) return
    take(group, port, received.message)
  }
}

function answerAll(group: Map<MessagePort, Request[]>): void {
  const requests = [...group.values()].flat()
  const answers = commit(requests)
  let from = 0
  for (const [port, own] of group) {
    port.postMessage(answers.slice(from, from + own.length))
    from += own.length
  }
  group.clear()
}

/** What a port sent before it closed is answered first. The file is closed with the port of the thread that owns it. */
function end(group: Map<MessagePort, Request[]>, port: MessagePort): void {
  answerAll(group)
  ports.splice(ports.indexOf(port), 1)
  port.close()
  if (port !== parentPort) return
  for (const joined of ports) joined.close()
  database.close()
}

serve(parentPort)

function commit(group: readonly Request[]): readonly Answer[] {
  if (group.length === 0) return []
  try {
    sync(group.every(({ lazy }) => lazy) ? 'NORMAL' : 'FULL')
    database.exec('BEGIN IMMEDIATE')
    const answers = group.map(answer)
    database.exec('COMMIT')
    commits.add()
    spare.takeBack()
    return answers
  } catch (error) {
    rollBack()
    const all = failure(error)
    const freed = isFull(error) ? commitFreeing(group) : new Map<Request, Answer>()
    return group.map((request) => freed.get(request) ?? { id: request.id, failure: all })
  }
}

/** Of a group that found no room, those that make some: by themselves, then with more and more of the spare room. */
function commitFreeing(group: readonly Request[]): ReadonlyMap<Request, Answer> {
  const freeing = group.filter(({ frees }) => frees)
  const isAlone = freeing.length === group.length
  if (freeing.length === 0 || (isAlone && !spare.lend())) return new Map()
  checkpoint()
  const answers = commit(freeing)
  return new Map(freeing.map((request, at) => [request, answers[at]!]))
}

/** After it SQLite writes its log from the start again, and needs no more room for it. */
function checkpoint(): void {
  try {
    database.exec('PRAGMA wal_checkpoint(PASSIVE)')
  } catch (error) {
    // The file had to grow and could not; there is more to lend.
    if (!isFull(error)) throw error
  }
}

let synchronous: 'NORMAL' | 'FULL' = 'FULL'

/**
 * In WAL mode `NORMAL` commits without a sync, and the log's next sync is of all that is in it.
 * https://sqlite.org/pragma.html#pragma_synchronous
 */
function sync(wanted: typeof synchronous): void {
  if (wanted === synchronous) return
  database.exec(`PRAGMA synchronous = ${wanted}`)
  synchronous = wanted
}

function answer({ id, writes }: Request): Answer {
  let decision: Decision
  try {
    decision = runner.decide(writes)
  } catch (error) {
    // A limit or a wrong `add` concerns this transaction alone.
    if (sqliteError(error) !== error) throw error
    return { id, failure: failure(error) }
  }
  runner.apply(writes, decision)
  return { id, outcome: decision.outcome }
}

/** SQLite has often rolled back by itself. */
function rollBack(): void {
  try {
    if (database.isTransaction) database.exec('ROLLBACK')
  } catch (error) {
    console.error('sqlite-writer: rollback failed', error)
  }
}

function failure(error: unknown): Failure {
  const told = sqliteError(error)
  if (told instanceof StorageError)
    return { kind: told.reason, error: told.message, cause: told.cause }
  const kind = told instanceof TableLimitError ? 'limit' : 'refused'
  return { kind, error: told instanceof Error ? told.message : String(told) }
}
