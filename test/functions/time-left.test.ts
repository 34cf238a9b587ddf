import { timeLeft } from '@sluice/functions/time-left'
import { describe, expect, it } from 'vitest'

describe('the time left', () => {
  it.each([
    [900_000, 60_000],
    [600_000, 60_000],
    [30_000, 3000],
    [1000, 100],
  ])('of %i ms ends %i ms before', (whole, margin) => {
    let left = whole
    const time = timeLeft({ getRemainingTimeInMillis: () => left })
    expect(time.whole).toBe(whole)
    expect(time.stop()).toBe(false)
    left = margin + 1
    expect(time.stop()).toBe(false)
    left = margin
    expect(time.stop()).toBe(true)
  })

  it('is over where there was none', () => {
    expect(timeLeft({ getRemainingTimeInMillis: () => 0 }).stop()).toBe(true)
  })
})
