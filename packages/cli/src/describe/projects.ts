/** Projects as `oc` describes them; namespaces and service accounts as kubectl does. */
import type { ApiObject } from '../api-client.ts'
import { withSpaces, withTabs } from '../tab-writer.ts'
import { annotationsOf, kubernetesMetadata, openshiftMetadata } from './metadata.ts'

export function describeProject(project: ApiObject, now: number): string {
  const annotations = annotationsOf(project)
  const told = (name: string): string => annotations[`openshift.io/${name}`] || '<none>'
  return withTabs([
    ...openshiftMetadata(project, now),
    `Display Name:\t${told('display-name')}`,
    `Description:\t${told('description')}`,
    'Status:\tActive',
    'Node Selector:\t<none>',
    'Quota:\t<none>',
    'Resource limits:\t<none>',
  ])
}

export const describeNamespace = (namespace: ApiObject): string =>
  withSpaces([
    ...kubernetesMetadata(namespace),
    'Status:\tActive',
    '',
    'No resource quota.',
    '',
    'No LimitRange resource.',
  ])

export const describeServiceAccount = (account: ApiObject): string =>
  withSpaces([
    ...kubernetesMetadata(account),
    'Image pull secrets:\t<none>',
    'Mountable secrets:\t<none>',
    'Tokens:\t<none>',
    'Events:\t<none>',
  ])
