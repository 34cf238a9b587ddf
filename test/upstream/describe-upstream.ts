/** What every upstream promises (packages/core/src/ports/upstream.ts) when the registry behind it behaves. */
import { randomBytes, randomUUID } from 'node:crypto'
import { OCI_INDEX, OCI_MANIFEST } from '@sluice/core/media-type'
import type { Upstream } from '@sluice/core/ports/upstream'
import { parseReference } from '@sluice/core/reference'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesOf } from './bytes-of.ts'
import {
  digestOfBytes,
  makeImage,
  makeIndex,
  makeManifest,
  putImage,
  type UpstreamContent,
} from './upstream-content.ts'

export interface OpenUpstream {
  readonly upstream: Upstream
  readonly content: UpstreamContent
  close(): Promise<void>
}

const fresh = (): string => `default/app-${randomUUID()}`
const v1 = parseReference('v1')
const MISSING = digestOfBytes(Buffer.from('missing'))

export function describeUpstream(name: string, open: () => Promise<OpenUpstream>): void {
  describe(`${name} is an upstream`, () => {
    let opened: OpenUpstream | undefined
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => opened?.close())
    const at = (): OpenUpstream => {
      if (!opened) throw new Error('the upstream did not open')
      return opened
    }

    it('resolves and gives a manifest, by tag and by digest', async () => {
      const { upstream, content } = at()
      const repository = fresh()
      const image = makeImage([randomBytes(100)])
      await putImage(content, repository, 'v1', image)
      const descriptor = {
        digest: image.digest,
        mediaType: OCI_MANIFEST,
        size: image.bytes.byteLength,
      }
      for (const reference of [v1, { digest: image.digest }]) {
        expect(await upstream.resolve(repository, reference)).toStrictEqual(descriptor)
        const found = await upstream.manifest(repository, reference)
        expect(found?.mediaType).toBe(OCI_MANIFEST)
        expect(Buffer.from(found?.bytes ?? [])).toEqual(image.bytes)
      }
    })

    it('gives an index as it is', async () => {
      const { upstream, content } = at()
      const repository = fresh()
      const image = makeImage([randomBytes(10)])
      await putImage(content, repository, image.digest, image)
      const index = makeIndex([image])
      await content.putManifest(repository, 'v1', index)
      expect(await upstream.resolve(repository, v1)).toMatchObject({
        digest: index.digest,
        mediaType: OCI_INDEX,
      })
      const found = await upstream.manifest(repository, v1)
      expect(Buffer.from(found?.bytes ?? [])).toEqual(index.bytes)
    })

    it('gives blobs, whole and from any byte on', async () => {
      const { upstream, content } = at()
      const repository = fresh()
      const blob = randomBytes(300_000)
      await content.putBlob(repository, blob)
      const digest = digestOfBytes(blob)
      expect(await upstream.blobSize(repository, digest)).toBe(blob.byteLength)
      for (const start of [0, 1, 65_536, blob.byteLength - 1, blob.byteLength]) {
        const found = await upstream.blob(repository, digest, start)
        expect(found?.size).toBe(blob.byteLength)
        expect((await bytesOf(found)).equals(blob.subarray(start)), `from ${start}`).toBe(true)
      }
    })

    it('gives a blob that whoever reads it does not want to the end', async () => {
      const { upstream, content } = at()
      const repository = fresh()
      const blob = randomBytes(3_000_000)
      await content.putBlob(repository, blob)
      const found = await upstream.blob(repository, digestOfBytes(blob), 0)
      for await (const piece of found?.bytes ?? []) {
        expect(blob.subarray(0, piece.byteLength).equals(piece)).toBe(true)
        break
      }
      const again = await upstream.blob(repository, digestOfBytes(blob), 0)
      expect((await bytesOf(again)).equals(blob)).toBe(true)
    })

    it('says of what is not there that it is not there', async () => {
      const { upstream, content } = at()
      const repository = fresh()
      await putImage(content, repository, 'v1', makeImage([]))
      for (const name of [repository, fresh()]) {
        for (const reference of [parseReference('none'), { digest: MISSING }]) {
          expect(await upstream.resolve(name, reference)).toBeUndefined()
          expect(await upstream.manifest(name, reference)).toBeUndefined()
        }
        expect(await upstream.blobSize(name, MISSING)).toBeUndefined()
        expect(await upstream.blob(name, MISSING, 0)).toBeUndefined()
        expect(await upstream.blobUrl(name, MISSING)).toBeUndefined()
      }
      expect(await upstream.tags(fresh())).toBeUndefined()
    })

    it("lists a repository's tags, all of them", async () => {
      const { upstream, content } = at()
      const repository = fresh()
      const image = makeImage([])
      const tags = Array.from({ length: 25 }, (_, at) => `v${at + 10}`)
      for (const tag of tags) await putImage(content, repository, tag, image)
      expect(await upstream.tags(repository)).toEqual(tags)
    })

    it('lists what refers to a manifest, by the API or by the tag schema', async () => {
      const { upstream, content } = at()
      const repository = fresh()
      const image = makeImage([randomBytes(10)])
      await putImage(content, repository, 'v1', image)
      expect(await upstream.referrers(repository, image.digest)).toEqual([])
      const { digest, mediaType, bytes } = image
      const signature = makeImage([], {
        artifactType: 'application/vnd.example.signature',
        subject: { mediaType, digest, size: bytes.byteLength },
      })
      await putImage(content, repository, signature.digest, signature)
      const listed = {
        mediaType: OCI_MANIFEST,
        digest: signature.digest,
        size: signature.bytes.byteLength,
        artifactType: 'application/vnd.example.signature',
      }
      // Which a client keeps where the registry does not.
      const index = makeManifest(OCI_INDEX, { manifests: [listed] })
      await content.putManifest(repository, image.digest.replace(':', '-'), index)
      expect(await upstream.referrers(repository, image.digest)).toEqual([listed])
    })
  })
}
