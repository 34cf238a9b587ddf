/** Manifests of one of an upstream's addresses. */
import { algorithmOf, digestOf, type Digest } from '@sluice/core/digest'
import { MAX_MANIFEST_BYTES } from '@sluice/core/manifest'
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  isMediaType,
  OCI_INDEX,
  OCI_MANIFEST,
} from '@sluice/core/media-type'
import type { UpstreamDescriptor, UpstreamManifest } from '@sluice/core/ports/upstream'
import type { Reference } from '@sluice/core/reference'
import { headerOf } from './header-of.ts'
import { lengthOf } from './length-of.ts'
import { mediaTypeOf } from './media-type-of.ts'
import type { Question, Questions, Reply } from './questions.ts'
import { isDigest, type UpstreamPath } from './upstream-path.ts'

/** All that is understood, so that nothing is converted for us (Docker Hub made schema 1 of what was not named). */
const ACCEPT = [
  OCI_INDEX,
  OCI_MANIFEST,
  DOCKER_LIST,
  DOCKER_MANIFEST,
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
  'application/vnd.docker.distribution.manifest.v1+json',
  '*/*',
].join(', ')

/** A registry that answers no HEAD. */
const NO_HEAD = new Set([400, 405, 501])

export class UpstreamManifests {
  readonly #questions: Questions
  readonly #path: UpstreamPath

  constructor(questions: Questions, path: UpstreamPath) {
    this.#questions = questions
    this.#path = path
  }

  async resolve(
    base: URL,
    repository: string,
    reference: Reference,
  ): Promise<UpstreamDescriptor | undefined> {
    const question = this.#question('HEAD', repository, reference)
    const reply = await this.#questions.ask(base, { ...question, also: [...NO_HEAD] })
    if (!reply) return undefined
    await reply.body.discard()
    const said = reply.status === 200 ? this.#descriptor(reply, reference) : undefined
    if (said) return said
    const found = await this.manifest(base, repository, reference)
    if (!found) return undefined
    const algorithm = 'digest' in reference ? algorithmOf(reference.digest) : 'sha256'
    const { bytes, mediaType } = found
    return { digest: digestOf(algorithm, bytes), mediaType, size: bytes.byteLength }
  }

  async manifest(
    base: URL,
    repository: string,
    reference: Reference,
  ): Promise<UpstreamManifest | undefined> {
    const reply = await this.#questions.ask(base, this.#question('GET', repository, reference))
    if (!reply) return undefined
    const bytes = await this.#questions.bytes(reply, MAX_MANIFEST_BYTES)
    const { mediaType: written } = this.#questions.parse(bytes)
    const mediaType = mediaTypeOf(reply.headers) || written
    if (typeof mediaType !== 'string' || !isMediaType(mediaType)) {
      throw this.#questions.lie('does not say what kind of manifest it sends')
    }
    return { bytes, mediaType }
  }

  #question(method: 'GET' | 'HEAD', repository: string, reference: Reference): Question {
    const path = this.#path.manifest(repository, reference)
    return { method, path, repository, headers: { accept: ACCEPT } }
  }

  /** `undefined` where the headers do not say it all. */
  #descriptor({ headers }: Reply, reference: Reference): UpstreamDescriptor | undefined {
    const size = lengthOf(headers)
    const mediaType = mediaTypeOf(headers)
    const digest = this.#digest(headerOf(headers, 'docker-content-digest'), reference)
    if (!size || !isMediaType(mediaType) || digest === undefined) return undefined
    if (size > MAX_MANIFEST_BYTES) throw this.#questions.lie('has a larger manifest than may be')
    return { digest, mediaType, size }
  }

  #digest(said: string | undefined, reference: Reference): Digest | undefined {
    const wanted = 'digest' in reference ? reference.digest : undefined
    if (said === undefined) return wanted
    if (!isDigest(said)) throw this.#questions.lie('names a digest that is none')
    if (wanted !== undefined && algorithmOf(said) === algorithmOf(wanted) && said !== wanted) {
      throw this.#questions.lie('answers with another manifest than it was asked for')
    }
    return wanted ?? said
  }
}
