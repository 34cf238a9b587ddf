/** The meter of a process with several threads, asked by one that holds only its own. */
import { JoinedMeter } from '@sluice/adapters/metrics/joined-meter'
import { Meter } from '@sluice/adapters/metrics/meter'
import { WholeMeter } from '@sluice/adapters/metrics/whole-meter'
import { expect, it, onTestFinished } from 'vitest'

const clock = { now: () => 0 }

it('tells the thread that asked what failed, and nobody else; the next may succeed', async () => {
  const whole = new WholeMeter(new Meter(clock))
  let fails = true
  whole.beforeExposing(async () => {
    if (fails) throw new Error('the table does not answer')
  })
  const port = whole.join()
  onTestFinished(() => port.close())
  const joined = new JoinedMeter(port, new Meter(clock))
  await expect(joined.expose({})).rejects.toThrow('the table does not answer')
  await expect(whole.expose({})).rejects.toThrow('the table does not answer')
  fails = false
  expect(await joined.expose({})).toMatchObject({ body: '' })
})
