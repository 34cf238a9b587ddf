/** Repositories, tags and digests by the names that `image.openshift.io/v1` has for them. */
import { parseDigest, type Digest } from '@sluice/core/digest'
import { RegistryError } from '@sluice/core/errors'
import { parseTag, type Tag } from '@sluice/core/reference'
import { parseRepositoryName, projectOf, type RepositoryName } from '@sluice/core/repository-name'

/** `app` of `team/app`. */
export const streamOf = (repository: RepositoryName): string =>
  repository.slice(projectOf(repository).length + 1)

/** `undefined`: no repository can be called so. */
export const repositoryOf = (
  namespace: string | undefined,
  stream: string,
): RepositoryName | undefined => unlessRefused(() => parseRepositoryName(`${namespace}/${stream}`))

export const imageDigestOf = (name: string): Digest | undefined =>
  unlessRefused(() => parseDigest(name))

/** `app:v1` is the tag `v1` of the repository `app`. */
export function streamTagOf(
  namespace: string | undefined,
  name: string,
): { readonly repository: RepositoryName; readonly tag: Tag } | undefined {
  const [stream, text] = halves(name, ':')
  const repository = repositoryOf(namespace, stream)
  const tag = unlessRefused(() => parseTag(text))
  return repository && tag ? { repository, tag } : undefined
}

/** `app@sha256:...` is a manifest of the repository `app`. */
export function streamImageOf(
  namespace: string | undefined,
  name: string,
): { readonly repository: RepositoryName; readonly digest: Digest } | undefined {
  const [stream, text] = halves(name, '@')
  const repository = repositoryOf(namespace, stream)
  const digest = imageDigestOf(text)
  return repository && digest ? { repository, digest } : undefined
}

function halves(name: string, by: string): readonly [string, string] {
  const at = name.lastIndexOf(by)
  return at < 0 ? ['', ''] : [name.slice(0, at), name.slice(at + 1)]
}

/** `undefined` for a name that is none, as for what is not there. */
export function unlessRefused<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch (error) {
    if (error instanceof RegistryError) return undefined
    throw error
  }
}

/** `undefined` for what is not there, or went while it was asked for. */
export async function ifKnown<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    const unknown =
      error instanceof RegistryError && ['MANIFEST_UNKNOWN', 'NAME_UNKNOWN'].includes(error.code)
    if (unknown) return undefined
    throw error
  }
}
