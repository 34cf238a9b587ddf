import { withSpaces } from '@sluice/cli/tab-writer'
import { expect, it } from 'vitest'

it('writes as many lines as there are, each column as wide as its widest cell', () => {
  const lines = Array.from({ length: 200_000 }, (_, at) => `${at}\tx`)
  const written = withSpaces(lines).split('\n')
  expect(written).toHaveLength(200_001)
  expect([written[0], written[199_999]]).toEqual(['0       x', '199999  x'])
})
