import { requestId } from '@sluice/http/request-id'
import { expect, it } from 'vitest'

const RANDOM_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

it('is a random UUID, never the same twice', () => {
  const ids = Array.from({ length: 2000 }, requestId)
  for (const id of ids) expect(id).toMatch(RANDOM_UUID)
  expect(new Set(ids).size).toBe(2000)
})
