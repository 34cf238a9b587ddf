import { beforeAll, expect, it } from 'vitest'
import type { Digest } from '@sluice/core/digest'
import { OCI_INDEX, OCI_MANIFEST } from '@sluice/core/media-type'
import type { Table } from '@sluice/core/ports/table'
import { json, type Answer } from './answer.ts'
import { describeDoors } from './describe-doors.ts'
import { CONFIG, plain, pushBlob, pushImage, type Descriptor, type Pushed } from './push.ts'
import { expectRefusal } from './refusal.ts'
import { expectSameHead } from './same-head.ts'

const UNKNOWN = `sha256:${'0'.repeat(64)}`
const SIGNATURE = 'application/vnd.example.signature'
const REPORT = 'application/vnd.example.report'

interface Referrer extends Descriptor {
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

interface Index {
  readonly schemaVersion: number
  readonly mediaType: string
  readonly manifests: readonly Referrer[]
}

const indexOf = (answer: Answer) => json(answer) as Index
const nextOf = (answer: Answer) => /^<([^>]+)>; rel="next"$/.exec(answer.headers.link ?? '')?.[1]
const digestsOf = (manifests: readonly Descriptor[]) =>
  manifests.map((one) => one.digest).toSorted()

const list = (subject: string, query = '') => `/v2/default/app/referrers/${subject}${query}`

const byDigest = (one: Descriptor, other: Descriptor) => (one.digest < other.digest ? -1 : 1)

describeDoors('end-12, referrers', (door) => {
  let image: Pushed
  let config: Descriptor
  const signatures: Referrer[] = []
  const reports: Referrer[] = []

  const refer = async (subject: Descriptor, fields: object): Promise<Pushed> =>
    pushImage(door, 'default/app', { config, layers: [], subject, ...fields })

  beforeAll(async () => {
    config = { ...plain(await pushBlob(door, 'default/app')), mediaType: CONFIG }
    image = await pushImage(door, 'default/app', { reference: 'latest' })
    const subject = plain(image)
    for (const [found, artifactType] of [
      [signatures, SIGNATURE],
      [reports, REPORT],
    ] as const) {
      for (let at = 0; at < 3; at++) {
        const annotations = { number: String(at) }
        const pushed = plain(await refer(subject, { artifactType, annotations }))
        found.push({ ...pushed, artifactType, annotations })
      }
    }
  })

  it('end-12a answers with an index of all that refers to a manifest, HEAD with the same headers', async () => {
    const answer = await expectSameHead(door, list(image.digest))
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe(OCI_INDEX)
    expect(answer.headers['oci-filters-applied']).toBeUndefined()
    const index = indexOf(answer)
    expect(index).toMatchObject({ schemaVersion: 2, mediaType: OCI_INDEX })
    expect(index.manifests).toEqual([...signatures, ...reports].toSorted(byDigest))
  })

  it('end-12b filters by artifactType and says so', async () => {
    const path = list(image.digest, `?artifactType=${encodeURIComponent(SIGNATURE)}`)
    const answer = await door.get(path)
    expect(answer.headers['oci-filters-applied']).toBe('artifactType')
    expect(digestsOf(indexOf(answer).manifests)).toEqual(digestsOf(signatures))
    const none = await door.get(list(image.digest, '?artifactType=none'))
    expect(none.headers['oci-filters-applied']).toBe('artifactType')
    expect(indexOf(none).manifests).toEqual([])
  })

  it.each([
    ['', 6],
    [`&artifactType=${encodeURIComponent(REPORT)}`, 3],
  ])('end-12 lists in pages, with a Link to the next: n=1 and n=2%s', async (filter, count) => {
    for (const n of [1, 2]) {
      const found: Referrer[] = []
      let path: string | undefined = list(image.digest, `?n=${n}${filter}`)
      while (path !== undefined) {
        const answer = await door.get(path)
        expect(indexOf(answer).manifests.length).toBeLessThanOrEqual(n)
        found.push(...indexOf(answer).manifests)
        path = nextOf(answer)
      }
      expect(found).toHaveLength(count)
      expect(new Set(digestsOf(found)).size).toBe(count)
    }
  })

  it('end-12 lists none for n=0, and then has no next page', async () => {
    for (const query of ['?n=0', `?n=0&last=${UNKNOWN}`]) {
      const answer = await door.get(list(image.digest, query))
      expect(indexOf(answer).manifests).toEqual([])
      expect(nextOf(answer)).toBeUndefined()
    }
  })

  it.each([
    ['a manifest that is not there', UNKNOWN, 'default/app'],
    ['a repository that is not there', UNKNOWN, 'default/none'],
  ])('end-12 lists nothing for %s', async (_, digest, repository) => {
    const answer = await door.get(`/v2/${repository}/referrers/${digest}`)
    expect(answer.status).toBe(200)
    expect(indexOf(answer)).toEqual({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] })
  })

  it('end-12 refuses what is no digest', async () => {
    expectRefusal(await door.get(list('latest')), 400, 'DIGEST_INVALID')
  })

  it('end-12 takes the media type of the config where there is no artifactType', async () => {
    const subject = {
      mediaType: OCI_MANIFEST,
      digest: `sha256:${'a'.repeat(64)}`,
      size: 1,
    } as Descriptor
    await refer(subject, {})
    const answer = await door.get(list(subject.digest))
    expect(indexOf(answer).manifests).toMatchObject([{ artifactType: CONFIG }])
  })

  it('end-12 knows what referred to a manifest before it came, and not what is deleted', async () => {
    const subject = {
      mediaType: OCI_MANIFEST,
      digest: `sha256:${'b'.repeat(64)}` as Digest,
      size: 1,
    }
    const referrer = await refer(subject, { artifactType: SIGNATURE })
    expect(digestsOf(indexOf(await door.get(list(subject.digest))).manifests)).toEqual([
      referrer.digest,
    ])
    expect((await door.delete(`/v2/default/app/manifests/${referrer.digest}`)).status).toBe(202)
    expect(indexOf(await door.get(list(subject.digest))).manifests).toEqual([])
  })

  it('end-12 shows annotations whole, however large, in pages that a client can read', async () => {
    const subject = {
      mediaType: OCI_MANIFEST,
      digest: `sha256:${'c'.repeat(64)}` as Digest,
      size: 1,
    }
    const sizes = [40_000, 1_900_000, 1_900_000, 3_900_000, 3_900_000, 100]
    const pushed = new Map<string, number>()
    for (const size of sizes) {
      const { digest } = await refer(subject, {
        annotations: { text: 'x'.repeat(size), n: `${pushed.size}` },
      })
      pushed.set(digest, size)
    }
    let path: string | undefined = list(subject.digest)
    const found: string[] = []
    while (path !== undefined) {
      const answer = await door.get(path)
      expect(answer.body.byteLength).toBeLessThanOrEqual(4 * 1024 * 1024)
      for (const { digest, annotations } of indexOf(answer).manifests) {
        expect(annotations?.['text']?.length).toBe(pushed.get(digest))
        found.push(digest)
      }
      path = nextOf(answer)
    }
    expect(found).toEqual([...pushed.keys()].toSorted())
  })

  it('end-12 shows annotations of any name, in the order of their author', async () => {
    const subject = {
      mediaType: OCI_MANIFEST,
      digest: `sha256:${'ab'.repeat(32)}` as Digest,
      size: 1,
    }
    const annotations = { z: 'last first', '': 'of no name', a: '' }
    await refer(subject, { annotations })
    const [found] = indexOf(await door.get(list(subject.digest))).manifests
    expect(Object.entries(found?.annotations ?? {})).toEqual(Object.entries(annotations))
  })

  it('end-12 leaves out what is deleted while it lists', async () => {
    const subject = {
      mediaType: OCI_MANIFEST,
      digest: `sha256:${'d'.repeat(64)}` as Digest,
      size: 1,
    }
    const referrer = await refer(subject, { annotations: { text: 'y'.repeat(50_000) } })
    const table: Table = door.served.temporary.table
    const query = table.query.bind(table)
    table.query = async (pk, options) => {
      const page = await query(pk, options)
      table.query = query
      await door.delete(`/v2/default/app/manifests/${referrer.digest}`)
      return page
    }
    const answer = await door.get(list(subject.digest))
    expect(answer.status).toBe(200)
    expect(indexOf(answer).manifests).toEqual([])
  })
})
