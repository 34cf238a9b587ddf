/**
 * Another registry, read through the OCI Distribution API. Absence (the upstream's own 404) is `undefined`; every other way
 * of not getting an answer throws `UpstreamError`. Nothing here is verified but where a comment says so.
 */
import type { Digest } from '../digest.ts'
import type { Reference } from '../reference.ts'
import type { UpstreamSettings } from '../upstream/upstream-settings.ts'
import type { Source } from './blob-store.ts'

export interface UpstreamDescriptor {
  readonly digest: Digest
  readonly mediaType: string
  /** Bytes. */
  readonly size: number
}

export interface UpstreamManifest {
  /** As it came, byte for byte; at most `MAX_MANIFEST_BYTES`. */
  readonly bytes: Uint8Array
  /** Content-Type without parameters. */
  readonly mediaType: string
}

export interface UpstreamBlob {
  /** Bytes of the whole blob, as the upstream says. */
  readonly size: number
  /** From the byte asked for on. Throws `UpstreamError` when the transfer breaks. Whoever stops early ends the iteration. */
  readonly bytes: Source
}

export interface Upstream {
  /** What a reference names now, at the cost of a HEAD where the upstream answers that with a digest. */
  resolve(repository: string, reference: Reference): Promise<UpstreamDescriptor | undefined>

  manifest(repository: string, reference: Reference): Promise<UpstreamManifest | undefined>

  /** Bytes of a blob, 0 and more. */
  blobSize(repository: string, digest: Digest): Promise<number | undefined>

  /**
   * The blob from byte `start` on (RFC 9110 section 14.2; an upstream that knows no ranges is read from its beginning and
   * the bytes before are dropped). Waits while the upstream has as many transfers as its settings allow.
   */
  blob(repository: string, digest: Digest, start: number): Promise<UpstreamBlob | undefined>

  /**
   * Where the upstream sends whoever asks for the blob, https, for a client that has no credentials there; 'here' where it
   * answers with the bytes itself, or at an address that no client should be sent to.
   */
  blobUrl(repository: string, digest: Digest): Promise<URL | 'here' | undefined>

  /** In the upstream's order, all pages. */
  tags(repository: string): Promise<readonly string[] | undefined>

  /** The descriptors of the referrers index, all pages, as the upstream wrote them; by the tag schema where it has no API. */
  referrers(repository: string, subject: Digest): Promise<readonly unknown[] | undefined>
}

/** Opens upstreams by their settings. Equal settings share connections, tokens and the count of transfers. */
export interface UpstreamDialer {
  /** `via`: the registries through which the questions come, this one last, by their pseudonyms; the upstream is told. */
  dial(name: string, settings: UpstreamSettings, via?: readonly string[]): Upstream
}

/**
 * `unreachable`: no connection, a time-out, or a transfer that broke. `failing`: 5xx. `limited`: 429. `refusing`: 401 or
 * 403, also with the credentials of the settings. `lying`: what it sent is not what it said, or no answer of a registry.
 * `looping`: it would ask a registry that is already asking. `forbidden`: the settings or the registry's own rules do not
 * let this be asked.
 */
export type UpstreamFailure =
  'unreachable' | 'failing' | 'limited' | 'refusing' | 'lying' | 'looping' | 'forbidden'

/** The message is for the client to read: it names the upstream and holds neither address, credentials nor queries. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError'
  readonly upstream: string
  readonly reason: UpstreamFailure
  /** Seconds, as the upstream asked for in Retry-After. */
  readonly retryAfter: number | undefined
  /** It happened to the upstream itself, as it reads through another: the upstream is well. */
  readonly relayed: boolean

  constructor(
    upstream: string,
    reason: UpstreamFailure,
    message: string,
    options: {
      readonly retryAfter?: number
      readonly relayed?: boolean
      readonly cause?: unknown
    } = {},
  ) {
    super(`upstream ${upstream} ${message}`, { cause: options.cause })
    this.upstream = upstream
    this.reason = reason
    this.retryAfter = options.retryAfter
    this.relayed = options.relayed ?? false
  }
}
