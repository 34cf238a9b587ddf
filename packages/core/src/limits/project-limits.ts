/**
 * The limits and quotas of a project as its own record has them, which every push reads anyhow: an attribute for each
 * object, `limitrange#<name>` and `resourcequota#<name>`, written with it in one transaction.
 */
import type { Item, Value } from '../ports/table.ts'
import type { LimitRangeContent } from './limit-range.ts'
import { parseQuantity } from './quantity.ts'
import type { ResourceQuotaContent } from './resource-quota.ts'

const LIMIT_RANGE = 'limitrange#'
const RESOURCE_QUOTA = 'resourcequota#'

export const limitRangeAttribute = (name: string): string => LIMIT_RANGE + name
export const resourceQuotaAttribute = (name: string): string => RESOURCE_QUOTA + name

/** The most of something, and the object that says so. */
export interface Limit {
  readonly object: string
  readonly most: number
  /** As it was written. */
  readonly text: string
}

export class ProjectLimits {
  readonly #ranges: readonly (readonly [string, LimitRangeContent])[]
  readonly #quotas: readonly (readonly [string, ResourceQuotaContent])[]

  private constructor(item: Item) {
    this.#ranges = contents<LimitRangeContent>(item, LIMIT_RANGE)
    this.#quotas = contents<ResourceQuotaContent>(item, RESOURCE_QUOTA)
  }

  /** `undefined` where there are none, as in most projects. */
  static of(item: Item): ProjectLimits | undefined {
    const has = Object.keys(item).some(
      (name) => name.startsWith(LIMIT_RANGE) || name.startsWith(RESOURCE_QUOTA),
    )
    return has ? new ProjectLimits(item) : undefined
  }

  /** The lowest that any LimitRange sets. */
  max(type: string, resource: string): Limit | undefined {
    const limits = this.#ranges.flatMap(([object, { limits: items }]) =>
      items.flatMap((item) => (item.type === type ? limitOf(object, item.max[resource]) : [])),
    )
    return lowest(limits)
  }

  /** The lowest that any ResourceQuota sets. */
  hard(resource: string): Limit | undefined {
    return lowest(this.#quotas.flatMap(([object, { hard }]) => limitOf(object, hard[resource])))
  }
}

function contents<Content>(item: Item, prefix: string): (readonly [string, Content])[] {
  const named = Object.entries(item).filter(([name]) => name.startsWith(prefix))
  return named.map(([name, value]: [string, Value]) => [
    name.slice(prefix.length),
    value as unknown as Content,
  ])
}

/** Rounded up, as Kubernetes does where it counts whole things. */
const limitOf = (object: string, text: string | undefined): Limit[] =>
  text === undefined ? [] : [{ object, most: Math.ceil(parseQuantity(text) ?? 0), text }]

const lowest = (limits: readonly Limit[]): Limit | undefined =>
  limits.reduce<Limit | undefined>(
    (least, limit) => (least && least.most <= limit.most ? least : limit),
    undefined,
  )
