/** The admin API where its requests and refusals have the longest way: edge, gateway, event, function, and back. */
import { Agent } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { json, type Answer, type Question } from '../../http/answer.ts'
import { expectStatus, JSON_TYPE, ROLES, role, wire } from '../../http/apis/wire.ts'
import { askOverASocket } from '../../http/ask-over-a-socket.ts'
import { basic } from '../../http/served-registry.ts'
import { engineUrls } from '../engines/engines.ts'
import { startCloud, type RunningCloud } from '../start-cloud.ts'

const WHO = '/apis/user.openshift.io/v1/users/~'

describe('the admin API behind the gateway', () => {
  const agent = new Agent({ keepAlive: true })
  let cloud: RunningCloud
  let ask: (question: Question) => Promise<Answer>
  beforeAll(async () => {
    cloud = await startCloud({ engines: engineUrls(), uploadDoor: false })
    const overSocket = askOverASocket(cloud.url, agent)
    const login = basic(cloud.user, cloud.password)
    ask = ({ as = 'admin', headers = {}, ...question }) => {
      const authorization = as === 'admin' ? login : as === 'nobody' ? undefined : as.authorization
      const shown = { ...headers, ...(authorization && { Authorization: authorization }) }
      return overSocket({ ...question, headers: shown })
    }
  })
  afterAll(async () => {
    agent.destroy()
    await cloud.stop()
  })

  it('makes, shows, lists, changes and removes an object', async () => {
    const body = JSON.stringify(role('a'))
    const made = await ask({ method: 'POST', path: ROLES, body, headers: JSON_TYPE })
    expect(made.status).toBe(201)
    expect(wire(await ask({ path: `${ROLES}/a` }))).toEqual(wire(made))
    const list = wire(
      await ask({ path: `${ROLES}?limit=5&labelSelector=tier%20notin%20(one%2Ctwo)` }),
    )
    expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['a'])
    const patched = await ask({
      method: 'PATCH',
      path: `${ROLES}/a`,
      body: JSON.stringify({ metadata: { labels: { tier: 'one' } } }),
      headers: { 'Content-Type': 'application/merge-patch+json' },
    })
    expect(wire(patched).metadata).toMatchObject({ name: 'a', labels: { tier: 'one' } })
    const removed = await ask({ method: 'DELETE', path: `${ROLES}/a` })
    expect(removed.status).toBe(200)
    expect(wire(removed)).toMatchObject({
      status: 'Success',
      details: { name: 'a', kind: 'roles' },
    })
  })

  it('hears who asks, by a password, a token of the registry’s, and for another', async () => {
    const nameOf = async (question: Omit<Question, 'path'>): Promise<string> =>
      wire(await ask({ ...question, path: WHO })).metadata.name
    expect(await nameOf({})).toBe('kube:admin')
    const path = '/api/v1/namespaces/default/serviceaccounts/builder/token'
    const body = '{"spec":{}}'
    const made = json(await ask({ method: 'POST', path, body, headers: JSON_TYPE }))
    const { token } = (made as { status: { token: string } }).status
    const as = { authorization: `Bearer ${token}` }
    expect(await nameOf({ as })).toBe('system:serviceaccount:default:builder')
    expect(await nameOf({ headers: { 'Impersonate-User': 'ann' } })).toBe('ann')
  })

  it('refuses in the same words as anywhere', async () => {
    const send = (method: string, path: string, body: unknown, headers: Question['headers']) =>
      ask({ method, path, body: JSON.stringify(body), headers })
    const missing = expectStatus(
      await ask({ path: `${ROLES}/none` }),
      404,
      'NotFound',
      'roles.rbac.authorization.k8s.io "none" not found',
    )
    expect(missing['details']).toEqual({
      name: 'none',
      group: 'rbac.authorization.k8s.io',
      kind: 'roles',
    })
    expectStatus(
      await ask({ path: ROLES, as: 'nobody' }),
      403,
      'Forbidden',
      /^roles\.rbac\.authorization\.k8s\.io is forbidden: User "system:anonymous" cannot list/,
    )
    for (const authorization of [basic('kubeadmin', 'no'), 'Bearer no'])
      expectStatus(
        await ask({ path: ROLES, as: { authorization } }),
        401,
        'Unauthorized',
        'Unauthorized',
      )
    const invalid = role('bad', { rules: [{ verbs: ['get'] }] })
    const { details } = expectStatus(
      await send('POST', ROLES, invalid, JSON_TYPE),
      422,
      'Invalid',
      /^Role\.rbac\.authorization\.k8s\.io "bad" is invalid: /,
    )
    expect(details).toMatchObject({ causes: [{ field: 'rules[0].apiGroups' }, {}] })
    const yaml = { 'Content-Type': 'application/yaml' }
    expectStatus(
      await send('POST', ROLES, role('x'), yaml),
      415,
      'UnsupportedMediaType',
      /JSON|json/,
    )
    const large = role('x', { metadata: { name: 'x', labels: { a: 'x'.repeat(1_100_000) } } })
    expectStatus(
      await send('POST', ROLES, large, JSON_TYPE),
      413,
      'RequestEntityTooLarge',
      /too large/,
    )
    expectStatus(await ask({ path: `${ROLES}?watch=true` }), 405, 'MethodNotAllowed', /watch/)
    expect((await send('POST', `${ROLES}?dryRun=All`, role('x'), {})).status).toBe(201)
    const page = { Origin: 'https://elsewhere.example' }
    expectStatus(await send('POST', ROLES, role('x'), page), 415, 'UnsupportedMediaType', /types/)
  })
})
