import { Turns } from '@sluice/adapters/upstream/turns'
import { expect, it } from 'vitest'

it('gives as many turns at once as there are, also when one is given back twice', async () => {
  const turns = new Turns(2)
  const order: string[] = []
  const first = await turns.take()
  await turns.take()
  const third = turns.take().then(() => order.push('third'))
  const fourth = turns.take().then(() => order.push('fourth'))
  first()
  first()
  await third
  await new Promise(setImmediate)
  expect(order).toEqual(['third'])
  void fourth
})

it('has one turn at least', async () => {
  const turns = new Turns(0)
  const end = await turns.take()
  end()
  expect(await turns.take()).toBeTypeOf('function')
})
