/** The exporter over DynamoDB and the parameter store, by the events of an HTTP API and of its schedule. */
import { handler } from '@sluice/functions/exporter'
import { beforeAll, describe, expect, it } from 'vitest'
import { event } from '../../functions/event.ts'
import { basic } from '../../http/served-registry.ts'
import { openStage, PASSWORD } from './open-stage.ts'

const target = '/extensions/v2/metrics'
const ask = (headers: Record<string, string> = {}) => handler(event({ target, headers }))

describe('the exporter', () => {
  beforeAll(async () => {
    await openStage()
  })

  it('asks who it is, and answers an exposition without a metric', async () => {
    const refused = await ask()
    expect(refused?.statusCode).toBe(401)
    expect(refused?.body).toContain('"code":"UNAUTHORIZED"')
    expect((await ask({ authorization: basic('kubeadmin', 'wrong') }))?.statusCode).toBe(401)
    const answer = await ask({ authorization: basic('kubeadmin', PASSWORD) })
    expect(answer).toMatchObject({ statusCode: 200, body: '', isBase64Encoded: false })
    expect(answer?.headers?.['content-type']).toBe(
      'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
    )
  })

  it('does nothing for its schedule yet, and fails for what it does not know', async () => {
    expect(await handler({ 'detail-type': 'Scheduled Event' })).toBeUndefined()
    await expect(handler({} as never)).rejects.toThrow(TypeError)
  })
})
