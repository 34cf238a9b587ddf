/** What Lambda does to a function, in the real runtime client: each rule seen biting, and not biting when it is off. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { json, text } from '../../http/answer.ts'
import { echoGateways } from './echo-gateway.ts'

describe('Lambda', () => {
  const open = echoGateways()

  it('keeps an environment for the next request, and gives it one at a time', async () => {
    const gateway = await open()
    const first = await gateway.echo()
    const second = await gateway.echo()
    expect({ pid: second.pid, calls: second.calls }).toEqual({ pid: first.pid, calls: 2 })
    const together = await Promise.all([1, 2, 3].map(() => gateway.echo({ order: { sleep: 200 } })))
    expect(new Set(together.map(({ pid }) => pid)).size).toBe(3)
    expect(gateway.coldStarts()).toBe(3)
    expect(gateway.environments()).toHaveLength(3)
  })

  it('goes on with the environment that was used last, or with the one that waited longest', async () => {
    for (const [reuse, different] of [
      ['latest', 1],
      ['oldest', 2],
    ] as const) {
      const gateway = await open({ reuse, maxEnvironments: 2 })
      await Promise.all([1, 2].map(() => gateway.echo({ order: { sleep: 200 } })))
      const pids = new Set<number>()
      for (let at = 0; at < 4; at++) pids.add((await gateway.echo()).pid)
      expect(pids.size).toBe(different)
    }
  })

  it.each([
    [503, 'Service Unavailable'],
    [429, 'Too Many Requests'],
    [500, 'Internal Server Error'],
  ] as const)('throttles when all environments are taken: %i', async (throttledStatus, message) => {
    const gateway = await open({ maxEnvironments: 1, throttledStatus })
    const busy = gateway.echo({ order: { sleep: 500 } })
    await sleep(200)
    const throttled = await gateway.ask({})
    expect(throttled.status).toBe(throttledStatus)
    expect(json(throttled)).toEqual({ message })
    expect((await busy).calls).toBe(1)
  })

  it('starts cold each time where an environment lives for one invocation', async () => {
    const gateway = await open({ invocationsPerEnvironment: 1 })
    expect((await gateway.echo()).calls).toBe(1)
    expect((await gateway.echo()).calls).toBe(1)
    expect(gateway.coldStarts()).toBe(2)
  })

  it.each([
    [true, 0, 20],
    [false, 30, Infinity],
  ])('freezes an environment between two requests: %s', async (freezes, least, most) => {
    const gateway = await open({ freezes })
    const before = await gateway.echo()
    await sleep(700)
    const ticks = (await gateway.echo()).ticks - before.ticks
    expect(ticks).toBeGreaterThanOrEqual(least)
    expect(ticks).toBeLessThanOrEqual(most)
  })

  it('answers 503 when the function takes longer than the gateway waits', async () => {
    const gateway = await open({ integrationTimeoutMs: 1000 })
    const answer = await gateway.ask({ order: { sleep: 2000 } })
    expect(answer.status).toBe(503)
    expect(json(answer)).toEqual({ message: 'Service Unavailable' })
    expect((await gateway.echo()).calls).toBe(1)
    await sleep(2000)
    // The first environment has finished what nobody waits for, and is still there.
    expect(gateway.environments().map(({ state }) => state)).toEqual(['frozen', 'frozen'])
  })

  it('kills an environment at its own time-out', async () => {
    const gateway = await open({ functionTimeoutMs: 600 })
    const { pid } = await gateway.echo()
    expect((await gateway.ask({ order: { sleep: 5000 } })).status).toBe(500)
    expect(gateway.log()).toContain('Task timed out')
    expect((await gateway.echo()).pid).not.toBe(pid)
  })

  it.each([500, 502] as const)(
    'answers %i when the function throws or dies',
    async (failedStatus) => {
      const gateway = await open({ failedStatus })
      const { pid } = await gateway.echo()
      const thrown = await gateway.ask({ order: { throw: 'of the function' } })
      expect(thrown.status).toBe(failedStatus)
      expect(json(thrown)).toEqual({ message: 'Internal Server Error' })
      expect(gateway.log()).toContain('of the function')
      expect((await gateway.echo()).pid).toBe(pid)
      expect((await gateway.ask({ order: { exit: 3 } })).status).toBe(failedStatus)
      expect(gateway.log()).toContain('Runtime exited: 3')
      expect((await gateway.echo()).pid).not.toBe(pid)
    },
  )

  it('goes on without an environment that was killed, idle or at work', async () => {
    const gateway = await open()
    await gateway.echo()
    gateway.environments()[0]?.kill()
    const working = gateway.ask({ order: { sleep: 5000 } })
    await sleep(500)
    gateway.environments().at(-1)?.kill()
    expect((await working).status).toBe(500)
    expect((await gateway.echo()).calls).toBe(1)
  })

  it('takes no event above 6 MB, base64 and all, and at 6 MB it does', async () => {
    const gateway = await open()
    const bytes = Buffer.alloc(4_600_000)
    const fits = await gateway.echo({ method: 'PUT', body: bytes })
    expect(Buffer.from(fits.event.body ?? '', 'base64').equals(bytes)).toBe(true)
    const refused = await gateway.ask({ method: 'PUT', body: Buffer.alloc(4_800_000) })
    expect(refused.status).toBe(413)
    expect(json(refused)).toEqual({ message: 'Request Entity Too Large' })
    const headers = { 'Content-Type': 'application/json' }
    const asText = await gateway.ask({ method: 'PUT', body: '"'.repeat(4_800_000), headers })
    expect(asText.status).toBe(413)
  })

  it('takes no result above 6 MB', async () => {
    const gateway = await open()
    const fits = await gateway.ask({ order: { bytes: 6_200_000 } })
    expect(fits.body.byteLength).toBe(6_200_000)
    expect((await gateway.ask({ order: { bytes: 6_300_000 } })).status).toBe(500)
    expect(gateway.log()).toContain('Response payload size exceeded')
    expect((await gateway.ask({ order: { bytes: 1 } })).status).toBe(200)
  })

  it('ends an environment whose objects outgrow its memory', async () => {
    for (const [memoryMb, status] of [
      [512, 200],
      [128, 500],
    ] as const) {
      const gateway = await open({ memoryMb })
      const { env, pid } = await gateway.echo()
      expect(env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']).toBe(String(memoryMb))
      expect((await gateway.ask({ order: { heap: 200 } })).status).toBe(status)
      expect(gateway.log().includes('heap out of memory')).toBe(status === 500)
      expect((await gateway.echo()).pid === pid).toBe(status === 200)
    }
  })

  it('gives the function its own environment and nothing of this process', async () => {
    const gateway = await open({}, { env: { SLUICE_TABLE: 'table' } })
    const { env } = await gateway.echo()
    expect(env).toMatchObject({
      SLUICE_TABLE: 'table',
      AWS_REGION: 'us-east-1',
      _HANDLER: 'echo-function.handler',
    })
    expect(env['VITEST']).toBeUndefined()
    expect(env['HOME']).toBeUndefined()
  })

  it('is gone when it is closed', async () => {
    const gateway = await open()
    const { pid } = await gateway.echo()
    await gateway.close()
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
    await expect(gateway.ask({})).rejects.toThrow(/ECONNREFUSED|ECONNRESET|hang up/)
  })

  it('answers a string as the JSON of a 200', async () => {
    const gateway = await open()
    const answer = await gateway.ask({ order: { result: { hello: 'world' } } })
    expect(answer.status).toBe(200)
    expect(text(answer)).toBe('{"hello":"world"}')
  })
})
