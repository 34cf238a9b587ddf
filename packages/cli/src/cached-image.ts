/** What a user calls an image of a cache: `docker.io/library/nginx`, with `:tag` or `@digest`. */
import { CommandError } from './command-error.ts'

export interface CachedImage {
  /** As it was said. */
  readonly text: string
  readonly project: string
  readonly repository: string
  readonly tag?: string
  readonly digest?: string
}

export function cachedImage(text: string): CachedImage {
  const [named = '', digest] = text.split('@')
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  const name = colon < 0 ? named : named.slice(0, colon)
  const tag = colon < 0 ? undefined : named.slice(colon + 1)
  const slash = name.indexOf('/')
  if (slash < 1 || slash === name.length - 1 || tag === '' || digest === '')
    throw new CommandError(
      `error: "${text}" is no image of an upstream: say docker.io/library/nginx:1.29`,
    )
  return {
    text,
    project: name.slice(0, slash),
    repository: name.slice(slash + 1),
    // Where both are said the digest decides, as it does for whoever pulls.
    ...(digest !== undefined ? { digest } : tag === undefined ? {} : { tag }),
  }
}

/** With the tag that clients mean who say none. */
export const withLatest = (image: CachedImage): CachedImage =>
  image.tag === undefined && image.digest === undefined
    ? { ...image, text: `${image.text}:latest`, tag: 'latest' }
    : image
