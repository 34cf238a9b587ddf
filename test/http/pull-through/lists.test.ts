import { OCI_INDEX, OCI_MANIFEST } from '@sluice/core/media-type'
import { UpstreamError } from '@sluice/core/ports/upstream'
import { expect, it } from 'vitest'
import { answer } from '../../upstream/fault.ts'
import {
  digestOfBytes,
  makeImage,
  makeManifest,
  putImage,
  type MadeImage,
  type MadeManifest,
} from '../../upstream/upstream-content.ts'
import { json, type Answer } from '../answer.ts'
import { describeDoors } from '../describe-doors.ts'
import { CachedUpstream, noise } from './cached-upstream.ts'

const MINUTE = 60_000
const SIGNATURE = 'application/vnd.example.signature'
const REPORT = 'application/vnd.example.report'

interface Listed {
  readonly digest: string
  readonly artifactType?: string
}

const nextOf = ({ headers }: Answer) => /^<([^>]+)>; rel="next"$/.exec(headers.link ?? '')?.[1]
const tagsOf = (found: Answer) => (json(found) as { readonly tags: readonly string[] }).tags
const manifestsOf = (found: Answer) =>
  (json(found) as { readonly manifests: readonly Listed[] }).manifests
const digestsOf = (all: readonly { readonly digest: string }[]) => all.map(({ digest }) => digest)

const numbered = (number: number) => `sha256:${number.toString(16).padStart(64, '0')}`

/** A manifest without layers that refers to another. */
const about = (subject: MadeManifest, artifactType: string): MadeImage =>
  makeImage([], {
    artifactType,
    annotations: { drawn: noise(8).toString('hex') },
    subject: {
      mediaType: subject.mediaType,
      digest: subject.digest,
      size: subject.bytes.byteLength,
    },
  })

describeDoors('lists of a project that caches an upstream', (door) => {
  const cached = new CachedUpstream(door)

  /** Failures of the upstream are for the log. */
  const logged = (): string[] =>
    door.served.failures.splice(0).map((error) => {
      expect(error).toBeInstanceOf(UpstreamError)
      return (error as UpstreamError).reason
    })
  const kinds = () => cached.upstream.requests.map(({ kind }) => kind)
  /** All pages, and how many there were. */
  const pages = async (path: string): Promise<readonly Answer[]> => {
    const found: Answer[] = []
    for (let next: string | undefined = path; next !== undefined; next = nextOf(found.at(-1)!)) {
      found.push(await door.get(next))
      expect(found.at(-1)?.status).toBe(200)
    }
    return found
  }
  /** An image with so many tags, and the path of their list. */
  const tagged = async (tags: readonly string[]) => {
    const project = await cached.cache()
    const { repository, image } = await cached.image([10], tags[0])
    for (const tag of tags.slice(1)) await putImage(cached.upstream.content, repository, tag, image)
    return { project, repository, image, path: `/v2/${project}/${repository}/tags/list` }
  }
  /** An image with two signatures and a report. */
  const referred = async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image()
    const all = [about(image, SIGNATURE), about(image, SIGNATURE), about(image, REPORT)] as const
    for (const one of all) await putImage(cached.upstream.content, repository, one.digest, one)
    const name = `/v2/${project}/${repository}`
    return { repository, image, all, name, path: `${name}/referrers/${image.digest}` }
  }

  it("end-8 lists the upstream's tags in order, asked for once, however they are paged", async () => {
    const tags = ['v10', 'v9', 'V1', 'latest', '1.0', '_x', 'v1']
    const { path } = await tagged(tags)
    const whole = await door.get(path)
    expect(json(whole)).toEqual({ name: path.slice(4, -10), tags: tags.toSorted() })
    expect(whole.headers.link).toBeUndefined()
    for (const limit of [1, 2, 3, 7]) {
      const found = await pages(`${path}?n=${limit}`)
      expect(found.flatMap(tagsOf)).toEqual(tags.toSorted())
      expect(found).toHaveLength(Math.ceil(tags.length / limit))
    }
    expect(tagsOf(await door.get(`${path}?last=latest`))).toEqual(['v1', 'v10', 'v9'])
    expect(tagsOf(await door.get(`${path}?n=1&last=none`))).toEqual(['v1'])
    expect(tagsOf(await door.get(`${path}?n=0`))).toEqual([])
    expect(kinds()).toEqual(['tags'])
  })

  it('end-8 follows all pages of the upstream', async () => {
    const tags = Array.from({ length: 25 }, (_, at) => `v${at + 10}`)
    const { path } = await tagged(tags)
    cached.upstream.tagsPerPage = 10
    expect(tagsOf(await door.get(path))).toEqual(tags)
    cached.upstream.tagsPerPage = 1000
    expect(kinds()).toEqual(['tags', 'tags', 'tags'])
  })

  it('end-8 lists what is here besides, each tag once', async () => {
    const { repository, path, project, image } = await tagged(['a', 'c'])
    await putImage(cached.upstream.content, repository, 'b', image)
    await door.get(path)
    // Pulled after the list was asked for.
    await putImage(cached.upstream.content, repository, 'bb', image)
    for (const tag of ['a', 'bb'])
      expect((await door.get(`/v2/${project}/${repository}/manifests/${tag}`)).status).toBe(200)
    expect(tagsOf(await door.get(path))).toEqual(['a', 'b', 'bb', 'c'])
    expect((await pages(`${path}?n=1`)).flatMap(tagsOf)).toEqual(['a', 'b', 'bb', 'c'])
    expect(cached.upstream.count('tags')).toBe(1)
    door.clock.advance(2 * MINUTE)
    expect(tagsOf(await door.get(path))).toEqual(['a', 'b', 'bb', 'c'])
    expect(cached.upstream.count('tags')).toBe(2)
  })

  it('end-8 lists what is known while the upstream cannot be asked, and says so', async () => {
    const { path, project, repository } = await tagged(['a', 'b'])
    await door.get(path)
    door.clock.advance(5 * MINUTE)
    cached.upstream.fail('any', answer(503))
    const found = await door.get(path)
    expect(tagsOf(found)).toEqual(['a', 'b'])
    expect(found.headers.age).toBe('300')
    expect(found.headers.warning).toMatch(/^299 - "served from the cache: upstream \S+ .*"$/)
    // Of another repository nothing but what was pulled is known.
    const other = await tagged(['c', 'd'])
    cached.upstream.heal()
    await door.get(`/v2/${other.project}/${other.repository}/manifests/d`)
    cached.upstream.fail('any', answer(503))
    const some = await door.get(other.path)
    expect(tagsOf(some)).toEqual(['d'])
    expect(some.headers.age).toBeUndefined()
    expect(some.headers.warning).toMatch(/^299 - "served from the cache: upstream /)
    cached.upstream.heal()
    door.clock.advance(10 * MINUTE)
    const again = await door.get(`/v2/${project}/${repository}/tags/list`)
    expect(again.headers.warning).toBeUndefined()
    expect(again.headers.age).toBeUndefined()
  })

  it('end-8 refuses where nothing is known, with 404 only when the upstream says so', async () => {
    const project = await cached.cache()
    const unknown = await door.get(`/v2/${project}/no/such/tags/list`)
    expect(unknown.status).toBe(404)
    expect(json(unknown)).toMatchObject({ errors: [{ code: 'NAME_UNKNOWN' }] })
    for (const [fault, status] of [
      [answer(500), 503],
      [answer(429, { 'retry-after': '7' }), 429],
      [answer(403), 502],
    ] as const) {
      const { path, project: name } = await tagged(['a'])
      cached.upstream.fail('any', fault)
      const found = await door.get(path)
      expect(found.status).toBe(status)
      expect(JSON.stringify(json(found))).toContain(`upstream ${name}`)
      cached.upstream.heal()
    }
    expect(logged()).toEqual(['failing', 'limited', 'refusing'])
  })

  it('end-12 lists what refers to a manifest there, in order, by type and in pages', async () => {
    const { all, path } = await referred()
    const sorted = digestsOf(all).toSorted()
    const whole = await door.get(path)
    expect(whole.headers['content-type']).toBe(OCI_INDEX)
    expect(json(whole)).toMatchObject({ schemaVersion: 2, mediaType: OCI_INDEX })
    expect(digestsOf(manifestsOf(whole))).toEqual(sorted)
    for (const limit of [1, 2, 3]) {
      const found = await pages(`${path}?n=${limit}`)
      expect(found.flatMap(manifestsOf).map(({ digest }) => digest)).toEqual(sorted)
      expect(found).toHaveLength(Math.ceil(3 / limit))
    }
    const signatures = digestsOf(all.slice(0, 2)).toSorted()
    const type = encodeURIComponent(SIGNATURE)
    const filtered = await door.get(`${path}?artifactType=${type}`)
    expect(filtered.headers['oci-filters-applied']).toBe('artifactType')
    expect(digestsOf(manifestsOf(filtered))).toEqual(signatures)
    const paged = await pages(`${path}?n=1&artifactType=${type}`)
    expect(paged.flatMap(manifestsOf).map(({ digest }) => digest)).toEqual(signatures)
    expect(manifestsOf(await door.get(`${path}?artifactType=none`))).toEqual([])
    expect(kinds()).toEqual(['referrers'])
  })

  it('end-12 keeps no more of them for a minute than there is room for', async () => {
    const { name, image } = await referred()
    const paths = Array.from({ length: 8 }, (_, at) => `${name}/referrers/${numbered(at)}`)
    const { mediaType, digest, bytes } = image
    const annotations = { drawn: 'x'.repeat(3_500_000) }
    const one = { mediaType, digest, size: bytes.byteLength, annotations }
    const index = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [one] })
    cached.upstream.fail('referrers', answer(200, { 'content-type': OCI_INDEX }, index))
    for (const path of paths) expect(manifestsOf(await door.get(path))).toHaveLength(1)
    await door.get(paths.at(-1)!)
    expect(cached.upstream.count('referrers')).toBe(8)
    await door.get(paths[0]!)
    expect(cached.upstream.count('referrers')).toBe(9)
  })

  it('end-12 lists each once, whether it is here, there, or both', async () => {
    const { repository, image, all, name, path } = await referred()
    await door.get(path)
    const late = about(image, SIGNATURE)
    await putImage(cached.upstream.content, repository, late.digest, late)
    for (const { digest } of [all[0], late])
      expect((await door.get(`${name}/manifests/${digest}`)).status).toBe(200)
    const sorted = digestsOf([...all, late]).toSorted()
    const found = manifestsOf(await door.get(path))
    expect(digestsOf(found)).toEqual(sorted)
    expect(found.find(({ digest }) => digest === late.digest)).toMatchObject({
      mediaType: OCI_MANIFEST,
      artifactType: SIGNATURE,
      size: late.bytes.byteLength,
    })
    expect((await pages(`${path}?n=1`)).flatMap(manifestsOf)).toHaveLength(4)
    expect(cached.upstream.count('referrers')).toBe(1)
  })

  it('end-12 lists what is known while the upstream cannot be asked, and says so', async () => {
    const { all, name, path } = await referred()
    await door.get(path)
    door.clock.advance(2 * MINUTE)
    cached.upstream.fail('any', answer(503))
    const found = await door.get(path)
    expect(digestsOf(manifestsOf(found))).toEqual(digestsOf(all).toSorted())
    expect(found.headers.age).toBe('120')
    expect(found.headers.warning).toMatch(/^299 - "served from the cache: upstream /)
    cached.upstream.heal()
    // Nothing is known of what refers to that, but for one that was pulled.
    const other = await referred()
    await door.get(`${other.name}/manifests/${other.all[2].digest}`)
    cached.upstream.fail('any', answer(503))
    const some = await door.get(other.path)
    expect(digestsOf(manifestsOf(some))).toEqual([other.all[2].digest])
    expect(some.headers.warning).toMatch(/^299 - /)
    expect(some.headers.age).toBeUndefined()
    const nothing = await door.get(`${name}/referrers/${all[0].digest}`)
    expect(nothing.status).toBe(503)
    expect(logged()).toEqual(['failing'])
  })

  it('end-12 finds them by the tag schema where the upstream has no API of referrers', async () => {
    const { repository, image, all, name, path } = await referred()
    cached.upstream.hasReferrers = false
    const schema = makeManifest(OCI_INDEX, {
      manifests: all.map(({ mediaType, digest, bytes }, at) => ({
        mediaType,
        digest,
        size: bytes.byteLength,
        artifactType: at === 2 ? REPORT : SIGNATURE,
      })),
    })
    const tag = image.digest.replace(':', '-')
    await cached.upstream.content.putManifest(repository, tag, schema)
    expect(digestsOf(manifestsOf(await door.get(path)))).toEqual(digestsOf(all).toSorted())
    const type = encodeURIComponent(REPORT)
    expect(digestsOf(manifestsOf(await door.get(`${path}?artifactType=${type}`)))).toEqual([
      all[2].digest,
    ])
    expect(kinds()).toEqual(['referrers', 'manifest-get'])
    // As a client does who looks there himself.
    const byTag = await door.get(`${name}/manifests/${tag}`)
    expect(byTag.body).toEqual(schema.bytes)
    // And of what has none there is none.
    const none = await door.get(`${name}/referrers/${all[0].digest}`)
    expect(manifestsOf(none)).toEqual([])
    cached.upstream.hasReferrers = true
  })

  it('signatures, attestations and SBOMs under their tags come byte for byte', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image()
    const name = `/v2/${project}/${repository}`
    const tags = ['sig', 'att', 'sbom'].map((end) => `${image.digest.replace(':', '-')}.${end}`)
    for (const tag of tags) {
      const made = makeImage([noise(100)], { annotations: { of: tag } })
      await putImage(cached.upstream.content, repository, tag, made)
      const found = await door.get(`${name}/manifests/${tag}`)
      expect(found.body).toEqual(made.bytes)
      expect(found.headers['content-type']).toBe(made.mediaType)
      for (const bytes of [made.config, ...made.layers]) {
        const blob = await door.get(`${name}/blobs/${digestOfBytes(bytes)}`)
        expect(blob.body.equals(bytes)).toBe(true)
      }
    }
    expect(tagsOf(await door.get(`${name}/tags/list`))).toEqual(['latest', ...tags].toSorted())
    expect(cached.upstream.count('manifest-get')).toBe(3)
    expect(cached.upstream.count('blob-get')).toBe(6)
  })
})
