/** What anybody can find out. */
import { Broken, type Examination } from './examination.ts'
import type { Answer } from './exchange.ts'
import { challengeIn, type Patient } from './patient.ts'

/** A token lives as long: a clock that differs by more makes it void, or never so. */
const MOST_SKEW_MS = 60_000

export async function readProbes(examination: Examination, patient: Patient): Promise<void> {
  await examination.probe('challenge', async () => challenged(await patient.ask('/v2/')))
  await examination.probe('challenge-refused', async () => {
    const headers = { Authorization: 'Bearer of-nobody' }
    return challenged(await patient.ask('/v2/', { headers }))
  })
  await examination.probe('realm', async () => {
    const { realm } = challengeIn(await patient.ask('/v2/')) ?? {}
    if (realm === undefined) throw new Broken('there is no challenge that names one')
    if (new URL(realm).origin !== patient.origin.origin) {
      throw new Broken(`clients are sent to ${realm}, and ${patient.origin.origin} was asked`)
    }
    const { status } = await patient.ask(realm)
    if (status !== 200 && status !== 401) throw new Broken(`${realm} answers ${status}`)
    return `tokens are given at ${realm}`
  })
  await examination.probe('clock', async () => {
    const began = Date.now()
    const { headers } = await patient.ask('/v2/')
    const there = Date.parse(headers.date ?? '')
    if (Number.isNaN(there)) throw new Broken('the registry says no Date')
    // Whole seconds are told, and the answer was on its way.
    const skew = Math.round((there - (began + Date.now()) / 2) / 1000)
    const told = `its clock is ${Math.abs(skew)} s ${skew < 0 ? 'behind' : 'before'} this one`
    if (Math.abs(skew) * 1000 > MOST_SKEW_MS) throw new Broken(told)
    return told
  })
}

/** Whether a gateway renames the header matters no more once another stands in its place. */
function challenged(answer: Answer): string {
  const { status, headers } = answer
  const renamed = Object.keys(headers).find((name) => name.endsWith('remapped-www-authenticate'))
  if (status === 401 && challengeIn(answer)) {
    const also = renamed === undefined ? '' : `; the gateway's own came as ${renamed}`
    return `401, WWW-Authenticate: ${headers['www-authenticate']}${also}`
  }
  const instead = renamed === undefined ? '' : `, the challenge came as ${renamed}`
  throw new Broken(`${status} without a Bearer challenge in WWW-Authenticate${instead}`)
}
