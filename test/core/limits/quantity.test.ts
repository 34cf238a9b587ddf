import { parseQuantity, quantityText } from '@sluice/core/limits/quantity'
import { expect, it } from 'vitest'

it.each([
  ['0', 0],
  ['30', 30],
  ['1Ki', 1024],
  ['200Mi', 209_715_200],
  ['1Gi', 1_073_741_824],
  ['1.5Gi', 1_610_612_736],
  ['.5Ki', 512],
  ['1k', 1000],
  ['2G', 2e9],
  ['1e3', 1000],
  ['1E3', 1000],
  ['1E', 1e18],
  ['12e-1', 1.2],
  ['100m', 0.1],
  ['2.007k', 2007],
  ['0.000123M', 123],
  ['-1', -1],
  ['+5', 5],
])('%s is %d', (text, value) => {
  expect(parseQuantity(text)).toBe(value)
})

it.each([
  '',
  'Gi',
  '1 Gi',
  '1GB',
  '1gi',
  '1KI',
  '0x10',
  '1e',
  '1e1234',
  'Infinity',
  'NaN',
  '1_000',
  '１',
])('%j is none', (text) => {
  expect(parseQuantity(text)).toBeUndefined()
})

it.each([
  [0, '0'],
  [1, '1'],
  [1000, '1000'],
  [1024, '1Ki'],
  [1025, '1025'],
  [1536 * 1024, '1536Ki'],
  [2 ** 30, '1Gi'],
  [Number.MAX_SAFE_INTEGER, '9007199254740991'],
])('%d bytes are %s', (bytes, text) => {
  expect(quantityText(bytes)).toBe(text)
  expect(parseQuantity(text)).toBe(bytes)
})
