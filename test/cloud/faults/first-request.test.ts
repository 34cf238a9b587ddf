/** Any call fails by which a process that begins learns its keys and its administrator: nobody is taken for a stranger. */
import { parseProjectName } from '@sluice/core/repository-name'
import { afterEach, describe, expect, it } from 'vitest'
import { basic } from '../../http/served-registry.ts'
import { FAULT_KINDS, type Fault } from '../proxy/calls.ts'
import {
  newStage,
  openProxiedRegistry,
  PASSWORD,
  USER,
  type ProxiedRegistry,
} from '../proxy/proxied-registry.ts'
import { PatientClient } from './patient-client.ts'

const TOKEN = '/token?scope=repository:default/app:pull'
const BASIC = basic(USER, PASSWORD)

const opened: ProxiedRegistry[] = []
afterEach(async () => {
  for (const registry of opened.splice(0)) await registry.close()
})

/** Asks a registry that nobody has asked before for a token, and shows that token; answers how many calls it took. */
async function logIn(fault?: Fault): Promise<number> {
  const stage = await newStage()
  const registry = await openProxiedRegistry({ stage, clients: { requestTimeout: 1000 } })
  opened.push(registry)
  const { ask, calls, wing } = registry
  calls.forget()
  if (fault) calls.inject(fault)
  const onRefused = (): void => calls.heal()
  const stranger = new PatientClient({ ask, authorization: BASIC, onRefused })
  const answer = await stranger.send({ path: TOKEN }, { status: 200 })
  const { token } = JSON.parse(answer.body.toString()) as { token: string }
  const client = new PatientClient({ ask, authorization: `Bearer ${token}`, onRefused })
  await client.send({ path: '/v2/' }, { status: 200 })
  const called = calls.list.length
  expect(calls.spent).toBe(true)
  calls.withdraw()
  expect(await wing.registry.projects.find(parseProjectName('default'))).toBeDefined()

  // Another process finds what this one has left.
  const other = await openProxiedRegistry({ stage })
  opened.push(other)
  const same = new PatientClient({ ask: other.ask, authorization: BASIC, onRefused })
  await same.send({ path: TOKEN }, { status: 200 })
  return called
}

describe('the first login of all', () => {
  it.each(FAULT_KINDS.filter((kind) => kind !== 'conflict'))(
    'whichever call ends in: %s',
    { timeout: 120_000 },
    async (kind) => {
      const calls = await logIn()
      expect(calls).toBeGreaterThan(4)
      for (let call = 1; call <= calls; call++) await logIn({ kind, call })
    },
  )

  it('whichever call goes on failing until the client is told', { timeout: 300_000 }, async () => {
    const calls = await logIn()
    const each = Array.from({ length: calls }, (_, at): Fault => ({
      kind: 'error',
      lasts: 'call',
      call: at + 1,
    }))
    await Promise.all(each.map(logIn))
  })
})
