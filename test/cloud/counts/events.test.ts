/** What it costs that others are told. */
import { randomBytes } from 'node:crypto'
import { digestOf } from '@sluice/core/digest'
import { WEBHOOK_DEFAULTS } from '@sluice/core/webhook/webhook-settings'
import { describe, expect, it } from 'vitest'
import type { Question } from '../../http/answer.ts'
import { basic } from '../../http/served-registry.ts'
import { settableClock } from '../../temporary-registry.ts'
import { newStage, openProxiedRegistry, PASSWORD, USER } from '../proxy/proxied-registry.ts'
import { CountedRegistry, GET, QUERY } from './counted-registry.ts'

const counted = new CountedRegistry()

const pushed = () => {
  const body = randomBytes(100)
  const path = `/v2/default/told/blobs/uploads/?digest=${digestOf('sha256', body)}`
  return { digest: digestOf('sha256', body), question: { method: 'POST', path, body } }
}

describe('what others are told', () => {
  const owner = { user: 'system:admin', groups: ['system:masters'] }

  it('costs a message for each webhook that wants to know it, and a query now and then; else nothing', async () => {
    const clock = settableClock()
    const telling = await openProxiedRegistry({ stage: await newStage(), clock, events: true })
    const headers = { authorization: basic(USER, PASSWORD) }
    const costs = async (question: Omit<Question, 'as'>, of = telling) => {
      of.calls.forget()
      const { status } = await of.ask({ ...question, headers })
      expect({ ok: status < 300 || status === 307, failures: of.failures }).toEqual({
        ok: true,
        failures: [],
      })
      return of.calls.counts
    }
    try {
      for (const one of [counted.registry, telling]) await one.ask({ path: '/token', headers })
      const plainPush = await costs(pushed().question, counted.registry)
      const first = await costs(pushed().question)
      expect(first).toEqual({ ...plainPush, [QUERY]: 1 })
      expect(await costs(pushed().question)).toEqual(plainPush)
      const { webhooks } = telling.wing.registry
      for (const [name, actions] of [
        ['all', []],
        ['pushes', ['push']],
      ] as const) {
        const url = 'https://receiver.example/'
        const content = { ...WEBHOOK_DEFAULTS, url, actions }
        await webhooks.create(owner, undefined, { name, content })
      }
      clock.advance(10_000)
      const message = 'AmazonSQS.SendMessage'
      const { digest, question } = pushed()
      expect(await costs(question)).toEqual({ ...plainPush, [QUERY]: 1, [message]: 2 })
      const pull = { path: `/v2/default/told/blobs/${digest}` }
      expect(await costs(pull)).toEqual({ [GET]: 1, [message]: 1 })
      expect(await costs({ path: '/v2/' })).toEqual({})
    } finally {
      await telling.close()
    }
  })
})
