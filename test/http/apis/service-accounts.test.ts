import { expect, it } from 'vitest'
import { describeDoors } from '../describe-doors.ts'
import { basic } from '../served-registry.ts'
import { expectStatus, JSON_TYPE, wire } from './wire.ts'

describeDoors('a service account', (door) => {
  const accounts = '/api/v1/namespaces/default/serviceaccounts'
  const post = (path: string, body: object, as?: { authorization: string }) =>
    door.ask({
      method: 'POST',
      path,
      body: JSON.stringify(body),
      headers: JSON_TYPE,
      ...(as ? { as } : {}),
    })
  const tokenOf = async (name: string, spec: object = {}) =>
    (wire(await post(`${accounts}/${name}/token`, { spec })).status as { token: string }).token
  const pull = (token: string, as: 'basic' | 'bearer' = 'basic') =>
    door.ask({
      path: '/v2/default/app/tags/list',
      as: { authorization: as === 'basic' ? basic('any', token) : `Bearer ${token}` },
    })

  it('has tokens that pull from its project, as password and as Bearer token', async () => {
    const token = await tokenOf('default')
    for (const way of ['basic', 'bearer'] as const)
      expect((await pull(token, way)).status).toBe(404)
    const elsewhere = await door.ask({
      path: '/v2/deep/app/tags/list',
      as: { authorization: basic('any', token) },
    })
    expect(elsewhere.status).toBe(401)
    const who = await door.ask({
      path: '/apis/user.openshift.io/v1/users/~',
      as: { authorization: `Bearer ${token}` },
    })
    expect(wire(who)).toMatchObject({
      metadata: { name: 'system:serviceaccount:default:default' },
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    })
  })

  it('has none that are too short or too long, or for the registry’s own audience', async () => {
    for (const expirationSeconds of [599, 31_536_001]) {
      const refused = await post(`${accounts}/default/token`, { spec: { expirationSeconds } })
      expectStatus(refused, 422, 'Invalid', /expirationSeconds/)
    }
    const own = await post(`${accounts}/default/token`, { spec: { audiences: ['sluice'] } })
    expectStatus(own, 400, 'BadRequest', /audiences/)
    const other = await tokenOf('default', { audiences: ['vault'] })
    expect((await pull(other)).status).toBe(401)
    const none = await post(`${accounts}/none/token`, { spec: {} })
    expectStatus(none, 404, 'NotFound', /"none" not found/)
  })

  it('that is gone, or made anew, or whose tokens were revoked, opens nothing with its old ones', async () => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'ci' } }
    await post(accounts, account)
    const token = await tokenOf('ci', { expirationSeconds: 86_400 })
    expect((await pull(token)).status).toBe(404)
    const later = new Date(Date.now() + 1000).toISOString()
    await door.ask({
      method: 'PATCH',
      path: `${accounts}/ci`,
      headers: { 'Content-Type': 'application/merge-patch+json' },
      body: JSON.stringify({
        metadata: { annotations: { 'sluice.dev/tokens-valid-after': later } },
      }),
    })
    door.clock.advance(10_000)
    expect((await pull(token)).status).toBe(401)
    const second = await tokenOf('ci')
    expect((await pull(second)).status).toBe(404)
    await door.ask({ method: 'DELETE', path: `${accounts}/ci` })
    await post(accounts, account)
    door.clock.advance(10_000)
    expect((await pull(second)).status).toBe(401)
  })
})
