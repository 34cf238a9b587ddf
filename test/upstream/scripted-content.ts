import type { MadeManifest, UpstreamContent } from './upstream-content.ts'
import { digestOfBytes } from './upstream-content.ts'

interface Repository {
  readonly blobs: Map<string, Buffer>
  readonly manifests: Map<string, MadeManifest>
  /** In the order of their first putting. */
  readonly tags: Map<string, string>
}

/** An upstream's repositories, in memory. */
export class ScriptedContent implements UpstreamContent {
  readonly #repositories = new Map<string, Repository>()

  putBlob(repository: string, bytes: Uint8Array): Promise<void> {
    this.#make(repository).blobs.set(digestOfBytes(bytes), Buffer.from(bytes))
    return Promise.resolve()
  }

  putManifest(repository: string, reference: string, made: MadeManifest): Promise<void> {
    const { manifests, tags } = this.#make(repository)
    manifests.set(made.digest, made)
    if (!reference.includes(':')) tags.set(reference, made.digest)
    return Promise.resolve()
  }

  has(repository: string): boolean {
    return this.#repositories.has(repository)
  }

  blob(repository: string, digest: string): Buffer | undefined {
    return this.#repositories.get(repository)?.blobs.get(digest)
  }

  manifest(repository: string, reference: string): MadeManifest | undefined {
    const found = this.#repositories.get(repository)
    return found?.manifests.get(found.tags.get(reference) ?? reference)
  }

  tags(repository: string): readonly string[] | undefined {
    const found = this.#repositories.get(repository)
    return found && [...found.tags.keys()]
  }

  /** Descriptors of the manifests whose `subject` it is. */
  referrers(repository: string, subject: string): readonly object[] {
    const manifests = [...(this.#repositories.get(repository)?.manifests.values() ?? [])]
    return manifests.flatMap(({ bytes, mediaType, digest }) => {
      const { subject: named, artifactType } = JSON.parse(bytes.toString()) as {
        readonly subject?: { readonly digest: string }
        readonly artifactType?: string
      }
      if (named?.digest !== subject) return []
      return [{ mediaType, digest, size: bytes.byteLength, artifactType }]
    })
  }

  #make(name: string): Repository {
    const found = this.#repositories.get(name) ?? {
      blobs: new Map(),
      manifests: new Map(),
      tags: new Map(),
    }
    this.#repositories.set(name, found)
    return found
  }
}
