/** What it costs to find out who asks, and what he may. */
import { randomUUID } from 'node:crypto'
import { parseProjectName } from '@sluice/core/repository-name'
import { describe, expect, it } from 'vitest'
import { basic } from '../../http/served-registry.ts'
import { startIssuer } from '../../identity/issuer-under-test.ts'
import { settableClock } from '../../temporary-registry.ts'
import {
  newStage,
  openProxiedRegistry,
  PASSWORD,
  USER,
  type ProxiedRegistry,
} from '../proxy/proxied-registry.ts'
import { CountedRegistry, GET, QUERY, SCOPES, TRANSACTION } from './counted-registry.ts'

const counted = new CountedRegistry()
const { cost } = counted

describe('who asks', () => {
  it('a token costs nothing, nor does finding out that there is none', async () => {
    expect(await cost(200, { path: '/v2/' })).toEqual({})
    expect(await cost(401, { path: '/v2/', headers: { authorization: 'Bearer no' } })).toEqual({})
  })

  it('a password that was right costs nothing, and the administrator has rights without a look', async () => {
    const headers = { authorization: basic(USER, PASSWORD) }
    expect(await cost(200, { path: '/v2/', headers })).toEqual({})
    expect(await cost(200, { path: `/token?${SCOPES.join('&')}`, headers })).toEqual({})
  })

  it('a token for whom roles decide is two queries, and then none for a while', async () => {
    await counted.registry.wing.registry.projects.create(parseProjectName('public'), {
      public: true,
    })
    const asking = async (...scopes: string[]) => {
      counted.registry.calls.forget()
      const path = `/token?${scopes.map((scope) => `scope=repository:${scope}`).join('&')}`
      expect((await counted.registry.ask({ path })).status).toBe(200)
      return counted.registry.calls.counts
    }
    const refused = ['a', 'b', 'c'].map((name) => `default/${name}:pull,push,delete`)
    expect(await asking(...refused)).toEqual({ [QUERY]: 2 })
    expect(await asking('public/app:pull')).toEqual({ [QUERY]: 1 })
    expect(await asking('public/app:pull')).toEqual({})
    expect(await asking('public/app:pull,push,delete', 'public/other:push')).toEqual({ [QUERY]: 2 })
    expect(await asking('public/app:pull', ...refused)).toEqual({ [QUERY]: 2 })
  })

  it('a process that begins reads its keys, and at the first password the administrator, who may be gone', async () => {
    const stage = await newStage()
    const headers = { authorization: basic(USER, PASSWORD) }
    const first = await openProxiedRegistry({ stage })
    const second = await openProxiedRegistry({ stage })
    try {
      await first.ask({ path: `/token?${SCOPES.join('&')}`, headers })
      second.calls.forget()
      const answer = await second.ask({ path: `/token?${SCOPES.join('&')}`, headers })
      expect(second.calls.counts).toEqual({ [GET]: 2, 'AmazonSSM.GetParameter': 1 })
      const { token } = JSON.parse(answer.body.toString()) as { token: string }
      second.calls.forget()
      const bearer = { authorization: `Bearer ${token}` }
      expect((await second.ask({ path: '/v2/', headers: bearer })).status).toBe(200)
      expect(second.calls.counts).toEqual({})
    } finally {
      await first.close()
      await second.close()
    }
  })

  it('keys are read again after a minute, with the first token then', async () => {
    const clock = settableClock()
    const own = await openProxiedRegistry({ stage: await newStage(), clock })
    try {
      const headers = { authorization: basic(USER, PASSWORD) }
      const asked = async () => {
        own.calls.forget()
        expect((await own.ask({ path: '/token', headers })).status).toBe(200)
        return own.calls.counts['AmazonSSM.GetParameter'] ?? 0
      }
      await asked()
      clock.advance(59_000)
      expect(await asked()).toBe(0)
      clock.advance(1000)
      expect([await asked(), await asked()]).toEqual([1, 0])
    } finally {
      await own.close()
    }
  })

  it('the keys of an issuer are one read, once they were fetched by any environment', async () => {
    const idp = await startIssuer()
    const stage = await newStage()
    const issuers = [idp.issuer]
    const first = await openProxiedRegistry({ stage, issuers })
    const second = await openProxiedRegistry({ stage, issuers })
    try {
      const asked = async ({ calls, ask }: ProxiedRegistry) => {
        calls.forget()
        const headers = { authorization: `Bearer ${await idp.token({ jti: randomUUID() })}` }
        expect((await ask({ path: '/v2/', headers })).status).toBe(200)
        const {
          'AmazonSSM.GetParameter': _,
          'AmazonSSM.PutParameter': __,
          ...counts
        } = calls.counts
        return counts
      }
      expect(await asked(first)).toEqual({ [GET]: 1, [TRANSACTION]: 1 })
      idp.failWith(503)
      expect(await asked(second)).toEqual({ [GET]: 1 })
      expect(await asked(second)).toEqual({})
      expect(await asked(first)).toEqual({})
    } finally {
      await first.close()
      await second.close()
      await idp.close()
    }
  })
})
