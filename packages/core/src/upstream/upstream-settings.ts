/** How another registry is read through; an object of the API (`upstreams.sluice.dev`). Times are in seconds. */

/** What a client gets while a blob is not here: the growing file, the upstream's own URL, or an answer once it is. */
export const MISS_POLICIES = ['stream', 'redirect', 'wait'] as const
export type MissPolicy = (typeof MISS_POLICIES)[number]

export interface UpstreamCredentials {
  /**
   * `basic`: for the upstream, or for its token service. `ecr`: fetched with what the door runs as. `gar`: fetched with a
   * key of Google's.
   */
  readonly type: 'basic' | 'bearer' | 'ecr' | 'gar'
  /** Name of the secret: `<user>:<password>` of `basic`, the token of `bearer`, the service account's key (JSON) of `gar`. */
  readonly secretName?: string
}

/** The first whose pattern matches the whole tag counts; `*` stands for any characters. */
export interface TagAge {
  readonly pattern: string
  readonly seconds: number
}

export interface UpstreamSettings {
  /** Tried in order: the registry itself, then its mirrors. `https://host[:port]`. */
  readonly urls: readonly string[]
  /** Other host names of the same registry, as clients may say them in `?ns=`. */
  readonly aliases: readonly string[]
  /** Set before names of one component (`library` of Docker Hub). */
  readonly defaultPrefix?: string
  readonly credentials?: UpstreamCredentials
  /** Hosts of a token service elsewhere than under the registry's own domain. */
  readonly realmHosts: readonly string[]
  readonly missPolicy: MissPolicy
  /** How long a tag is believed without asking again. */
  readonly tagAges: readonly TagAge[]
  /** Ask before the answer about a stale tag, or after it. */
  readonly revalidate: 'first' | 'behind'
  /** How long beyond its age a tag is served when the upstream cannot be asked. Digests are for ever. */
  readonly staleIfError: number
  readonly negativeAges: {
    /** Of what the upstream does not have. */
    readonly tag: number
    readonly digest: number
    /** Of what it refuses. */
    readonly refused: number
  }
  /** Repositories, as the upstream names them; `*` stands for any characters. Denied wins; no `allow` allows all. */
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  /** Transfers of blobs at once, of one process. */
  readonly concurrency: number
  /** A tag that the registry first saw less long ago is not served yet, but what it named before. */
  readonly minimumTagAge: number
  /** What nobody has pulled for so long goes from the cache; 0: nothing does. */
  readonly evictAfter: number
  /** Of all stored blobs of the cache; what was pulled longest ago goes first. 0: as many as there are. */
  readonly maxBytes: number
  /** PEM of the authorities that its certificates come from, instead of the system's. */
  readonly certificateAuthority?: string
  /** http, or certificates of anybody. */
  readonly insecure: boolean
  /** Addresses that are private, loopback or link-local are allowed. */
  readonly privateAddresses: boolean
  /** `http://host:port` through which it is reached. */
  readonly proxy?: string
}

/** More upstreams than that are not configured by hand. */
export const MOST_UPSTREAMS = 10_000
