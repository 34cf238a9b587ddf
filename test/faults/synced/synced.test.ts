/** Whatever a client is told has happened is on stable storage by then. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startSluice, type RunningSluice } from '../../running-sluice.ts'
import { requireTools } from '../../tools/require-tools.ts'
import { acknowledgements } from './acknowledgements.ts'
import { callsDuring } from './system-calls.ts'

const REPOSITORY = '/v2/default/synced'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const TABLE = 'sluice.db-wal'

let server: RunningSluice

beforeAll(async () => {
  await requireTools(['strace'])
  server = await startSluice({ env: { SLUICE_THREADS: '1' } })
})
afterAll(async () => server?.stop())

const digestOf = (bytes: Buffer): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

async function ask(method: string, path: string, body?: Buffer, type = ''): Promise<string> {
  const { user, password } = server
  const headers = {
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
    'content-type': type,
  }
  const init = { method, headers, ...(body && { body: Buffer.from(body) }) }
  const answer = await fetch(new URL(path, server.url), init)
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  await answer.arrayBuffer()
  return new URL(answer.headers.get('location') ?? '/', server.url).pathname
}

const layer = Buffer.alloc(3_000_000, 'layer')
const config = Buffer.from('{}')
const [ofConfig, ofLayer] = [config, layer].map((bytes) => ({
  mediaType: 'application/octet-stream',
  digest: digestOf(bytes),
  size: bytes.byteLength,
}))

function putManifest(tag: string, padding: string): Promise<string> {
  const json = { schemaVersion: 2, mediaType: MANIFEST, config: ofConfig, layers: [ofLayer] }
  const body = Buffer.from(JSON.stringify({ ...json, annotations: { padding } }))
  return ask('PUT', `${REPOSITORY}/manifests/${tag}`, body, MANIFEST)
}

let upload = ''

/** One of everything that makes something last, and what it has to change. */
const STEPS: readonly {
  readonly what: string
  readonly files: readonly string[]
  readonly ask: () => Promise<unknown>
}[] = [
  {
    what: 'the begin of an upload',
    files: [TABLE],
    ask: async () => (upload = await ask('POST', `${REPOSITORY}/blobs/uploads/`)),
  },
  {
    what: 'its first chunk',
    files: ['uploads', 'uploads/', TABLE],
    ask: () => ask('PATCH', upload, layer.subarray(0, 1_000_000)),
  },
  {
    what: 'its second chunk',
    files: ['uploads/', TABLE],
    ask: () => ask('PATCH', upload, layer.subarray(1_000_000)),
  },
  {
    what: 'its end',
    files: ['blobs/', TABLE],
    ask: () => ask('PUT', `${upload}?digest=${digestOf(layer)}`),
  },
  {
    what: 'a blob in one request',
    files: ['blobs/', 'uploads/', TABLE],
    ask: () => ask('POST', `${REPOSITORY}/blobs/uploads/?digest=${digestOf(config)}`, config),
  },
  { what: 'a manifest', files: [TABLE], ask: () => putManifest('small', '') },
  {
    what: 'a large manifest',
    files: ['manifests/', 'uploads/', TABLE],
    ask: () => putManifest('large', 'x'.repeat(500_000)),
  },
  {
    what: 'the removal of a tag',
    files: [TABLE],
    ask: () => ask('DELETE', `${REPOSITORY}/manifests/large`),
  },
]

async function push(): Promise<void> {
  for (const step of STEPS) await step.ask()
}

it('is synced before it is acknowledged', async () => {
  const calls = await callsDuring(server.pid, push)
  const told = acknowledgements(calls, server.dataDir)
  expect(told).toHaveLength(STEPS.length)
  for (const [at, { what, files }] of STEPS.entries()) {
    // Had the trace not seen the writes, it would miss their syncs as well.
    const changed = told[at]?.changed ?? []
    const unseen = files.filter((file) => !changed.some((path) => path.startsWith(file)))
    expect({ what, unseen, unsynced: told[at]?.unsynced }).toEqual({
      what,
      unseen: [],
      unsynced: [],
    })
  }

  const unsynced = calls.filter(({ name }) => !/sync/.test(name))
  for (const answer of acknowledgements(unsynced, server.dataDir)) {
    expect(answer.unsynced).toEqual(expect.arrayContaining([...answer.changed]))
  }
})
