/** A log that somebody follows, until he goes. */
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KeptLog } from '@sluice/adapters/log/kept-log'
import { KeptLogReader } from '@sluice/adapters/log/kept-log-reader'
import { createApp } from '@sluice/http/app'
import { expect, it, onTestFinished } from 'vitest'
import { ADMIN, openServedRegistry } from '../served-registry.ts'

const LOG =
  'http://registry.test/api/v1/namespaces/openshift-image-registry/pods/image-registry-server/log'

it.runIf(process.platform === 'linux')(
  'is let go with its reader, also where no line comes that he waits for',
  async () => {
    const served = await openServedRegistry()
    const directory = mkdtempSync(join(tmpdir(), 'sluice-pod-log-'))
    onTestFinished(async () => {
      await served.temporary.close()
      rmSync(directory, { recursive: true })
    })
    const path = join(directory, 'server.log')
    new KeptLog({ path }).write(Buffer.from('time="2026-11-27T10:00:00.000Z" level=info msg=one\n'))
    const readers = (): number =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`) === path
        } catch {
          return false
        }
      }).length - 1
    const app = createApp({ ...served.parts, logs: new KeptLogReader('server', path) })
    for (const query of ['follow=true&tailLines=0', 'follow=true&project=nobodys']) {
      const request = new Request(`${LOG}?${query}`, {
        headers: { authorization: ADMIN, host: 'registry.test' },
      })
      const answer = await app.fetch(request)
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
