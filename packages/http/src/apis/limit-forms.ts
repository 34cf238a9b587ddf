/** Limits and quotas as `v1` writes them. */
import type { LimitRangeContent, Quantities } from '@sluice/core/limits/limit-range'
import type { ResourceQuotaContent } from '@sluice/core/limits/resource-quota'
import type { Form } from './collection-store.ts'
import { badRequest, listOf, membersOf, textOf, type Json, type Members } from './wire-object.ts'

export const limitRangeForm: Form<LimitRangeContent> = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  write: ({ limits }) => ({ spec: { limits: limits.map(({ type, max }) => ({ type, max })) } }),
  read: (object) => {
    const where = 'spec.limits'
    const limits = listOf(membersOf(object['spec'], 'spec')['limits'], where)
    return {
      limits: limits.map((one, at) => {
        const item = membersOf(one, `${where}[${at}]`)
        refuseOthers(item, ['type', 'max'], `${where}[${at}]`)
        return {
          type: textOf(item['type'], `${where}[${at}].type`),
          max: quantitiesOf(item['max'], `${where}[${at}].max`),
        }
      }),
    }
  },
}

export const resourceQuotaForm: Form<ResourceQuotaContent> = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  write: ({ hard }) => ({ spec: { hard } }),
  read: (object) => {
    const spec = membersOf(object['spec'], 'spec')
    refuseOthers(spec, ['hard'], 'spec')
    return { hard: quantitiesOf(spec['hard'], 'spec.hard') }
  },
}

/** A limit that nobody keeps is worse than none: a field of Kubernetes' that means nothing here must be empty. */
function refuseOthers(members: Members, known: readonly string[], where: string): void {
  const [other] = Object.keys(members).filter(
    (name) => !known.includes(name) && !isEmpty(members[name]!),
  )
  if (other !== undefined) throw badRequest(`${where}.${other} is not supported by a registry`)
}

const isEmpty = (value: Json): boolean =>
  value === null || (typeof value === 'object' && Object.keys(value).length === 0)

/** Each a string, or a number as Kubernetes reads it too. */
function quantitiesOf(value: Json | undefined, where: string): Quantities {
  const entries = Object.entries(membersOf(value, where))
  return Object.fromEntries(
    entries.map(([name, one]) => [
      name,
      typeof one === 'number' ? String(one) : textOf(one, `${where}[${name}]`),
    ]),
  )
}
