/** An upload whose chunks reach two processes in turn, over a store that cannot read an upload back. */
import { randomBytes } from 'node:crypto'
import { digestOf, type Algorithm } from '@sluice/core/digest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic } from '../http/served-registry.ts'
import {
  newStage,
  openProxiedRegistry,
  PASSWORD,
  USER,
  type ProxiedRegistry,
} from './proxy/proxied-registry.ts'

const CHUNK = 2_000_000
const CHUNKS = 8
const READS = ['S3.GetObject', 'S3.HeadObject']

describe('chunks between two doors', () => {
  const doors: ProxiedRegistry[] = []
  const authorization = basic(USER, PASSWORD)

  beforeAll(async () => {
    const stage = await newStage()
    for (let at = 0; at < 2; at++) doors.push(await openProxiedRegistry({ stage }))
  })
  afterAll(() => Promise.all(doors.map((door) => door.close())))

  const push = async (ranges: boolean, algorithm: Algorithm) => {
    const bytes = randomBytes(CHUNK * CHUNKS)
    const digest = digestOf(algorithm, bytes)
    const start = `/v2/default/app/blobs/uploads/?digest-algorithm=${algorithm}`
    const headers = { authorization }
    const started = await doors[0]!.ask({ method: 'POST', path: start, headers })
    let location = started.headers['location'] ?? ''
    for (let at = 0; at < CHUNKS; at++) {
      const range = ranges && { 'Content-Range': `${at * CHUNK}-${(at + 1) * CHUNK - 1}` }
      const answer = await doors[at % 2]!.ask({
        method: 'PATCH',
        path: location,
        headers: { ...headers, ...range },
        body: bytes.subarray(at * CHUNK, (at + 1) * CHUNK),
      })
      expect(answer.status).toBe(202)
      location = answer.headers['location'] ?? ''
    }
    for (const door of doors) door.calls.forget()
    const path = `${location}?digest=${digest}`
    expect((await doors[1]!.ask({ method: 'PUT', path, headers })).status).toBe(201)
    const { counts } = doors[1]!.calls
    return READS.reduce((sum, name) => sum + (counts[name] ?? 0), 0)
  }

  it.for(['sha256', 'sha512'] as const)(
    'with ranges are hashed as they come: the end reads the tail and nothing else, %s',
    async (algorithm) => {
      // Of 16 MB one part of 8 MiB has gone by then; the tail is read to become the last part.
      expect(await push(true, algorithm)).toBe(1)
    },
  )

  it('without ranges are read back, and the digest is as right', async () => {
    expect(await push(false, 'sha256')).toBe(2)
  })
})
