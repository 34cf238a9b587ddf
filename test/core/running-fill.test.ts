/** What those who follow a fill may have of it. */
import { RunningFill, type FillProgress } from '@sluice/core/services/running-fill'
import { expect, it } from 'vitest'

it('is verified no more when other bytes come in the place of those that were', async () => {
  const over = Promise.withResolvers<undefined>()
  let progress: FillProgress | undefined
  const fill = new RunningFill((told) => {
    progress = told
    return over.promise
  })
  progress?.came(0, Buffer.from('one'))
  progress?.came(3, Buffer.from('two'))
  progress?.verified()
  expect(fill.verified).toBe(true)
  // Their writer lost them to another, and goes on where that one was: nobody knows yet what these will come to.
  progress?.came(0, Buffer.from('won'))
  expect(fill.verified).toBe(false)
  over.resolve(undefined)
  await fill.done
})
