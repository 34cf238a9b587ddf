/** `sluice doctor` before a server of one machine, alone and behind a proxy that does what none should. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { examine, named } from './examine.ts'
import { startRegistryOfAlice, type RegistryOfAlice } from './registry-of-alice.ts'
import { startMeddler, type Meddler, type Meddling } from './start-meddler.ts'

vi.setConfig({ testTimeout: 120_000 })

let world: RegistryOfAlice
beforeAll(async () => {
  world = await startRegistryOfAlice()
})
afterAll(() => world?.close())

const WRITES = [
  'authorization',
  'upload-start',
  'upload-location',
  'upload-chunks',
  'upload-20MB',
  'manifest-put',
  'manifest-head',
  'manifest-get',
  'encoded-path',
  'errors',
  'blob-head',
  'blob-redirect',
  'blob-range',
  'link-lifetime',
  'cleanup',
]

it('holds all, says so, and leaves nothing', async () => {
  const { alice, registry } = world
  const text = await alice(['doctor', registry.url, '--project', 'hers'])
  expect(text).toMatch(/^holds +challenge +401, WWW-Authenticate: Bearer realm="http/m)
  expect(text).toMatch(/^holds +upload-20MB +20971520 bytes are taken in one PATCH/m)
  expect(text).toMatch(/^All 19 hold\.$/m)
  await expect(alice(['get', 'is'])).resolves.toBe('')
  const found = await examine(alice, '--project', 'hers')
  expect(named(found, 'holds')).toEqual([
    'challenge',
    'challenge-refused',
    'realm',
    'clock',
    ...WRITES,
  ])
})

it('is never content with what it has not looked at', async () => {
  const { alice, registry } = world
  const without = await examine(alice, registry.url)
  expect(named(without, 'left out')).toEqual(WRITES)
  expect(new Set(without.slice(4).map(({ detail }) => detail))).toEqual(
    new Set(['no --project was named']),
  )
  await expect(alice(['doctor', registry.url])).rejects.toThrow(
    /error: 4 hold, 0 do not, 15 were left out\n[^]*^LEFT OUT {2}upload-20MB +no --project was named$/m,
  )
  const stranger = await startMeddler(registry.url, {})
  try {
    const found = await examine(alice, stranger.url, '--project', 'hers', '--large')
    expect(named(found, 'left out')).toHaveLength(WRITES.length + 1)
    expect(found.at(-1)?.detail).toBe(`nobody is logged in: sluice login ${stranger.url}`)
  } finally {
    await stranger.close()
  }
})

it('says which right is missing', async () => {
  const { alice } = world
  await world.admin(['new-project', 'others'])
  const found = await examine(alice, '--project', 'others')
  expect(named(found, 'fails')).toEqual(['upload-start'])
  expect(found.find(({ probe }) => probe === 'upload-start')).toMatchObject({
    detail: expect.stringMatching(/^answered 401, not 202/) as string,
    fix: expect.stringContaining('registry-editor') as string,
  })
  expect(named(found, 'left out')).toEqual(WRITES.slice(2))
})

it('says that the project itself may be what takes no large uploads', async () => {
  const { admin, registry } = world
  await admin(['new-project', 'small'])
  const limits = {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'small' },
    spec: { limits: [{ type: 'openshift.io/Image', max: { storage: '1Mi' } }] },
  }
  await admin(['create', '-n', 'small', '-f', '-'], JSON.stringify(limits))
  const found = await examine(admin, registry.url, '--project', 'small')
  expect(named(found, 'fails')).toEqual(['upload-chunks', 'upload-20MB'])
  for (const { fix } of found.filter(({ outcome }) => outcome === 'fails'))
    expect(fix).toContain('sluice describe limits')
})

/** What a proxy may do wrong, and the probes that find it. */
const WRONGS: readonly (readonly [string, Meddling, readonly string[]])[] = [
  [
    'tells another time',
    { headers: (headers) => ({ ...headers, date: new Date(Date.now() + 600_000).toUTCString() }) },
    ['clock'],
  ],
  [
    'measures what it drops as nothing',
    {
      headers: (headers, { method }) =>
        method === 'HEAD' ? { ...headers, 'content-length': '0' } : headers,
    },
    ['manifest-head', 'blob-head'],
  ],
  [
    'takes no large bodies',
    { before: ({ headers }) => (Number(headers['content-length']) > 10e6 ? 413 : undefined) },
    ['upload-20MB'],
  ],
  [
    'changes bodies and has pages of its own',
    {
      body: (body, status, { url = '' }) =>
        status === 404
          ? Buffer.from('<h1>Not found</h1>')
          : url.endsWith('/manifests/doctor')
            ? Buffer.concat([body, Buffer.from('\n')])
            : body,
    },
    ['manifest-get', 'errors'],
  ],
  [
    'encodes twice',
    { path: (path) => path.replace(/^[^?]*/, (own) => own.replaceAll('%', '%25')) },
    ['encoded-path'],
  ],
  [
    'lets nothing be removed',
    {
      before: ({ method, url = '' }) =>
        method === 'DELETE' && !url.includes('uploads') ? 405 : undefined,
    },
    ['cleanup'],
  ],
  [
    'sends uploads elsewhere',
    {
      headers: (headers) => {
        const { location } = headers
        const isUpload = location?.includes('/uploads/') === true
        return isUpload ? { ...headers, location: `${world.registry.url}${location}` } : headers
      },
    },
    ['upload-location'],
  ],
]

it.for(WRONGS)('finds a proxy that %s', async ([, meddling, fails]) => {
  const { admin, registry } = world
  const meddler: Meddler = await startMeddler(registry.url, meddling)
  try {
    await admin(['login', meddler.url, '-u', registry.user, '-p', registry.password])
    const found = await examine(admin, meddler.url, '--project', 'default')
    expect(named(found, 'fails')).toEqual(fails)
    expect(named(found, 'left out')).toEqual([])
  } finally {
    await meddler.close()
  }
})

it('shows its login to nobody else, whoever is named as the one who gives tokens', async () => {
  const { admin, registry } = world
  const heard: (string | undefined)[] = []
  const other = await startMeddler(registry.url, {
    before: ({ headers }) => {
      heard.push(headers.authorization)
      return 401
    },
  })
  const meddler = await startMeddler(registry.url, {
    headers: (headers) => {
      const challenge = headers['www-authenticate']?.replace(
        /realm="[^"]*"/,
        `realm="${other.url}/token"`,
      )
      return challenge === undefined ? headers : { ...headers, 'www-authenticate': challenge }
    },
  })
  try {
    await admin(['login', meddler.url, '-u', registry.user, '-p', registry.password])
    const found = await examine(admin, meddler.url, '--project', 'default')
    expect(named(found, 'fails')).toEqual(['realm'])
    expect(named(found, 'left out')).toEqual([])
    expect(heard).toEqual([])
  } finally {
    await meddler.close()
    await other.close()
  }
})

it('says that there is no registry, without a stack', async () => {
  const nobody = await startMeddler(world.registry.url, {})
  await nobody.close()
  const found = await examine(world.admin, nobody.url, '--project', 'default')
  expect(named(found, 'holds')).toEqual([])
  expect(found[0]?.detail).toContain('ECONNREFUSED')
  await expect(world.admin(['doctor', 'ftp://x'])).rejects.toThrow('error: ftp://x is no server')
})
