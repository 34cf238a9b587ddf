/** What the registry logged, and how its parts are, on the command line. */
import { spawn } from 'node:child_process'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { SLUICE, sluiceCommand, sluiceEnvironment } from '../openshift/sluice-command.ts'
import { ServerProcess } from '../server/server-process.ts'
import { pushImage } from './push-image.ts'
import { startRegistryOfAlice, type RegistryOfAlice } from './registry-of-alice.ts'

let world: RegistryOfAlice
beforeAll(async () => {
  world = await startRegistryOfAlice()
  await pushImage(world.registry.url, await world.tokenOf('alice'), 'hers/app:v1')
})
afterAll(() => world?.close())

it('get pods shows the parts of the registry, as oc, to those who may see them', async () => {
  const text = await world.admin(['get', 'pods'])
  const [head = '', ...rows] = text.trimEnd().split('\n')
  expect(head.split(/\s{2,}/)).toEqual(['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'])
  expect(
    rows.map((row) =>
      row
        .split(/\s{2,}/)
        .slice(0, 4)
        .join(' '),
    ),
  ).toEqual(
    [
      'blob-store',
      'disk',
      'exporter',
      'issuers',
      'queue',
      'server',
      'sweep',
      'table',
      'upstreams',
    ].map((part) => `image-registry-${part} 1/1 Running 0`),
  )
  await expect(world.alice(['get', 'pods'])).rejects.toThrow(
    'pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "openshift-image-registry"',
  )
  await world.admin(['adm', 'policy', 'add-cluster-role-to-user', 'cluster-reader', 'rita'])
  const reader = ['get', 'pods', '--as', 'rita', '-o', 'name']
  expect((await world.admin(reader)).split('\n')).toContain('pod/image-registry-server')
})

it('logs shows what was logged, to those who may see it', async () => {
  const all = await world.admin(['logs'])
  expect(all).toMatch(/^time="\S+" level=info msg="start registry" /)
  expect(all).toContain('http.request.uri=/v2/hers/app/manifests/v1 ')
  for (const name of [
    'image-registry-server',
    'pods/image-registry-server',
    'deploy/image-registry',
  ])
    expect(await world.admin(['logs', name, '--tail', '1'])).toMatch(/^time=.*\n$/)
  const timed = await world.admin(['logs', '--tail', '2', '--timestamps', '--since', '1h'])
  expect(timed).toMatch(/^(?:\d{4}-\d\d-\d\dT\S+Z time=.*\n){2}$/)
  const hers = await world.admin(['logs', '--project', 'hers'])
  expect(hers).toContain('msg="authorized request"')
  expect(
    hers
      .trimEnd()
      .split('\n')
      .filter((line) => !line.includes('hers')),
  ).toEqual([])
  await expect(world.admin(['logs', 'image-registry-table'])).rejects.toThrow(
    'has no log of its own',
  )
  await expect(world.admin(['logs', 'other'])).rejects.toThrow('pods "other" not found')
  await expect(world.admin(['logs', 'is/other'])).rejects.toThrow('is/other is no pod')
  await expect(world.alice(['logs', 'image-registry-server'])).rejects.toThrow(
    'cannot get resource "pods/log"',
  )
})

it('logs -f goes on with lines as they come', async () => {
  const env = sluiceEnvironment(world.dir, 'admin')
  const child = spawn(process.execPath, [SLUICE, 'logs', '-f', '--tail', '1'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let read = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (read += text))
  const until = async (text: string): Promise<void> => {
    for (const deadline = Date.now() + 30_000; !read.includes(text);) {
      if (Date.now() > deadline) throw new Error(`${text} is not in ${read}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  try {
    await until('time=')
    expect(read).not.toContain('/v2/soon/')
    for (const name of ['one', 'two']) {
      await fetch(`${world.registry.url}/v2/soon/${name}/tags/list`)
      await until(`/v2/soon/${name}/tags/list`)
    }
  } finally {
    child.kill()
  }
})

it('status ends with 1 and names what is down, until it works again', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-down-'))
  const data = join(dir, 'data')
  const server = new ServerProcess(['--port', '0', '--threads', '1', '--data-dir', data], {
    SLUICE_ADMIN_PASSWORD: 'secret',
  })
  try {
    const owner = sluiceCommand(dir, 'owner')
    await owner(['login', await server.url(), '-u', 'kubeadmin', '-p', 'secret'])
    expect(await owner(['status'])).toContain('image-registry-table')
    await rename(data, `${data}-away`)
    const down =
      /ended with 1[^]*error: down: table \(the table is gone\), blob-store \(the data directory is gone\), disk/
    // What was seen a moment ago is not looked at again.
    await vi.waitFor(() => expect(owner(['status'])).rejects.toThrow(down), {
      timeout: 30_000,
      interval: 1000,
    })
    await rename(`${data}-away`, data)
    await vi.waitFor(() => owner(['status']), { timeout: 30_000, interval: 1000 })
  } finally {
    server.kill('SIGKILL')
    await server.exitCode()
    await rm(dir, { recursive: true })
  }
})

it('status shows the parts, to those who may see them', async () => {
  const text = await world.admin(['status', '-n', 'hers'])
  expect(text).toContain('The registry answers, and knows you as kube:admin.')
  expect(text).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE +LAST ERROR$/m)
  expect(text).toMatch(/^image-registry-server +1\/1 +Running +0 +\d+m?\w* +<none>$/m)
})
