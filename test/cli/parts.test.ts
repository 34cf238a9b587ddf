/** Parts of a server that fail while it works: what `sluice status` says then, and that it ends with 1. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startIssuer, type IssuerUnderTest } from '../identity/issuer-under-test.ts'
import { sluiceCommand, type Sluice } from '../openshift/sluice-command.ts'
import { ServerProcess } from '../server/server-process.ts'
import { answer } from '../upstream/fault.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../upstream/start-scripted-upstream.ts'
import { makeImage, putImage } from '../upstream/upstream-content.ts'

vi.setConfig({ testTimeout: 90_000 })

let directory: string
let upstream: ScriptedUpstream
let idp: IssuerUnderTest
let server: ServerProcess
let owner: Sluice

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-parts-'))
  ;[upstream, idp] = await Promise.all([startScriptedUpstream(), startIssuer({ clientID: 'cli' })])
  await putImage(upstream.content, 'org/app', 'v1', makeImage([Buffer.from('a layer')]))
  const [upstreams, trust] = ['upstreams.json', 'trust.json'].map((file) => join(directory, file))
  const metadata = { name: 'up.test' }
  const spec = { urls: [upstream.url], insecure: true, privateAddresses: true }
  const object = { apiVersion: 'sluice.dev/v1', kind: 'Upstream', metadata, spec }
  await writeFile(upstreams!, JSON.stringify(object))
  await writeFile(trust!, JSON.stringify(idp.configuration))
  server = new ServerProcess(
    ['--port', '0', '--threads', '2', '--data-dir', join(directory, 'data')],
    {
      SLUICE_ADMIN_PASSWORD: 'secret',
      SLUICE_UPSTREAMS_CONFIG: upstreams!,
      SLUICE_AUTHENTICATION_CONFIG: trust!,
    },
  )
  owner = sluiceCommand(directory, 'owner')
  await owner(['login', await server.url(), '-u', 'kubeadmin', '-p', 'secret'])
})
afterAll(async () => {
  server.kill('SIGKILL')
  await Promise.all([server.exitCode(), upstream.close(), idp.close()])
  await rm(directory, { recursive: true })
})

/** By a new connection: whichever thread takes it. */
const ask = async (path: string, authorization: string): Promise<number> => {
  const headers = { Authorization: authorization, Connection: 'close' }
  const got = await fetch((await server.url()) + path, { headers })
  await got.arrayBuffer()
  return got.status
}
const OWNER = `Basic ${Buffer.from('kubeadmin:secret').toString('base64')}`
const pull = (): Promise<number> => ask('/v2/up.test/org/app/manifests/v1', OWNER)

it('a part is described as kubectl describes a pod', async () => {
  const pod = ['describe', 'pod', 'image-registry-server']
  const time = /\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000/g
  expect((await owner(pod)).replaceAll(time, 'TIME')).toBe(
    `Name:         image-registry-server
Namespace:    openshift-image-registry
Start Time:   TIME
Labels:       docker-registry=default
              part=server
Annotations:  <none>
Status:       Running
Containers:
  registry:
    State:          Running
      Started:      TIME
    Ready:          True
    Restart Count:  0
Conditions:
  Type   Status
  Ready  True
`,
  )
})

it('an upstream that fails is down until it answers again', async () => {
  upstream.fail('manifest-get', answer(500))
  upstream.fail('manifest-head', answer(500))
  // Each thread counts its own failures: of three in a row two are one thread's.
  for (let asked = 0; asked < 3; asked++) expect(await pull()).not.toBe(200)
  await expect(owner(['status'])).rejects.toThrow(/ended with 1[^]*error: down: upstreams/)
  const row = /^image-registry-upstreams +0\/1 +Error +0 +\S+ +upstream up\.test /m
  expect(await owner(['get', 'pods', '-o', 'wide'])).toMatch(row)
  expect(await owner(['describe', 'pod', 'image-registry-upstreams'])).toMatch(
    /^ {2}registry:\n {4}State: +Waiting\n {6}Reason: +Error\n {6}Message: +upstream up\.test [^]*\n {4}Last State: +Terminated\n[^]* {6}Exit Code: +1\n[^]* {4}Ready: +False\n/m,
  )
  upstream.heal()
  const works = async (): Promise<void> => {
    expect(await pull()).toBe(200)
    expect(await owner(['status'])).toMatch(/^image-registry-upstreams +1\/1 +Running /m)
  }
  await vi.waitFor(works, { timeout: 80_000, interval: 1000 })
})

it('an issuer whose keys cannot be had is down until they can', async () => {
  idp.failWith(503)
  const login = async (): Promise<number> => ask('/v2/', `Bearer ${await idp.token()}`)
  expect(await login()).toBe(401)
  await expect(owner(['status'])).rejects.toThrow(/ended with 1[^]*error: down: issuers/)
  const row =
    /^image-registry-issuers +0\/1 +Error .* the keys of \S+ cannot be had: \S+ answers 503$/m
  expect(await owner(['get', 'pods', '-o', 'wide'])).toMatch(row)
  idp.failWith(undefined)
  const works = async (): Promise<void> => {
    expect(await login()).toBe(200)
    expect(await owner(['status'])).toMatch(/^image-registry-issuers +1\/1 +Running /m)
  }
  await vi.waitFor(works, { timeout: 80_000, interval: 1000 })
})
