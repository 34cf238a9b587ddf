/** A log that is kept, for whoever reads a piece of it and whoever follows it until he goes. */
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KeptLog } from '@sluice/adapters/log/kept-log'
import { KeptLogReader } from '@sluice/adapters/log/kept-log-reader'
import { createApp } from '@sluice/http/app'
import { expect, it, onTestFinished } from 'vitest'
import { ADMIN, openServedRegistry } from '../served-registry.ts'

const PODS = 'http://registry.test/api/v1/namespaces/openshift-image-registry/pods'

const LINE = 'time="2026-11-27T10:00:00.000Z" level=info msg=one'

/** A registry that has logged one line. */
async function openLogged() {
  const served = await openServedRegistry()
  const directory = mkdtempSync(join(tmpdir(), 'sluice-pod-log-'))
  onTestFinished(async () => {
    await served.temporary.close()
    rmSync(directory, { recursive: true })
  })
  const path = join(directory, 'server.log')
  new KeptLog({ path }).write(Buffer.from(`${LINE}\n`))
  const app = createApp({ ...served.parts, logs: new KeptLogReader('server', path) })
  const headers = { authorization: ADMIN, host: 'registry.test' }
  const log = async (query: string, part = 'server'): Promise<Response> =>
    app.fetch(new Request(`${PODS}/image-registry-${part}/log?${query}`, { headers }))
  return { path, log }
}

it.runIf(process.platform === 'linux')(
  'is let go with its reader, also where no line comes that he waits for',
  async () => {
    const { path, log } = await openLogged()
    const readers = (): number =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`) === path
        } catch {
          return false
        }
      }).length - 1
    for (const query of ['follow=true&tailLines=0', 'follow=true&project=nobodys']) {
      const answer = await log(query)
      expect(answer.status).toBe(200)
      const reader = answer.body!.getReader()
      const next = reader.read()
      await expect.poll(readers).toBe(1)
      await reader.cancel()
      expect(await next).toEqual({ done: true, value: undefined })
      await expect.poll(readers).toBe(0)
    }
  },
)

it.each([
  ['limitBytes=4', 'time'],
  ['limitBytes=4&follow=true', 'time'],
  ['limitBytes=1000&previous=false', `${LINE}\n`],
])('ends where its reader said: %s', async (query, whole) => {
  const { log } = await openLogged()
  const answer = await log(query)
  expect([answer.status, await answer.text()]).toEqual([200, whole])
})

it('is told apart from that of a pod which there is not', async () => {
  const { log } = await openLogged()
  const table = await log('', 'table')
  expect([table.status, await table.text()]).toEqual([
    400,
    expect.stringContaining('pod image-registry-table has no log of its own'),
  ])
  const none = await log('', 'none')
  expect([none.status, await none.text()]).toEqual([
    404,
    expect.stringContaining('"pods \\"image-registry-none\\" not found"'),
  ])
})
