/** Limits and quotas, as kubectl describes them, which `oc` leaves it to. */
import type { ApiObject } from '../api-client.ts'
import { withSpaces } from '../tab-writer.ts'

type Quantities = Readonly<Record<string, string>>

interface LimitRange extends ApiObject {
  readonly spec: {
    readonly limits?: readonly { readonly type: string; readonly max?: Quantities }[]
  }
}

interface ResourceQuota extends ApiObject {
  readonly status?: { readonly hard?: Quantities; readonly used?: Quantities }
}

const byName = (quantities: Quantities = {}): readonly (readonly [string, string])[] =>
  Object.entries(quantities).toSorted(([one], [other]) => (one < other ? -1 : 1))

/** What a project's description says of it as well. */
export function limitRangeLines(object: ApiObject): readonly string[] {
  const { limits = [] } = (object as LimitRange).spec
  return [
    'Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio',
    '----\t--------\t---\t---\t---------------\t-------------\t-----------------------',
    ...limits.flatMap(({ type, max }) =>
      byName(max).map(([resource, most]) => `${type}\t${resource}\t-\t${most}\t-\t-\t-`),
    ),
  ]
}

export function quotaLines(object: ApiObject): readonly string[] {
  const { hard, used = {} } = (object as ResourceQuota).status ?? {}
  return [
    'Resource\tUsed\tHard',
    '--------\t----\t----',
    ...byName(hard).map(([resource, most]) => `${resource}\t${used[resource] ?? ''}\t${most}`),
  ]
}

const named = ({ metadata }: ApiObject): readonly string[] => [
  `Name:\t${metadata.name}`,
  `Namespace:\t${metadata.namespace}`,
]

export const describeLimitRange = (object: ApiObject): string =>
  withSpaces([...named(object), ...limitRangeLines(object)])

export const describeResourceQuota = (object: ApiObject): string =>
  withSpaces([...named(object), ...quotaLines(object)])
