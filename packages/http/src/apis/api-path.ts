/** What a path of the admin API names. https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
export interface ApiPath {
  readonly group: string
  readonly version: string
  readonly namespace?: string
  readonly plural: string
  readonly name?: string
  readonly subresource?: string
}

const PART = '([^/]+)'
const ROOT = `(?:/api/(v1)|/apis/${PART}/${PART})`
const PATH = new RegExp(`^${ROOT}(?:/namespaces/${PART}(?=/))?/${PART}(?:/${PART})?(?:/${PART})?$`)
/** Names of repositories have slashes, which a gateway decodes; and nothing is served below them. */
const IMAGES = new RegExp(
  `^/apis/(image\\.openshift\\.io)/${PART}/namespaces/${PART}/${PART}/(.+)$`,
)
/** A namespace is a resource itself, and has none below that are served here. */
const NAMESPACE = /^\/api\/(v1)\/namespaces(?:\/([^/]+))?$/

/** `undefined` for what is no resource: discovery, and what does not exist. */
export function apiPath(path: string): ApiPath | undefined {
  const namespaces = NAMESPACE.exec(path)
  if (namespaces) {
    const [, version = '', name] = namespaces
    const found = { group: '', version, plural: 'namespaces' }
    return name === undefined ? found : decoded({ ...found, name })
  }
  const images = IMAGES.exec(path)
  if (images) {
    const [, group = '', version = '', namespace = '', plural = '', name = ''] = images
    return decoded({ group, version, namespace, plural, name })
  }
  const match = PATH.exec(path)
  if (!match) return undefined
  const [, core, group = '', version = core ?? '', namespace, plural = '', name, subresource] =
    match
  return decoded({
    group,
    version,
    plural,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  })
}

/** `undefined` where a percent sign means nothing. */
function decoded(path: ApiPath): ApiPath | undefined {
  try {
    const { group, version, plural, ...named } = path
    const read = Object.entries(named).map(([part, text]) => [part, decodeURIComponent(text)])
    return { group, version, plural, ...(Object.fromEntries(read) as typeof named) }
  } catch {
    return undefined
  }
}
