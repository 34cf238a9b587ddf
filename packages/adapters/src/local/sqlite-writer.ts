/**
 * The writing thread of a `SqliteTable`. Whatever is queued while it commits is the next group: one commit, hence one
 * fsync, for all of it. None is answered before the commit, and when that fails all fail, since any of them may have
 * seen what another of them wrote.
 */
import { StorageError } from '@sluice/core/ports/storage-error'
import { TableLimitError } from '@sluice/core/ports/table-limits'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { openDatabase } from './open-database.ts'
import { sqliteError } from './sqlite-error.ts'
import { TransactionRunner } from './sqlite-transaction.ts'
import type { Decision } from './sqlite-transaction.ts'
import type { Answer, Failure, WriterMessage } from './sqlite-writer-client.ts'

/** Bounds how long the first of a group waits for the last. */
const MAX_GROUP = 500

const port = parentPort
if (port === null) throw new Error('this file is a worker')
const database = openDatabase(String(workerData))
const runner = new TransactionRunner(database)

port.on('message', (first: WriterMessage) => {
  const group = [first]
  while (group.length < MAX_GROUP) {
    const received: { readonly message: WriterMessage } | undefined = receiveMessageOnPort(port)
    if (received === undefined) break
    group.push(received.message)
  }
  port.postMessage(commit(group.filter((message) => message !== 'close')))
  if (group.includes('close')) {
    database.close()
    port.close()
  }
})

type Request = Exclude<WriterMessage, 'close'>

function commit(group: readonly Request[]): readonly Answer[] {
  if (group.length === 0) return []
  try {
    database.exec('BEGIN IMMEDIATE')
    const answers = group.map(answer)
    database.exec('COMMIT')
    return answers
  } catch (error) {
    rollBack()
    const all = failure(error)
    return group.map(({ id }) => ({ id, failure: all }))
  }
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
