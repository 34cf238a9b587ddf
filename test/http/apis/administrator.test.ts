import { expect, it } from 'vitest'
import { json } from '../answer.ts'
import { describeDoors } from '../describe-doors.ts'
import { ADMIN } from '../served-registry.ts'

describeDoors('the bootstrap administrator', (door) => {
  const remove = (headers: Record<string, string> = {}, query = '', options?: object) =>
    door.ask({
      method: 'DELETE',
      path: `/api/v1/namespaces/kube-system/secrets/kubeadmin${query}`,
      headers: { ...headers, ...(options && { 'Content-Type': 'application/json' }) },
      ...(options && { body: JSON.stringify(options) }),
    })
  const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'

  it('goes for good, once somebody else administrates: password and tokens with her', async () => {
    const login = await door.ask({
      path: '/oauth/authorize?client_id=openshift-challenging-client&response_type=token',
      headers: { 'X-CSRF-Token': '1' },
    })
    const granted = new URLSearchParams(new URL(login.headers['location'] ?? '').hash.slice(1))
    const as = { authorization: `Bearer ${granted.get('access_token')}` }
    const alone = await remove()
    expect(alone.status).toBe(409)
    expect(json(alone)).toMatchObject({
      reason: 'Conflict',
      message: expect.stringContaining('cluster-admin') as string,
    })
    await door.ask({
      method: 'POST',
      path: bindings,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        metadata: { name: 'owners' },
        roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'User', name: 'olga' }],
      }),
    })
    expect((await remove({ 'Impersonate-User': 'eve' })).status).toBe(403)
    expect((await remove({}, '?dryRun=All')).status).toBe(200)
    expect((await remove({}, '', { dryRun: ['All'] })).status).toBe(200)
    expect((await door.ask({ path: '/v2/', as })).status).toBe(200)
    expect((await remove({ 'Impersonate-User': 'olga' })).status).toBe(200)
    for (const gone of [as, { authorization: ADMIN }]) {
      const answer = await door.ask({ path: '/v2/', as: gone })
      expect(answer.status).toBe(401)
      expect(answer.headers['www-authenticate']).toBe('Basic realm=openshift,error="access denied"')
    }
  })
})
