/** Transfers of blobs: how many at once, how they end, and what a range must say. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Upstream, UpstreamBlob } from '@sluice/core/ports/upstream'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bytesOf } from '../../upstream/bytes-of.ts'
import { BLOB, BLOB_DIGEST, CALLS, REPOSITORY } from '../../upstream/calls.ts'
import { answer } from '../../upstream/fault.ts'
import { expectFailure } from '../../upstream/expect-failure.ts'
import { openDialer } from '../../upstream/open-dialer.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../../upstream/start-scripted-upstream.ts'
import { makeImage, putImage } from '../../upstream/upstream-content.ts'
import { upstreamSettings } from '../../upstream/upstream-settings.ts'

const SOON = { idleMs: 300 }

/** For everything that is under way on this machine to happen. */
const settled = (): Promise<void> => sleep(50)

async function open(upstream: Upstream): Promise<UpstreamBlob> {
  const found = await upstream.blob(REPOSITORY, BLOB_DIGEST, 0)
  if (!found) throw new Error('the blob is not there')
  return found
}

let scripted: ScriptedUpstream
beforeEach(async () => {
  scripted = await startScriptedUpstream()
  await putImage(scripted.content, REPOSITORY, 'v1', makeImage([BLOB]))
})
afterEach(() => scripted.close())

const dial = (more: Partial<UpstreamSettings> = {}, limits = {}): Upstream =>
  openDialer({ limits }).dialer.dial('scripted', upstreamSettings(scripted.url, more))

describe('transfers', () => {
  it('are as many at once as the settings allow; more wait in turn', async () => {
    const upstream = dial({ concurrency: 2 })
    const one = await open(upstream)
    const two = await open(upstream)
    const order: number[] = []
    const waiting = [3, 4, 5].map(async (number) => {
      const found = await open(upstream)
      order.push(number)
      return found
    })
    await settled()
    expect(scripted.count('blob-get')).toBe(2)
    expect(await bytesOf(one)).toEqual(BLOB)
    expect(await bytesOf(await waiting[0]!)).toEqual(BLOB)
    expect(await bytesOf(two)).toEqual(BLOB)
    for (const next of waiting.slice(1)) expect(await bytesOf(await next)).toEqual(BLOB)
    expect(order).toEqual([3, 4, 5])
  })

  it('give their turn back however they end', async () => {
    const upstream = dial({ concurrency: 1 }, SOON)
    for (const fault of [
      answer(404, {}, '{}'),
      answer(500),
      { kind: 'cut', after: 10 },
      { kind: 'hang', after: 10 },
    ] as const) {
      scripted.fail('blob-get', fault, 1)
      await upstream
        .blob(REPOSITORY, BLOB_DIGEST, 0)
        .then(bytesOf, () => undefined)
        .catch(() => 0)
    }
    for await (const piece of (await open(upstream)).bytes) {
      expect(piece.byteLength).toBeGreaterThan(0)
      break
    }
    expect(await bytesOf(await open(upstream))).toEqual(BLOB)
  })

  it('that nobody begins to read are ended', async () => {
    const upstream = dial({ concurrency: 1 }, SOON)
    const left = await open(upstream)
    expect(await bytesOf(await open(upstream))).toEqual(BLOB)
    await expectFailure(bytesOf(left), 'unreachable')
  })

  it('that are read twice fail the second time', async () => {
    const found = await open(dial())
    expect(await bytesOf(found)).toEqual(BLOB)
    await expectFailure(bytesOf(found), 'unreachable')
  })

  it('are counted together by whoever dials the same', async () => {
    const { dialer } = openDialer()
    const again = (): Upstream =>
      dialer.dial('scripted', upstreamSettings(scripted.url, { concurrency: 1 }))
    const one = await open(again())
    const two = open(again())
    await settled()
    expect(scripted.count('blob-get')).toBe(1)
    await bytesOf(one)
    expect(await bytesOf(await two)).toEqual(BLOB)
  })

  it.each([
    ['another start', { 'content-range': 'bytes 6-199999/200000' }],
    ['another end', { 'content-range': 'bytes 5-100/200000' }],
    ['no size', { 'content-range': 'bytes 5-199999/*' }],
    ['none', { 'content-range': undefined }],
    ['another length', { 'content-range': 'bytes 5-299999/300000' }],
  ])('of a range with %s are a lie', async (_name, headers) => {
    scripted.fail('blob-get', { kind: 'headers', headers })
    await expectFailure(dial().blob(REPOSITORY, BLOB_DIGEST, 5), 'lying')
  })

  it('from beyond the end are a lie', async () => {
    await expectFailure(dial().blob(REPOSITORY, BLOB_DIGEST, BLOB.byteLength + 1), 'lying')
  })

  it('that end before the length that a range said break off', async () => {
    const length = { 'content-length': undefined, 'transfer-encoding': 'chunked' }
    const range = { 'content-range': `bytes 5-299999/300000` }
    scripted.fail('blob-get', { kind: 'headers', headers: { ...length, ...range } })
    const found = await dial().blob(REPOSITORY, BLOB_DIGEST, 5)
    await expectFailure(bytesOf(found), 'unreachable')
  })

  it('that go on after the length that a range said are a lie', async () => {
    const length = { 'content-length': undefined, 'transfer-encoding': 'chunked' }
    const range = { 'content-range': `bytes 5-99/100` }
    scripted.fail('blob-get', { kind: 'headers', headers: { ...length, ...range } })
    const found = await dial().blob(REPOSITORY, BLOB_DIGEST, 5)
    await expectFailure(bytesOf(found), 'lying')
  })
})

describe('connections', () => {
  it('are kept for whoever dials the same, and used again', async () => {
    const { dialer } = openDialer()
    for (let times = 0; times < 5; times++) {
      for (const method of ['manifest', 'blob', 'blobUrl', 'tags', 'referrers']) {
        await CALLS[method]!(dialer.dial('scripted', upstreamSettings(scripted.url)))
      }
    }
    // One, and a second while the first is still looked at.
    expect(scripted.connections()).toBeLessThanOrEqual(2)
  })

  it('that end just as they are used again are replaced', async () => {
    const upstream = dial()
    await CALLS['tags']!(upstream)
    scripted.fail('tags', { kind: 'cut' }, 1)
    expect(await CALLS['tags']!(upstream)).toEqual(['v1'])
    expect(scripted.count('tags')).toBe(3)
    scripted.fail('tags', { kind: 'cut' }, 2)
    await expectFailure(CALLS['tags']!(upstream), 'unreachable')
    expect(scripted.count('tags')).toBe(5)
  })
})
