/** The audit of a real server: in its log, whatever the level of that is. */
import { randomBytes } from 'node:crypto'
import { digestOf } from '@sluice/core/digest'
import { describe, expect, it } from 'vitest'
import { basic } from '../http/served-registry.ts'
import { startSluice, type RunningSluice } from '../running-sluice.ts'

/** Pushes a blob and pulls it, and is refused once. What the log then says of it. */
async function audited(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const server = await startSluice({ env: { SLUICE_LOG_LEVEL: 'error', ...env } })
  try {
    await pushPullAndFail(server)
  } finally {
    await server.stop()
  }
  const said = server.log()
  expect(said).not.toMatch(/hunter2|Basic /)
  expect(said).not.toContain(server.password)
  return said.split('\n').filter((line) => /openshift\.logger"?[=:]"?audit/.test(line))
}

async function pushPullAndFail(server: RunningSluice): Promise<void> {
  const bytes = randomBytes(10)
  const digest = digestOf('sha256', bytes)
  const headers = { authorization: basic(server.user, server.password), 'user-agent': 'a b' }
  const blobs = `${server.url}/v2/default/app/blobs`
  const pushed = await fetch(`${blobs}/uploads/?digest=${digest}`, {
    method: 'POST',
    headers,
    body: bytes,
  })
  expect(pushed.status).toBe(201)
  expect((await fetch(`${blobs}/${digest}`, { headers })).status).toBe(200)
  const wrong = { authorization: basic(server.user, 'hunter2') }
  expect((await fetch(`${server.url}/token`, { headers: wrong })).status).toBe(401)
}

describe('the audit of a server', () => {
  it('tells of changes and refused logins, unless it is told otherwise', async () => {
    const lines = await audited({})
    expect(lines.map((line) => /msg="?([\w.]+)/.exec(line)?.[1])).toEqual([
      'BlobWriter.Commit',
      'login',
    ])
    expect(lines[0]).toMatch(/ openshift\.auth\.user="kube:admin" vars\.name=default\/app /)
    expect(lines[0]).toMatch(/ http\.request\.remoteaddr=127\.0\.0\.1 .*useragent="a b"/)
  })

  it('tells of pulls as well, as JSON, from whichever thread', async () => {
    const lines = await audited({
      SLUICE_AUDIT: 'all',
      SLUICE_LOG_FORMAT: 'json',
      SLUICE_THREADS: '2',
    })
    const said = lines.map((line) => JSON.parse(line) as Record<string, string>)
    expect(said.map(({ msg }) => msg)).toEqual([
      'BlobWriter.Commit',
      'BlobStore.ServeBlob',
      'login',
    ])
  })

  it('tells nothing when it is off', async () => {
    expect(await audited({ SLUICE_AUDIT: 'off' })).toEqual([])
  })
})
