/** Projects as `oc` describes them; namespaces and service accounts as kubectl does. */
import type { ApiObject } from '../api-client.ts'
import { withSpaces, withTabs } from '../tab-writer.ts'
import { limitRangeLines, quotaLines } from './limits.ts'
import { annotationsOf, kubernetesMetadata, openshiftMetadata } from './metadata.ts'

/** What limits a project; `undefined` where the caller may not know. */
export interface ProjectLimits {
  readonly quotas: readonly ApiObject[] | undefined
  readonly ranges: readonly ApiObject[] | undefined
}

export function describeProject(
  project: ApiObject,
  now: number,
  { quotas, ranges }: ProjectLimits,
): string {
  const annotations = annotationsOf(project)
  const told = (name: string): string => annotations[`openshift.io/${name}`] || '<none>'
  return withTabs([
    ...openshiftMetadata(project, now),
    `Display Name:\t${told('display-name')}`,
    `Description:\t${told('description')}`,
    'Status:\tActive',
    'Node Selector:\t<none>',
    ...(quotas?.length ? several('Quota:', quotas, quotaLines) : [`Quota:\t${none(quotas)}`]),
    ...(ranges?.length
      ? several('Resource limits:', ranges, limitRangeLines)
      : [`Resource limits:\t${none(ranges)}`]),
  ])
}

/** Whoever may not see them is not told that there are none. */
const none = (objects: readonly ApiObject[] | undefined): string =>
  objects ? '<none>' : '<unknown>'

/** All of one kind, each under its name. */
function several(
  title: string,
  objects: readonly ApiObject[],
  linesOf: (object: ApiObject) => readonly string[],
): readonly string[] {
  const lines = objects.flatMap((one) => [`Name:\t${one.metadata.name}`, ...linesOf(one)])
  return [title, ...lines.map((line) => `  ${line}`)]
}

export const describeNamespace = (
  namespace: ApiObject,
  { quotas, ranges }: ProjectLimits,
): string =>
  withSpaces([
    ...kubernetesMetadata(namespace),
    'Status:\tActive',
    '',
    ...(quotas?.length
      ? several('Resource Quotas', quotas, quotaLines)
      : [quotas ? 'No resource quota.' : 'Resource quotas: unknown']),
    '',
    ...(ranges?.length
      ? several('Resource Limits', ranges, limitRangeLines)
      : [ranges ? 'No LimitRange resource.' : 'LimitRange resources: unknown']),
  ])

export const describeServiceAccount = (account: ApiObject): string =>
  withSpaces([
    ...kubernetesMetadata(account),
    'Image pull secrets:\t<none>',
    'Mountable secrets:\t<none>',
    'Tokens:\t<none>',
    'Events:\t<none>',
  ])
