/** What an image runs on, as an index says it. https://github.com/opencontainers/image-spec/blob/main/image-index.md */
import type { Digest } from './digest.ts'
import { RegistryError } from './errors.ts'

export interface Platform {
  readonly os: string
  readonly architecture: string
  /** `undefined`: any. */
  readonly variant: string | undefined
}

const PART = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** `linux/amd64`, `linux/arm/v7`. Refuses with REQUEST_INVALID. */
export function parsePlatform(text: string): Platform {
  const [os = '', architecture = '', variant, ...more] = text.split('/')
  const parts = [os, architecture, ...(variant === undefined ? [] : [variant])]
  if (more.length === 0 && parts.every((part) => PART.test(part)))
    return { os, architecture, variant }
  const detail = `${JSON.stringify(text)} is no platform: say linux/amd64 or linux/arm/v7`
  throw new RegistryError('REQUEST_INVALID', detail)
}

/** Of an index' manifests those for the platforms, and the platforms that it has none for. `index`: a parsed manifest's bytes. */
export function manifestsFor(
  index: Uint8Array,
  platforms: readonly Platform[],
): { readonly wanted: ReadonlySet<Digest>; readonly lacking: readonly string[] } {
  const { manifests } = JSON.parse(new TextDecoder().decode(index)) as {
    readonly manifests: readonly { readonly digest: Digest; readonly platform?: unknown }[]
  }
  const forOne = (platform: Platform) => manifests.filter((one) => runsOn(one.platform, platform))
  return {
    wanted: new Set(platforms.flatMap(forOne).map(({ digest }) => digest)),
    lacking: platforms.filter((one) => forOne(one).length === 0).map(platformText),
  }
}

const platformText = ({ os, architecture, variant }: Platform): string =>
  [os, architecture, ...(variant === undefined ? [] : [variant])].join('/')

function runsOn(said: unknown, { os, architecture, variant }: Platform): boolean {
  if (typeof said !== 'object' || said === null) return false
  const told = said as { readonly [name: string]: unknown }
  if (told['os'] !== os || told['architecture'] !== architecture) return false
  return variant === undefined || told['variant'] === variant
}
