/** `node infra/cost.ts`: what the registry of `settings.ts` costs, as a table, and the prices that it follows from. */
import { costOf, times } from './cost/cost-of.ts'
import { PRICES, type Usage } from './cost/prices.ts'
import {
  idleMonth,
  oneBrought,
  onePull,
  onePullMetered,
  scrapedMonth,
  toldMonth,
} from './cost/usage.ts'
import { settings } from './settings.ts'

const { everyStage } = settings
const containers = `${everyStage.fargate.min} x ${everyStage.fargate.cpu}, ${everyStage.fargate.memory}`

const rows: readonly (readonly [what: string, usage: Usage])[] = [
  ['a month, idle, upload door off', idleMonth('off', everyStage)],
  // AWS has not published what a Web Function costs while it works; it costs nothing while it does not.
  ['a month, idle, upload door a Web Function', idleMonth('web-function', everyStage)],
  [`a month, idle, upload door on Fargate (${containers})`, idleMonth('fargate', everyStage)],
  ['a million pulls, without the bytes', times(1e6, onePull(everyStage))],
  ['and the metrics of them, each pull by itself', times(1e6, onePullMetered(everyStage))],
  ['a month of metrics in CloudWatch, used each hour', toldMonth(everyStage.uploadDoor)],
  ['a month of scrapes, each 30 s', scrapedMonth(everyStage)],
  ['100 GB brought from upstreams, in blobs of 10 MB', times(10_000, oneBrought(10e6, everyStage))],
  ['100 GB of blobs, a month', { s3GbMonths: 100 }],
  ['100 GB pulled over the internet', { gbOut: 100 }],
]

const dollars = (amount: number): string => `$${amount.toFixed(2)}`

console.log('| what | list price | after the free allowance |')
console.log('| --- | ---: | ---: |')
for (const [what, usage] of rows) {
  const { list, afterFree } = costOf(usage)
  console.log(`| ${what} | ${dollars(list)} | ${dollars(afterFree)} |`)
}
console.log('\n| price | for | free each month | source, read on |')
console.log('| ---: | --- | ---: | --- |')
for (const price of Object.values(PRICES)) {
  const per = price.per === 1 ? '1' : price.per.toLocaleString('en')
  const free = 'free' in price ? price.free.toLocaleString('en') : ''
  console.log(
    `| $${price.dollars} | ${per} x ${price.unit} | ${free} | ${price.source}, ${price.date} |`,
  )
}
