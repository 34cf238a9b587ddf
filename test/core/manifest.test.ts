import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf, type Digest } from '@sluice/core/digest'
import { RegistryError } from '@sluice/core/errors'
import { parseManifest } from '@sluice/core/manifest'
import { OCI_INDEX, OCI_MANIFEST } from '@sluice/core/media-type'
import { parseTag } from '@sluice/core/reference'
import { parseProjectName } from '@sluice/core/repository-name'
import { propertyRuns } from '../property-runs.ts'
import { openTemporaryRegistry, type TemporaryRegistry } from '../temporary-registry.ts'
import { pushBlob, REPOSITORY } from './checker/pushed-registry.ts'

/** A change at one place of a manifest, wherever the numbers lead. */
interface Mutation {
  readonly path: readonly number[]
  readonly change: 'set' | 'remove' | 'add' | 'swap'
  readonly name: string
  readonly value: unknown
}

type Node = Record<string, unknown> | unknown[]
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null

function mutate(root: Node, { path, change, name, value }: Mutation): void {
  let node = root
  for (const step of path.slice(0, -1)) {
    const children = Object.values(node).filter(isNode)
    const child = children[step % Math.max(1, children.length)]
    if (child) node = child
  }
  const keys = Object.keys(node)
  // A list has no member by another name: its `length` would be one.
  const first = Array.isArray(node) ? '0' : name
  const key = keys[(path.at(-1) ?? 0) % Math.max(1, keys.length)] ?? first
  const target = node as Record<string, unknown>
  if (change === 'set') target[key] = value
  if (change === 'add' && Array.isArray(node)) node.push(value)
  else if (change === 'add')
    Object.defineProperty(target, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  if (change === 'remove') Reflect.deleteProperty(node, key)
  if (change === 'swap') {
    const donors = Object.values(root)
    target[key] = structuredClone(donors[(path[0] ?? 0) % Math.max(1, donors.length)])
  }
}

const FIELDS = [
  'schemaVersion',
  'mediaType',
  'config',
  'layers',
  'blobs',
  'manifests',
  'subject',
  'annotations',
  'artifactType',
  'digest',
  'size',
  'urls',
  'data',
  '__proto__',
  'constructor',
  'toString',
  'length',
  '',
  '$binary',
  'pk',
  'sk',
]
const VALUES = [
  OCI_MANIFEST,
  OCI_INDEX,
  'application/vnd.docker.distribution.manifest.v1+json',
  `sha256:${'0'.repeat(64)}`,
  0,
  -1,
  1,
  2,
  1e21,
  null,
  [],
  {},
  '',
  'a'.repeat(300),
  '\ud800',
  true,
]
const mutation: fc.Arbitrary<Mutation> = fc.record({
  path: fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 4 }),
  change: fc.constantFrom('set', 'remove', 'add', 'swap'),
  name: fc.oneof(fc.constantFrom(...FIELDS), fc.string()),
  value: fc.oneof(fc.constantFrom(...VALUES), fc.jsonValue()),
})

const isRefusal = (error: unknown) =>
  error instanceof RegistryError &&
  ['MANIFEST_INVALID', 'MANIFEST_BLOB_UNKNOWN'].includes(error.code)

describe('manifests', () => {
  let temporary: TemporaryRegistry
  let valid: readonly { readonly mediaType: string; readonly json: Record<string, unknown> }[]
  let subject: Digest
  beforeAll(async () => {
    temporary = await openTemporaryRegistry()
    const { registry } = temporary
    await registry.projects.create(parseProjectName('team'))
    const config = await pushBlob(registry, REPOSITORY, '{}')
    const layers = [
      await pushBlob(registry, REPOSITORY, 'one'),
      await pushBlob(registry, REPOSITORY, 'two', 'sha512'),
    ]
    const annotations = { title: 'a', __proto__: 'b' }
    const image = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers, annotations }
    const bytes = Buffer.from(JSON.stringify(image))
    const child = {
      mediaType: OCI_MANIFEST,
      digest: digestOf('sha256', bytes),
      size: bytes.byteLength,
    }
    subject = child.digest
    const put = { bytes, contentType: OCI_MANIFEST, digest: undefined, tags: [] }
    await registry.manifests.put(REPOSITORY, put)
    const other = 'application/vnd.example.thing+json'
    valid = [
      {
        mediaType: OCI_MANIFEST,
        json: { ...image, subject: child, artifactType: 'application/vnd.example' },
      },
      {
        mediaType: OCI_INDEX,
        json: {
          schemaVersion: 2,
          mediaType: OCI_INDEX,
          manifests: [child],
          subject: child,
          annotations,
        },
      },
      { mediaType: other, json: { mediaType: other, blobs: layers, subject: child } },
    ]
  })
  afterAll(() => temporary.close())

  /** Puts it as a client would: what is taken comes back and can be listed and deleted, what is not changes nothing. */
  async function tryOut(bytes: Buffer, contentType: string, keep: boolean): Promise<boolean> {
    const { manifests, referrers } = temporary.registry
    try {
      const { digest } = await manifests.put(REPOSITORY, {
        bytes,
        contentType,
        digest: undefined,
        tags: [parseTag('tried')],
      })
      const { record } = await manifests.find(REPOSITORY, { tag: parseTag('tried') })
      expect(Buffer.from(await manifests.body(record)).equals(bytes)).toBe(true)
      await referrers.list(REPOSITORY, subject, { limit: 5, last: digest.slice(0, 9) })
      if (!keep && digest !== subject) await manifests.remove(REPOSITORY, digest)
      return true
    } catch (error) {
      if (!isRefusal(error)) throw error
      return false
    }
  }

  it('are taken or refused, whatever is in them, and leave nothing half done', async () => {
    let taken = 0
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.array(mutation, { maxLength: 4 }),
        fc.boolean(),
        async (which, mutations, keep) => {
          const { mediaType, json } = structuredClone(
            valid[which % valid.length] ?? { mediaType: '', json: {} },
          )
          for (const one of mutations) mutate(json, structuredClone(one))
          if (await tryOut(Buffer.from(JSON.stringify(json)), mediaType, keep)) taken++
        },
      ),
      propertyRuns(400),
    )
    expect(taken).toBeGreaterThan(20)
    expect((await temporary.registry.checker.check({ deep: true, pause: 0 })).problems).toEqual([])
  }, 300_000)

  it('are taken or refused, however their bytes are bent', async () => {
    const bend = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 }), fc.nat({ max: 3 })), {
      minLength: 1,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(fc.nat(), bend, async (which, bends) => {
        const { mediaType, json } = valid[which % valid.length] ?? { mediaType: '', json: {} }
        let bytes = Buffer.from(JSON.stringify(json))
        for (const [at, byte, how] of bends) {
          const place = at % bytes.byteLength
          if (how === 0) bytes[place] = byte
          else if (how === 1)
            bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)])
          else if (how === 2)
            bytes = Buffer.concat([
              bytes.subarray(0, place),
              Buffer.of(byte),
              bytes.subarray(place),
            ])
          else bytes = bytes.subarray(0, place + 1)
        }
        await tryOut(bytes, mediaType, false)
      }),
      propertyRuns(300),
    )
    expect((await temporary.registry.checker.check({ deep: true, pause: 0 })).problems).toEqual([])
  }, 300_000)

  it('name each blob once, however often it is in them, and no foreign layer', () => {
    const digit = fc.constantFrom('1', '2', '3')
    fc.assert(
      fc.property(fc.array(fc.tuple(digit, fc.boolean()), { minLength: 1 }), (named) => {
        const layers = named.map(([digit, foreign]) => ({
          mediaType: `application/vnd.oci.image.layer.${foreign ? 'nondistributable.' : ''}v1.tar`,
          digest: `sha256:${digit.repeat(64)}`,
          size: Number(digit),
        }))
        const bytes = Buffer.from(JSON.stringify({ layers }))
        const { blobs } = parseManifest(bytes, 'application/vnd.example+json')
        const own = new Set(
          named.flatMap(([digit, foreign]) => (foreign ? [] : [`sha256:${digit.repeat(64)}`])),
        )
        expect(blobs.map((blob) => blob.digest).toSorted()).toEqual([...own].toSorted())
      }),
      propertyRuns(300),
    )
  })
})
