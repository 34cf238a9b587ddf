import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ServerProcess } from './server-process.ts'

vi.setConfig({ testTimeout: 60_000 })

const PASSWORD = 'of the owner'
const SECRET = 'of-the-scraper'
const AUTHORIZATION = `Basic ${Buffer.from(`kubeadmin:${PASSWORD}`).toString('base64')}`

describe('a server whose data directory goes away', () => {
  let directory: string
  let data: string
  let server: ServerProcess

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-health-'))
    data = join(directory, 'data')
    const args = ['--port', '0', '--threads', '2', '--data-dir', data]
    server = new ServerProcess(args, {
      SLUICE_ADMIN_PASSWORD: PASSWORD,
      SLUICE_METRICS_SECRET: SECRET,
    })
  })
  afterEach(async () => {
    server.kill('SIGKILL')
    await server.exitCode()
    await rm(directory, { recursive: true })
  })

  const ask = async (path: string, authorization = AUTHORIZATION) => {
    const headers = { Authorization: authorization, Connection: 'close' }
    const answer = await fetch((await server.url()) + path, { headers })
    return [answer.status, await answer.text()] as const
  }

  /** Each thread looks for itself, every ten seconds; whoever asks how it is has one look now. */
  const all = (path: string, status: number) =>
    vi.waitFor(
      async () => {
        for (let asked = 0; asked < 8; asked++) {
          await ask('/readyz')
          expect((await ask(path))[0]).toBe(status)
        }
      },
      { timeout: 30_000, interval: 500 },
    )

  it('refuses requests and names what fails, in every thread, until it is there again', async () => {
    expect(await ask('/v2/')).toEqual([200, '{}'])
    expect(await ask('/readyz?verbose')).toEqual([
      200,
      '[+]ping ok\n[+]table ok\n[+]blob-store ok\n[+]disk ok\nreadyz check passed\n',
    ])
    await rename(data, `${data}-away`)
    await all('/v2/', 503)
    const [status, told] = await ask('/readyz')
    expect([status, told]).toEqual([
      503,
      [
        '[+]ping ok',
        '[-]table failed: the table is gone',
        '[-]blob-store failed: the data directory is gone',
        '[-]disk failed: the data directory is gone',
        'readyz check failed',
        '',
      ].join('\n'),
    ])
    // What a scraper sees is of most use now; who may see it by a role cannot be known.
    const [scraped, exposition] = await ask('/extensions/v2/metrics', `Bearer ${SECRET}`)
    expect([scraped, exposition]).toEqual([200, expect.stringContaining('imageregistry_')])
    for (const path of ['/healthz', '/', '/token', '/extensions/v2/metrics']) {
      const [refused, text] = await ask(path)
      expect([path, refused]).toEqual([path, 503])
      expect(JSON.parse(text)).toMatchObject({
        errors: [{ code: 'UNAVAILABLE', detail: expect.stringContaining('table') as string }],
      })
    }
    await server.untilLogged('a health check failed')
    await rename(`${data}-away`, data)
    await all('/v2/', 200)
    expect((await ask('/healthz'))[0]).toBe(200)
    await server.untilLogged('a health check passes again')
  })
})
