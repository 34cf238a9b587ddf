import { lambdaDoor, type LambdaApp } from '@sluice/functions/lambda-door'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { event } from './event.ts'

const SECRET = 'what the edge alone knows'

function open(app: LambdaApp['fetch'], originSecret?: string) {
  const failures: unknown[] = []
  const handler = lambdaDoor(async () => ({ fetch: app }), {
    originSecret,
    onFailure: (error, request) => failures.push(error, request),
  })
  return { handler, failures }
}

const addressSeen: LambdaApp['fetch'] = (_, { remoteAddress }) => new Response(remoteAddress)
const coded = (body: string | undefined): unknown =>
  (JSON.parse(body ?? '') as { errors: { code: string }[] }).errors[0]?.code

describe('the Lambda door', () => {
  it('opens the app at the first request, once, and again only after a failure', async () => {
    let opened = 0
    const failures: unknown[] = []
    const handler = lambdaDoor(
      async () => {
        opened += 1
        if (opened === 1) throw new Error('no table yet')
        return { fetch: () => new Response('ok') }
      },
      { originSecret: undefined, onFailure: (error) => failures.push(error) },
    )
    expect(opened).toBe(0)
    const failed = await handler(event())
    expect(failed.statusCode).toBe(500)
    expect(coded(failed.body)).toBe('UNKNOWN')
    expect(failures).toEqual([new Error('no table yet')])
    const answers = await Promise.all([handler(event()), handler(event())])
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200])
    expect(opened).toBe(2)
  })

  it('answers 500 to what the app throws, without a word of it', async () => {
    const { handler, failures } = open(() => {
      throw new Error('secret of the house')
    })
    const answer = await handler(event({ method: 'PUT', target: '/v2/x?digest=y' }))
    expect(answer.statusCode).toBe(500)
    expect(answer.headers?.['content-type']).toBe('application/json')
    expect(JSON.stringify(answer)).not.toContain('secret of the house')
    expect(failures).toEqual([
      new Error('secret of the house'),
      { 'http.request.method': 'PUT', 'http.request.uri': '/v2/x' },
    ])
  })

  it('answers 500 instead of more than Lambda takes, and says why', async () => {
    const { handler } = open(() => new Response(Buffer.alloc(7_000_000, 'a')))
    const answer = await handler(event())
    expect(answer.statusCode).toBe(500)
    expect(answer.body).toContain('6291456')
  })

  it('answers 400 to what no app can be asked', async () => {
    const { handler, failures } = open(() => new Response('ok'))
    for (const odd of [event({ method: 'TRACE' }), event({ headers: { x: '\u{1f600}' } })]) {
      const answer = await handler(odd)
      expect(answer.statusCode).toBe(400)
      expect(coded(answer.body)).toBe('REQUEST_INVALID')
    }
    expect(failures).toEqual([])
  })

  it.each([
    ['of another version', { ...event(), version: '1.0' }],
    ['of no HTTP at all', { version: '2.0', Records: [] }],
  ])('throws for an event %s', async (_, odd) => {
    const { handler } = open(() => new Response('ok'))
    await expect(handler(odd as unknown as APIGatewayProxyEventV2)).rejects.toThrow(TypeError)
  })

  it('takes the gateway at its word who asks, and no header', async () => {
    const headers = {
      'x-sluice-viewer': '203.0.113.9',
      'x-forwarded-for': '203.0.113.9',
    }
    const { handler } = open(addressSeen)
    expect((await handler(event({ headers }))).body).toBe('192.0.2.7')
  })

  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8::9', '2001:db8::9'],
    [undefined, '192.0.2.7'],
    ['', '192.0.2.7'],
  ])('believes the edge, which saw %s', async (viewer, address) => {
    const { handler } = open(addressSeen, SECRET)
    const headers = {
      'x-sluice-origin': SECRET,
      ...(viewer !== undefined && { 'x-sluice-viewer': viewer }),
    }
    expect((await handler(event({ headers }))).body).toBe(address)
  })

  it.each([undefined, '', 'another', `${SECRET},${SECRET}`, SECRET.slice(0, -1)])(
    'refuses who comes around the edge with the secret %s',
    async (given) => {
      const { handler } = open(() => new Response('ok'), SECRET)
      const headers = { ...(given !== undefined && { 'x-sluice-origin': given }) }
      const answer = await handler(event({ headers }))
      expect(answer.statusCode).toBe(403)
      expect(coded(answer.body)).toBe('DENIED')
    },
  )
})
