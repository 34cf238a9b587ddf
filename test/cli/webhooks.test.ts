/** Who is told of what is done, as `sluice` adds, changes, shows and removes them; and what they did not take. */
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { WEBHOOK_DEFAULTS } from '@sluice/core/webhook/webhook-settings'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startReceiver, type Receiver } from '../webhooks/start-receiver.ts'
import { pushImage } from './push-image.ts'
import { startRegistryOfAlice, type RegistryOfAlice } from './registry-of-alice.ts'

let world: RegistryOfAlice
let receiver: Receiver
beforeAll(async () => {
  world = await startRegistryOfAlice()
  receiver = await startReceiver()
})
afterAll(async () => {
  await world?.close()
  await receiver?.close()
})
const webhook = (...args: string[]): Promise<string> => world.admin(['webhook', ...args])

const specOf = async (name: string): Promise<unknown> => {
  const object = JSON.parse(await world.admin(['get', 'webhook', name, '-o', 'json'])) as {
    spec: unknown
  }
  return object.spec
}
const LOCAL = ['--insecure', '--private-addresses']

it('one is added, changed, shown and removed', async () => {
  const add = ['add', 'ci', '--url', 'https://ci.example/events', '--secret', 'ci']
  expect(await webhook(...add, '--dry-run')).toBe('webhook.sluice.dev/ci created (dry run)\n')
  const some = ['--action', 'push', '--action', 'delete', '--project', 'team-*']
  expect(await webhook(...add, ...some)).toBe('webhook.sluice.dev/ci created\n')
  const spec = {
    ...WEBHOOK_DEFAULTS,
    url: 'https://ci.example/events',
    secretName: 'ci',
    actions: ['push', 'delete'],
    projects: ['team-*'],
  }
  expect(await specOf('ci')).toEqual(spec)
  expect(await world.admin(['describe', 'webhook', 'ci'])).toBe(
    `Name:               ci
Labels:             <none>
Annotations:        <none>
URL:                https://ci.example/events
Secret:             ci
Actions:            push, delete
Media types:        <all>
Projects:           team-*
Attempts:           20
Insecure:           false
Private addresses:  false
Authorities:        <the system's>
Dead letters:       0
`,
  )
  const set = ['set', 'ci', '--attempts', '3', '--action', '']
  expect(await webhook(...set)).toBe('webhook.sluice.dev/ci configured\n')
  expect(await specOf('ci')).toEqual({ ...spec, attempts: 3, actions: [] })
  await expect(webhook('set', 'ci')).rejects.toThrow('error: say what is to change')
  expect(await webhook('list')).toMatch(/^NAME +URL +ACTIONS +AGE\nci +https:\S+ +all +\d+s\n$/)
  expect(await webhook('remove', 'ci')).toBe('webhook.sluice.dev "ci" deleted\n')
  await expect(webhook('remove', 'ci')).rejects.toThrow('(NotFound)')
})

it('dead letters are shown, sent anew and dropped', async () => {
  const once = ['--attempts', '1', '--media-type', OCI_MANIFEST]
  await webhook('add', 'dead', '--url', receiver.url, ...LOCAL, ...once)
  receiver.answer(500)
  await pushImage(world.registry.url, await world.tokenOf('alice'), 'hers/dead:v1')
  const shown = await vi.waitFor(
    async () => {
      const table = await webhook('dead-letters')
      expect(table).toMatch(/^NAME +WEBHOOK +LAST ERROR +AGE\n(?:dead-\S+ +dead +it answered 500 )/)
      return table
    },
    { timeout: 60_000, interval: 500 },
  )
  const name = /^dead-\S+/m.exec(shown)?.[0] ?? ''
  expect(await world.admin(['describe', 'webhook', 'dead'])).toMatch(/^Dead letters: +1$/m)
  const described = await world.admin(['describe', 'deadletter', name])
  expect(described.replace(/\S+Z$/m, 'TIME').replace(/[0-9a-f]{64}/, 'DIGEST')).toBe(
    `Name:         ${name}
Labels:       <none>
Annotations:  <none>
Webhook:      dead
Attempts:     1
Last error:   it answered 500
Event:
  Action:      push
  Time:        TIME
  Repository:  hers/dead
  Tag:         v1
  Digest:      sha256:DIGEST
  Media type:  application/vnd.oci.image.manifest.v1+json
  Actor:       alice
`,
  )
  receiver.answer(200)
  receiver.forget()
  expect(await webhook('retry', name)).toBe(`deadletter.sluice.dev "${name}" sent anew\n`)
  await vi.waitFor(() => expect(receiver.events.map(({ id }) => `dead-${id}`)).toContain(name), {
    timeout: 60_000,
  })
  await expect(webhook('drop')).rejects.toThrow('error: name dead letters, or say --all')
  await webhook('drop', '--all')
  expect(await webhook('dead-letters')).toBe('')
})

it.each([
  [['add', 'b'], 'spec.url'],
  [['add', 'B', '--url', 'https://b.example'], 'metadata.name: Invalid value: "B"'],
  [['add', 'b', '--url', 'https://b.example', '--action', 'burn'], 'must be one of push, pull'],
  [['add', 'b', '--url', 'https://b.example', '--attempts', 'x'], "argument 'x' is invalid"],
])('webhook %j ends with 1 and says what is wrong', async (args, said) => {
  const failed = await webhook(...args).catch((error: Error) => error)
  expect(String(failed)).toContain('ended with 1:\n')
  expect(String(failed)).toContain(said)
})

it('whoever may not change the registry may not change them', async () => {
  await expect(world.alice(['webhook', 'add', 'c', '--url', 'https://c.example'])).rejects.toThrow(
    'Error from server (Forbidden): webhooks.sluice.dev',
  )
})

it('rights on them are asked about by their names alone', async () => {
  const role = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: listener }
rules: [{ apiGroups: [sluice.dev], resources: [webhooks, deadletters], verbs: [get] }]
`
  await world.admin(['create', '-f', '-'], role)
  await world.admin(['adm', 'policy', 'add-cluster-role-to-user', 'listener', 'bob'])
  for (const resource of ['webhooks', 'deadletters']) {
    expect(await world.admin(['policy', 'who-can', 'get', resource, '-A'])).toMatch(
      /^Users: +bob$/m,
    )
  }
})
