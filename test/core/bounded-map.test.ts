import { BoundedMap } from '@sluice/core/bounded-map'
import { expect, it } from 'vitest'

const list = (length: number): readonly number[] => Array.from({ length }, (_, at) => at)

it('keeps as many as it may, the last that were set', () => {
  const map = new BoundedMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 3)
  map.set('c', 4)
  expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([3, undefined, 4])
})

it('keeps as much as it may where some is heavier, and nothing that is too heavy by itself', () => {
  const map = new BoundedMap<string, readonly number[]>(10, (list) => list.length)
  map.set('a', list(4))
  map.set('b', list(4))
  map.set('a', list(6))
  expect(map.get('b')).toHaveLength(4)
  map.set('c', list(5))
  expect(['a', 'b', 'c'].map((key) => map.get(key)?.length)).toEqual([undefined, undefined, 5])
  map.set('d', list(11))
  expect(['c', 'd'].map((key) => map.get(key)?.length)).toEqual([5, undefined])
  map.delete('d')
  map.set('e', list(10))
  expect(map.get('e')).toHaveLength(10)
})
