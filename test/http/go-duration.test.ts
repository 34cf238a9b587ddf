import { goDuration } from '@sluice/http/go-duration'
import { expect, it } from 'vitest'

it.each([
  [0, '0s'],
  [0.000_001, '1ns'],
  [0.000_999, '999ns'],
  [0.001, '1µs'],
  [0.074_275, '74.275µs'],
  [1, '1ms'],
  [21.684_974, '21.684974ms'],
  [999.999_999, '999.999999ms'],
  [1000, '1s'],
  [1500, '1.5s'],
  [61_000, '1m1s'],
  [3_600_000, '1h0m0s'],
  [3_661_500.25, '1h1m1.50025s'],
  [-1, '0s'],
])('%s milliseconds are %s', (milliseconds, text) => {
  expect(goDuration(milliseconds)).toBe(text)
})
