import { createMetricsApp } from '@sluice/http/metrics-app'
import { METRICS_PATH } from '@sluice/http/routes/metrics'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer, Question } from './answer.ts'
import { text } from './answer.ts'
import { askInProcess } from './ask-in-process.ts'
import { bearer } from './bearer.ts'
import { DoorUnderTest, openInProcess } from './door-under-test.ts'
import { expectRefusal } from './refusal.ts'
import { ADMIN, basic } from './served-registry.ts'

const TEXT = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'
const EXPOSITION = '# TYPE some_total counter\nsome_total 1\n'

describe('the metrics', () => {
  // Its tokens are those of the registry.
  const door = new DoorUnderTest(openInProcess, {})
  beforeAll(() => door.open())
  afterAll(() => door.close())

  let exposed = 0
  const ask = (question: Partial<Question>): Promise<Answer> => {
    const app = createMetricsApp(door.served.parts, async () => {
      exposed++
      return { headers: { 'Content-Type': TEXT }, body: EXPOSITION }
    })
    const { as, method = 'GET', path = METRICS_PATH } = question
    const headers: Record<string, string> = {}
    if (typeof as === 'object') headers['Authorization'] = as.authorization
    return askInProcess(app)({ method, path, headers })
  }

  it('are shown to the administrator, by password and by a token for them', async () => {
    for (const as of [{ authorization: ADMIN }, await bearer(door, ['registry:metrics:*'])]) {
      const answer = await ask({ as })
      expect([answer.status, text(answer)]).toEqual([200, EXPOSITION])
      expect(answer.headers['content-type']).toBe(TEXT)
      const head = await ask({ as, method: 'HEAD' })
      expect([head.status, text(head)]).toEqual([200, ''])
    }
  })

  it('are shown to nobody else, and nobody gets a token for them', async () => {
    exposed = 0
    const strangers = [
      undefined,
      { authorization: basic('kubeadmin', 'wrong') },
      { authorization: 'Bearer nonsense' },
      await bearer(door, ['registry:metrics:*'], 'nobody'),
      await bearer(door, ['registry:catalog:*']),
      await bearer(door, ['repository:metrics/metrics:pull']),
      await bearer(door, []),
    ]
    for (const as of strangers) {
      const answer = await ask(as ? { as } : {})
      expectRefusal(answer, 401, 'UNAUTHORIZED')
      expect(answer.headers['www-authenticate']).toMatch(
        /^(?:Bearer realm="|Basic realm=openshift,)/,
      )
    }
    expect((await ask({})).headers['www-authenticate']).toContain('scope="registry:metrics:*"')
    expect(exposed).toBe(0)
  })

  it('are read, and nothing else', async () => {
    const as = { authorization: ADMIN }
    expectRefusal(await ask({ as, method: 'POST' }), 405, 'UNSUPPORTED')
    expectRefusal(await ask({ as, path: '/v2/' }), 404, 'NOT_FOUND')
    expectRefusal(await ask({ as, path: `${METRICS_PATH}/more` }), 404, 'NOT_FOUND')
  })
})
