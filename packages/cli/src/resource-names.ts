/** What the user may call what, and where the registry has it. */
import { CommandError } from './command-error.ts'
import { didYouMean } from './did-you-mean.ts'

export interface NamedResource {
  readonly kind: string
  readonly plural: string
  readonly group: string
  readonly namespaced: boolean
}

const RBAC = 'rbac.authorization.k8s.io'

const IMAGE = 'image.openshift.io'

const RESOURCES: readonly (NamedResource & { readonly short?: string })[] = [
  { kind: 'ClusterRole', plural: 'clusterroles', group: RBAC, namespaced: false },
  { kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', group: RBAC, namespaced: false },
  { kind: 'Role', plural: 'roles', group: RBAC, namespaced: true },
  { kind: 'RoleBinding', plural: 'rolebindings', group: RBAC, namespaced: true },
  { kind: 'ImageStream', plural: 'imagestreams', group: IMAGE, namespaced: true, short: 'is' },
  {
    kind: 'ImageStreamTag',
    plural: 'imagestreamtags',
    group: IMAGE,
    namespaced: true,
    short: 'istag',
  },
  { kind: 'Project', plural: 'projects', group: 'project.openshift.io', namespaced: false },
  { kind: 'Namespace', plural: 'namespaces', group: '', namespaced: false, short: 'ns' },
  { kind: 'Pod', plural: 'pods', group: '', namespaced: true, short: 'po' },
  { kind: 'Secret', plural: 'secrets', group: '', namespaced: true },
  { kind: 'ServiceAccount', plural: 'serviceaccounts', group: '', namespaced: true, short: 'sa' },
  { kind: 'LimitRange', plural: 'limitranges', group: '', namespaced: true, short: 'limits' },
  { kind: 'ResourceQuota', plural: 'resourcequotas', group: '', namespaced: true, short: 'quota' },
  { kind: 'Upstream', plural: 'upstreams', group: 'sluice.dev', namespaced: false },
  { kind: 'Webhook', plural: 'webhooks', group: 'sluice.dev', namespaced: false },
  { kind: 'DeadLetter', plural: 'deadletters', group: 'sluice.dev', namespaced: false },
]

export function resourceNamed(text: string): NamedResource {
  const name = text.toLowerCase().split('.')[0] ?? ''
  const found = RESOURCES.find(({ kind, plural, short }) =>
    [kind.toLowerCase(), plural, short].includes(name),
  )
  if (found) return found
  throw new CommandError(
    `error: the server doesn't have a resource type "${text}"${didYouMean(name, resourceNames())}`,
  )
}

/** All plurals, singulars and short names. */
export const resourceNames = (): readonly string[] =>
  RESOURCES.flatMap(({ kind, plural, short }) => [
    plural,
    kind.toLowerCase(),
    ...(short === undefined ? [] : [short]),
  ])

export function resourceOfKind(kind: string): NamedResource {
  const found = RESOURCES.find((one) => one.kind === kind)
  if (found) return found
  const kinds = RESOURCES.map((one) => one.kind)
  throw new CommandError(`error: no matches for kind "${kind}"${didYouMean(kind, kinds)}`)
}

export interface ResourceAndNames {
  readonly resource: NamedResource
  readonly names: readonly string[]
}

/** `sa a b`, `sa/a is/b`, `sa,is`. */
export function resourcesAndNames(
  type: string,
  names: readonly string[],
): readonly ResourceAndNames[] {
  if (!type.includes('/'))
    return type.split(',').map((one) => ({ resource: resourceNamed(one), names }))
  return [type, ...names].map((text) => {
    // The names of image streams may have slashes themselves.
    const slash = text.indexOf('/')
    const name = text.slice(slash + 1)
    if (slash < 0 || name === '')
      throw new CommandError(
        `error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'sluice get resource/<resource_name>' instead of 'sluice get resource resource/<resource_name>'`,
      )
    return { resource: resourceNamed(text.slice(0, slash)), names: [name] }
  })
}

/** `rolebinding.rbac.authorization.k8s.io`. */
export const shownName = ({ kind, group }: NamedResource): string =>
  group === '' ? kind.toLowerCase() : `${kind.toLowerCase()}.${group}`

export function pathOf(
  { group, plural, namespaced }: NamedResource,
  namespace: string | undefined,
  name?: string,
): string {
  const root = group === '' ? '/api/v1' : `/apis/${group}/v1`
  const within =
    namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${root}${within}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`
}
