import { parseMeteredLine } from '@sluice/adapters/metrics/metered-line'
import { describe, expect, it } from 'vitest'

const ENVIRONMENT = '0123456789abcdef0123456789abcdef'
const ROW = [['get'], 1, 0.5, [[7, [0.5, [0.25, 2]]]]]

const line = (meter: object = {}, readings: object = {}): string =>
  JSON.stringify({
    _aws: { Timestamp: 1000 },
    meter: {
      environment: ENVIRONMENT,
      sequence: 3,
      readings: {
        version: 1,
        families: { imageregistry_http_request_duration_seconds: [ROW] },
        ...readings,
      },
      ...meter,
    },
  })

describe('a line of what was counted', () => {
  it('is read', () => {
    expect(parseMeteredLine(line())).toMatchObject({
      environment: ENVIRONMENT,
      sequence: 3,
      at: 1000,
    })
  })

  it.each([
    ['no JSON', 'START RequestId: 1'],
    ['JSON of something else', '{"level":"info"}'],
    ['null', 'null'],
    ['of nobody', line({ environment: 'me' })],
    ['of no number', line({ sequence: '3' })],
    ['of number 0', line({ sequence: 0 })],
    ['without readings', line({ readings: null })],
    ['of a newer form', line({}, { version: 2 })],
    ['with a row of something else', line({}, { families: { a: [{}] } })],
    ['with a label that is no text', line({}, { families: { a: [[[1], 1]] } })],
    ['with a count that is none', line({}, { families: { a: [[['x'], '1']] } })],
    ['with less than nothing', line({}, { families: { a: [[['x'], -1]] } })],
    ['with a cell that is none', line({}, { families: { a: [[['x'], 1, 1, [[7, [['a', 1]]]]]] } })],
  ])('is not read of what is %s', (_, text) => {
    expect(parseMeteredLine(text)).toBeUndefined()
  })
})
