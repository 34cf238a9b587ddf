/** Name, labels and annotations, as every description begins. */
import type { ApiObject } from '../api-client.ts'

type Texts = Readonly<Record<string, string>>

export const annotationsOf = ({ metadata }: ApiObject): Texts =>
  (metadata['annotations'] ?? {}) as Texts
const labelsOf = ({ metadata }: ApiObject): Texts => (metadata['labels'] ?? {}) as Texts

/** `joined`: between name and value. */
function several(label: string, texts: Texts, joined: string): readonly string[] {
  const entries = Object.entries(texts).toSorted(([one], [other]) => (one < other ? -1 : 1))
  if (entries.length === 0) return [`${label}:\t<none>`]
  return entries.map(
    ([name, text], at) => `${at === 0 ? `${label}:` : ''}\t${name}${joined}${text}`,
  )
}

/** `kubectl`'s, which has `oc` describe what is Kubernetes'. */
export const kubernetesMetadata = (object: ApiObject): readonly string[] => [
  `Name:\t${object.metadata.name}`,
  ...(object.metadata.namespace === undefined ||
  object.kind === 'Role' ||
  object.kind === 'RoleBinding'
    ? []
    : [`Namespace:\t${object.metadata.namespace}`]),
  ...several('Labels', labelsOf(object), '='),
  ...several('Annotations', annotationsOf(object), ': '),
]

/** `oc`'s own, of what is OpenShift's. */
export const openshiftMetadata = (object: ApiObject, now: number): readonly string[] => [
  `Name:\t${object.metadata.name}`,
  ...(object.metadata.namespace === undefined ? [] : [`Namespace:\t${object.metadata.namespace}`]),
  `Created:\t${since(object.metadata['creationTimestamp'], now)}`,
  ...several('Labels', labelsOf(object), '='),
  ...several('Annotations', annotationsOf(object), '='),
]

const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** `5 minutes ago`; `time`: RFC 3339. */
export function since(time: unknown, now: number): string {
  const seconds = typeof time === 'string' ? Math.floor((now - Date.parse(time)) / 1000) : NaN
  if (Number.isNaN(seconds)) return '<unknown>'
  if (seconds < 1) return 'Less than a second ago'
  const [unit, size] = UNITS.find(([, least]) => seconds >= 2 * least) ?? ['second', 1]
  if (unit === 'second' && seconds >= 60) return 'About a minute ago'
  if (unit === 'minute' && seconds >= 3600) return 'About an hour ago'
  const count = Math.floor(seconds / size)
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`
}
