/** Several writers on one upload, at the same time and one inside the other. */
import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { digestOf } from '@sluice/core/digest'
import { describeDoors } from './describe-doors.ts'
import { expectRefusal } from './refusal.ts'

/** A body whose first piece comes at once and whose rest when it is told. */
function halting(first: Uint8Array, rest: Uint8Array) {
  const { promise: told, resolve: go } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const body = (async function* () {
    yield first
    begin()
    await told
    yield rest
  })()
  return { body, begun, go }
}

describeDoors('end-5 and end-6, two writers on one upload', (door) => {
  const start = async () =>
    (await door.post('/v2/default/app/blobs/uploads/')).headers.location ?? ''
  const range = async (location: string) => (await door.get(location)).headers.range
  /** Until the writer's claim is in its record. */
  const claimed = async (location: string) => {
    const sk = `upload#${location.split('/').at(-1)}`
    for (;;) {
      const item = await door.served.temporary.table.get({ pk: 'repo#default/app', sk })
      if (Number(item?.claimedUntil) > 0) return
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const finish = async (location: string, bytes: Uint8Array) => {
    const digest = digestOf('sha256', bytes)
    const answer = await door.put(`${location}?digest=${digest}`)
    expect(answer.status).toBe(201)
    expect((await door.get(`/v2/default/app/blobs/${digest}`)).body.equals(bytes)).toBe(true)
  }

  it('end-5 lets one of many equal chunks win; all others get 416', async () => {
    for (let round = 0; round < 3; round++) {
      const location = await start()
      const chunks = Array.from({ length: 8 }, () => randomBytes(20_000))
      const send = (chunk: Buffer) => door.patch(location, chunk, { 'Content-Range': '0-19999' })
      const answers = await Promise.all(chunks.map(send))
      const won = answers.flatMap((answer, at) => (answer.status === 202 ? [at] : []))
      expect(won).toHaveLength(1)
      for (const answer of answers) {
        if (answer.status === 202) continue
        expectRefusal(answer, 416, 'RANGE_INVALID')
        expect(answer.headers).toMatchObject({
          location,
          range: /^0-(0|19999)$/.exec(answer.headers.range ?? '')?.[0],
        })
      }
      expect(await range(location)).toBe('0-19999')
      await finish(location, chunks[won[0] ?? 0] ?? Buffer.alloc(0))
    }
  })

  it.skipIf(door.buffers).each(['PATCH', 'PUT'])(
    'end-5 refuses a %s while a chunk is under way, which is kept whole',
    async (method) => {
      const location = await start()
      const bytes = randomBytes(200_000)
      const slow = halting(bytes.subarray(0, 100_000), bytes.subarray(100_000))
      const first = door.patch(location, slow.body)
      await slow.begun
      await claimed(location)
      const path = `${location}?digest=${digestOf('sha256', bytes)}`
      const second = await door.ask({ method, path, body: randomBytes(10) })
      expectRefusal(second, 416, 'RANGE_INVALID')
      expect(second.headers).toMatchObject({ location, range: '0-0' })
      expect(await range(location)).toBe('0-0')
      slow.go()
      expect((await first).headers.range).toBe('0-199999')
      await finish(location, bytes)
    },
  )

  it.skipIf(door.buffers)(
    'end-14 cancels an upload under its writer, who learns of it, and nothing is left',
    async () => {
      const location = await start()
      const slow = halting(randomBytes(100_000), randomBytes(100_000))
      const first = door.patch(location, slow.body)
      await slow.begun
      await claimed(location)
      expect((await door.delete(location)).status).toBe(204)
      slow.go()
      expectRefusal(await first, 416, 'RANGE_INVALID')
      expectRefusal(await door.get(location), 404, 'BLOB_UPLOAD_UNKNOWN')
      door.clock.advance(2 * 86_400_000)
      expect((await door.registry.sweeper.sweep()).errors).toEqual([])
      expect(await door.served.store.listUploads(Infinity)).toEqual([])
    },
  )

  it.skipIf(door.buffers)(
    'end-5 gives the upload of a dead writer to the next one, and the dead writer nothing',
    async () => {
      const location = await start()
      const bytes = randomBytes(1000)
      await door.patch(location, bytes)
      const slow = halting(randomBytes(70_000), randomBytes(70_000))
      const dead = door.patch(location, slow.body)
      await slow.begun
      await claimed(location)
      door.clock.advance(120_000)
      const more = randomBytes(500)
      const next = await door.patch(location, more, { 'Content-Range': '1000-1499' })
      expect({ status: next.status, range: next.headers.range }).toEqual({
        status: 202,
        range: '0-1499',
      })
      slow.go()
      expectRefusal(await dead, 416, 'RANGE_INVALID')
      await finish(location, Buffer.concat([bytes, more]))
    },
  )

  it('end-6 lets one of two final PUTs win', async () => {
    const bytes = randomBytes(50_000)
    const location = await start()
    await door.patch(location, bytes)
    const path = `${location}?digest=${digestOf('sha256', bytes)}`
    const answers = await Promise.all([door.put(path), door.put(path), door.put(path)])
    const statuses = answers.map((answer) => answer.status).toSorted((one, other) => one - other)
    expect(statuses[0]).toBe(201)
    for (const status of statuses.slice(1)) expect([404, 416]).toContain(status)
    expect((await door.get(`/v2/default/app/blobs/${digestOf('sha256', bytes)}`)).status).toBe(200)
  })

  it('end-4b takes one blob from many at once', async () => {
    const bytes = randomBytes(100_000)
    const digest = digestOf('sha256', bytes)
    const repositories = Array.from({ length: 12 }, (_, at) => `default/many-${at % 6}`)
    const answers = await Promise.all(
      repositories.map((repository) =>
        door.post(`/v2/${repository}/blobs/uploads/?digest=${digest}`, bytes),
      ),
    )
    expect(answers.map((answer) => answer.status)).toEqual(repositories.map(() => 201))
    const { problems } = await door.registry.checker.check({ deep: true, pause: 10 })
    expect(problems).toEqual([])
  })
})
