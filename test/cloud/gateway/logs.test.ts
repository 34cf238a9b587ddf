/** How the registry is and what it logged, behind edge, gateway and function, and on the command line. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sluiceCommand, type Sluice } from '../../openshift/sluice-command.ts'
import { CREDENTIALS, REGION } from '../engines/credentials.ts'
import { engineUrls } from '../engines/engines.ts'
import { startCloud, type RunningCloud } from '../start-cloud.ts'

describe('the parts and logs of a registry in the cloud', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-logs-'))
  const groups = `/sluice/${randomUUID()}`
  let cloud: RunningCloud
  let admin: Sluice

  beforeAll(async () => {
    const endpoint = engineUrls().moto
    const environment = { SLUICE_LOG_GROUPS: groups, AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpoint }
    const client = new CloudWatchLogsClient({ endpoint, region: REGION, credentials: CREDENTIALS })
    const group = { logGroupName: `${groups}/api` }
    await client.send(new CreateLogGroupCommand(group))
    const stream = { ...group, logStreamName: 'one' }
    await client.send(new CreateLogStreamCommand(stream))
    const told = ['/v2/team/app/tags/list', '/v2/other/app/tags/list']
    const logEvents = told.map((uri, at) => ({
      timestamp: Date.now() - 1000 + at,
      message: `${JSON.stringify({ msg: 'response', 'http.request.uri': uri })}\n`,
    }))
    await client.send(new PutLogEventsCommand({ ...stream, logEvents }))
    client.destroy()
    cloud = await startCloud({ engines: engineUrls(), environment })
    admin = sluiceCommand(dir, 'admin')
    await admin(['login', cloud.url, '-u', cloud.user, '-p', cloud.password])
  })
  afterAll(async () => {
    await cloud?.stop()
    rmSync(dir, { recursive: true })
  })

  it('are told of to anybody, at /healthz and /readyz', async () => {
    for (const path of ['/healthz', '/']) {
      const answer = await fetch(cloud.url + path)
      expect([path, answer.status, await answer.text()]).toEqual([path, 200, ''])
    }
    const ready = await fetch(`${cloud.url}/readyz?verbose`)
    expect([ready.status, await ready.text()]).toEqual([
      200,
      '[+]ping ok\n[+]table ok\n[+]blob-store ok\nreadyz check passed\n',
    ])
  })

  it('are shown as pods, and by status', async () => {
    const rows = (await admin(['get', 'pods'])).trimEnd().split('\n').slice(1)
    expect(rows.map((row) => row.split(/\s+/).slice(0, 4).join(' '))).toEqual(
      [
        'api',
        'blob-store',
        'exporter',
        'fill',
        'issuers',
        'queue',
        'sweep',
        'table',
        'upload-door',
        'upstreams',
      ].map((part) => `image-registry-${part} 1/1 Running 0`),
    )
    expect(await admin(['status', '-n', 'default'])).toContain('image-registry-table')
  })

  it('are read from CloudWatch Logs', async () => {
    expect((await admin(['logs'])).trimEnd().split('\n')).toHaveLength(2)
    expect(await admin(['logs', 'image-registry-api', '--project', 'team'])).toBe(
      '{"msg":"response","http.request.uri":"/v2/team/app/tags/list"}\n',
    )
    await expect(admin(['logs', 'image-registry-fill'])).rejects.toThrow('has no log of its own')
  })

  it('each request has its line in the log of the function', async () => {
    await fetch(`${cloud.url}/token`, { headers: { Authorization: 'Basic bm86bm8=' } })
    expect(cloud.log()).toMatch(/"msg":"response",.*"http.request.uri":"\/token"/)
    expect(cloud.log()).not.toContain('bm86bm8')
    expect(cloud.log()).not.toContain(cloud.password)
  })
})
