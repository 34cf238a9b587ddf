import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { startSluice, type RunningSluice } from '../running-sluice.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../upstream/start-scripted-upstream.ts'
import { makeImage, putImage } from '../upstream/upstream-content.ts'

/** One that every registry knows: its owner's file changes it. */
const UPSTREAM = 'docker.io'

let upstream: ScriptedUpstream
let sluice: RunningSluice
let directory: string
const image = makeImage([Buffer.from('a layer')])

beforeAll(async () => {
  upstream = await startScriptedUpstream()
  await putImage(upstream.content, 'library/nginx', 'latest', image)
  directory = mkdtempSync(join(tmpdir(), 'sluice-upstreams-'))
  const file = join(directory, 'upstreams.yaml')
  const spec = {
    urls: [upstream.url],
    defaultPrefix: 'library',
    insecure: true,
    privateAddresses: true,
  }
  const metadata = { name: UPSTREAM }
  writeFileSync(file, stringify({ apiVersion: 'sluice.dev/v1', kind: 'Upstream', metadata, spec }))
  const env = { SLUICE_UPSTREAMS_CONFIG: file, SLUICE_ROOT_UPSTREAM: UPSTREAM, SLUICE_THREADS: '2' }
  sluice = await startSluice({ env })
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
  rmSync(directory, { recursive: true })
})
afterEach(() => upstream.forget())

const admin = () => `Basic ${Buffer.from(`${sluice.user}:${sluice.password}`).toString('base64')}`

async function tokenFor(scope: string, authorization?: string): Promise<string> {
  const url = `${sluice.url}/token?service=sluice&scope=${scope}`
  const answer = await fetch(url, { headers: authorization ? { authorization } : {} })
  return ((await answer.json()) as { token: string }).token
}

const ask = async (method: string, path: string, token: string): Promise<Response> =>
  fetch(sluice.url + path, { method, headers: { authorization: `Bearer ${token}` } })

const make = async (plural: string, name: string) => {
  const made = await fetch(`${sluice.url}/apis/project.openshift.io/v1/${plural}`, {
    method: 'POST',
    headers: { authorization: admin(), 'content-type': 'application/json' },
    body: JSON.stringify({ metadata: { name } }),
  })
  return [made.status, await made.text()] as const
}

it("serves docker's registry-mirrors: an upstream's names at the root, by a token for these", async () => {
  const token = await tokenFor('repository:library/nginx:pull')
  const found = await ask('GET', '/v2/library/nginx/manifests/latest', token)
  expect(found.status).toBe(200)
  expect(Buffer.from(await found.arrayBuffer())).toEqual(image.bytes)
  const oneLevel = await ask('HEAD', `/v2/nginx/manifests/${image.digest}`, token)
  expect(oneLevel.status).toBe(200)
  expect(upstream.requests.map(({ kind }) => kind)).toEqual(['manifest-get'])
})

it('tells who pushes to a project that does not exist, and asks no upstream about it', async () => {
  const token = await tokenFor('repository:nobodys/app:pull,push', admin())
  const digest = `sha256:${'0'.repeat(64)}`
  expect((await ask('HEAD', `/v2/nobodys/app/blobs/${digest}`, token)).status).toBe(404)
  const refused = await ask('POST', '/v2/nobodys/app/blobs/uploads/', token)
  expect(refused.status).toBe(403)
  expect(await refused.text()).toContain('project nobodys does not exist: create it')
  expect(upstream.requests).toEqual([])
})

it('lets nobody request a project that would hide what is pulled at the root', async () => {
  await putImage(upstream.content, 'bitnami/redis', 'latest', image)
  const token = await tokenFor('repository:bitnami/redis:pull')
  expect((await ask('GET', '/v2/bitnami/redis/manifests/latest', token)).status).toBe(200)
  for (const name of ['library', 'bitnami']) {
    const [status, told] = await make('projectrequests', name)
    expect(status).toBe(403)
    expect(told).toContain('which a project of that name would hide')
  }
  for (const name of ['bit', 'bitnami-2']) {
    const [status] = await make('projectrequests', name)
    expect(status).toBe(201)
  }
  const [status] = await make('projects', 'bitnami')
  expect(status).toBe(201)
})

it('knows a project from its first moment on, whatever was asked by its name before', async () => {
  const before = await tokenFor('repository:fresh/app:pull', admin())
  await ask('GET', '/v2/fresh/app/manifests/v1', before)
  upstream.forget()
  const made = await fetch(`${sluice.url}/apis/project.openshift.io/v1/projectrequests`, {
    method: 'POST',
    headers: { authorization: admin(), 'content-type': 'application/json' },
    body: JSON.stringify({ metadata: { name: 'fresh' } }),
  })
  expect(made.status).toBe(201)
  const token = await tokenFor('repository:fresh/app:pull', admin())
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => ask('GET', '/v2/fresh/app/manifests/v1', token)),
  )
  for (const answer of answers) expect(await answer.text()).toContain('NAME_UNKNOWN')
  expect(upstream.requests).toEqual([])
})
