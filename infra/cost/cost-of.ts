import { type Billed, PRICES, type Usage } from './prices.ts'

/** Dollars: by the list, and after what every account has free each month (and uses for nothing else). */
export function costOf(usage: Usage): { readonly list: number; readonly afterFree: number } {
  let list = 0
  let afterFree = 0
  for (const [name, amount] of Object.entries(usage) as [Billed, number][]) {
    const price = PRICES[name]
    const free = 'free' in price ? price.free : 0
    list += (amount / price.per) * price.dollars
    afterFree += (Math.max(0, amount - free) / price.per) * price.dollars
  }
  return { list, afterFree }
}

/** All of them at once. */
export function sumOf(...usages: readonly Usage[]): Usage {
  const sum: Partial<Record<Billed, number>> = {}
  for (const usage of usages) {
    for (const [name, amount] of Object.entries(usage) as [Billed, number][]) {
      sum[name] = (sum[name] ?? 0) + amount
    }
  }
  return sum
}

/** So many times as much. */
export const times = (count: number, usage: Usage): Usage =>
  Object.fromEntries(Object.entries(usage).map(([name, amount]) => [name, count * amount]))
