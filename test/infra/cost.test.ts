import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { costOf, sumOf, times } from '../../infra/cost/cost-of.ts'
import { PRICES } from '../../infra/cost/prices.ts'
import {
  idleMonth,
  oneBrought,
  onePull,
  onePullMetered,
  scrapedMonth,
} from '../../infra/cost/usage.ts'
import { settings } from '../../infra/settings.ts'

const { everyStage } = settings

describe('the cost', () => {
  it('is nothing while nobody uses a registry without a container', () => {
    for (const door of ['off', 'web-function'] as const) {
      const { list, afterFree } = costOf(idleMonth(door, everyStage))
      expect(afterFree).toBeLessThan(0.02)
      expect(list).toBeCloseTo(PRICES.dashboards.dollars, 1)
      const without = { ...everyStage, dashboard: false }
      expect(costOf(idleMonth(door, without)).list).toBeLessThan(0.05)
    }
  })

  it('is that of the container, its signs of life, its address and its load balancer with one', () => {
    const signs = costOf({ tableWrites: 2 * 60 }).list
    const container =
      0.5 * PRICES.containerCpuHours.dollars + PRICES.containerGbHours.dollars + signs
    const hour = container + PRICES.addressHours.dollars + PRICES.balancerHours.dollars
    const without = costOf(idleMonth('off', everyStage)).list
    expect(costOf(idleMonth('fargate', everyStage)).list - without).toBeCloseTo(730 * hour, 6)
  })

  it('counts alarms once there is somebody to tell', () => {
    const told = { ...everyStage, alarmMail: 'owner@sluice.test' }
    expect(idleMonth('off', told).alarms).toBe(15)
    expect(idleMonth('off', everyStage).alarms).toBeUndefined()
    expect(costOf({ alarms: 13 }).afterFree).toBeCloseTo(0.3, 6)
  })

  it('grows with the pulls, and what is free is taken off once', () => {
    const pull = onePull(everyStage)
    expect(costOf(times(1000, pull)).list).toBeCloseTo(1000 * costOf(pull).list, 6)
    expect(costOf({ lambdaRequests: 3e6 })).toEqual({ list: 0.2 * 3, afterFree: 0.2 * 2 })
    const both = costOf(sumOf({ lambdaRequests: 1e6 }, { lambdaRequests: 1e6, s3GbMonths: 100 }))
    expect(both.afterFree).toBeCloseTo(0.2 + 2.3, 6)
  })

  it('of the metrics is less than twice that of what they are of, and a scrape the same however many pull', () => {
    const pull = costOf(onePull(everyStage)).list
    expect(costOf(onePullMetered(everyStage)).list).toBeLessThan(2 * pull)
    expect(scrapedMonth(everyStage)).toMatchObject({ lambdaRequests: 730 * 120 })
    expect(costOf(scrapedMonth(everyStage)).list).toBeLessThan(2)
  })

  it('of what an upstream sends is by the blob and by its bytes', () => {
    const [small, large] = [1e6, 1e9].map((bytes) => oneBrought(bytes, everyStage))
    expect(small?.queueRequests).toBe(large?.queueRequests)
    expect(large?.s3Puts).toBe(3 + Math.ceil(1e9 / (8 * 1024 * 1024)))
    const seconds = (large?.lambdaGbSeconds ?? 0) / (everyStage.memory.fill / 1024)
    expect(seconds).toBeCloseTo(20, 0)
  })

  it('has a source and a date for every price', () => {
    for (const [name, { source, date }] of Object.entries(PRICES)) {
      expect(source, name).toMatch(/\S/)
      expect(date, name).toMatch(/^\d{4}-\d{2}-\d{2}$/)
    }
  })

  it('is printed as a table', () => {
    const script = join(import.meta.dirname, '../../infra/cost.ts')
    const printed = execFileSync(process.execPath, [script], { encoding: 'utf8' })
    expect(printed).toMatch(
      /^\| a million pulls, without the bytes \| \$\d+\.\d\d \| \$\d+\.\d\d \|$/m,
    )
    expect(printed.match(/^\| \$/gm)).toHaveLength(Object.keys(PRICES).length)
  })
})
