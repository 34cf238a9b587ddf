/** What is sent to the admin API: what it takes, and what it refuses before it looks, or without. */
import { expect, it } from 'vitest'
import { describeDoors } from '../describe-doors.ts'
import { sender } from './sender.ts'
import { expectStatus, JSON_TYPE, role, ROLES, wire } from './wire.ts'

describeDoors('the admin API', (door) => {
  const send = sender(door)

  it.each<[string, string, string, unknown, Record<string, string>, number]>([
    ['no JSON', 'POST', ROLES, undefined, JSON_TYPE, 400],
    ['another kind', 'POST', ROLES, { ...role('x'), kind: 'Secret' }, JSON_TYPE, 400],
    [
      'another namespace',
      'POST',
      ROLES,
      role('x', { metadata: { name: 'x', namespace: 'other' } }),
      JSON_TYPE,
      400,
    ],
    ['rules that are no list', 'POST', ROLES, role('x', { rules: {} }), JSON_TYPE, 400],
    ['a name that is no text', 'POST', ROLES, role('x', { metadata: { name: 1 } }), JSON_TYPE, 400],
    [
      'a project that is not there',
      'POST',
      ROLES.replace('default', 'none'),
      role('x'),
      JSON_TYPE,
      404,
    ],
    ['YAML', 'POST', ROLES, role('x'), { 'Content-Type': 'application/yaml' }, 415],
    [
      'a body without a type from a page of another site',
      'POST',
      ROLES,
      role('x'),
      { Origin: 'https://elsewhere.example' },
      415,
    ],
    [
      'a body without a type from any page',
      'POST',
      ROLES,
      role('x'),
      { 'Sec-Fetch-Site': 'same-origin' },
      415,
    ],
    ['a method that it has not', 'POST', `${ROLES}/x`, role('x'), JSON_TYPE, 405],
    [
      'more than a megabyte',
      'POST',
      ROLES,
      role('x', { metadata: { name: 'x', labels: { a: 'x'.repeat(1_100_000) } } }),
      JSON_TYPE,
      413,
    ],
  ])('refuses %s', async (_, method, path, body, headers, code) => {
    const answer = await door.ask({
      method,
      path,
      headers,
      body: body === undefined ? '{' : JSON.stringify(body),
    })
    expect(answer.status).toBe(code)
    expect(wire(answer)).toMatchObject({ kind: 'Status', status: 'Failure', code })
  })

  it('takes a body without a type as JSON, since kubectl 1.20 makes accounts so', async () => {
    const path = '/api/v1/namespaces/default/serviceaccounts?dryRun=All'
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'untyped' } }
    const made = await send('POST', path, account, {})
    expect(made.status).toBe(201)
    expect(wire(made).metadata.name).toBe('untyped')
    expect((await send('PATCH', `${ROLES}/x`, {}, {})).status).toBe(415)
  })

  it('reads no body from whoever may not ask, nor for what is not done', async () => {
    const nobody = { 'Content-Type': 'application/yaml', 'Impersonate-User': 'eve' }
    for (const [method, path] of [
      ['POST', ROLES],
      ['PUT', `${ROLES}/x`],
      ['PATCH', `${ROLES}/x`],
      ['DELETE', `${ROLES}/x`],
    ] as const)
      expectStatus(await send(method, path, {}, nobody), 403, 'Forbidden', /"eve" cannot/)
    const protobuf = { 'Content-Type': 'application/vnd.kubernetes.protobuf' }
    const made = await send('POST', '/api/v1/namespaces', {}, protobuf)
    expectStatus(made, 405, 'MethodNotAllowed', /\(namespaces\)$/)
  })
})
