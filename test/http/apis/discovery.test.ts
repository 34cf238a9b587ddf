/** What the admin API has, for whoever is yet to learn it. */
import { expect, it } from 'vitest'
import { bearer } from '../bearer.ts'
import { describeDoors } from '../describe-doors.ts'
import { basic } from '../served-registry.ts'
import { sender } from './sender.ts'
import { expectStatus, RBAC, wire } from './wire.ts'

describeDoors('the admin API', (door) => {
  const send = sender(door)

  it('is discovered group by group', async () => {
    const groups = wire(await door.get('/apis'))['groups'] as readonly { name: string }[]
    expect(groups.map(({ name }) => name)).toEqual([
      'apps',
      'authentication.k8s.io',
      'authorization.k8s.io',
      'authorization.openshift.io',
      'image.openshift.io',
      'project.openshift.io',
      'rbac.authorization.k8s.io',
      'sluice.dev',
      'user.openshift.io',
    ])
    expect(wire(await door.get('/api'))['versions']).toEqual(['v1'])
    const { resources } = wire(await door.get(RBAC)) as unknown as { resources: { name: string }[] }
    expect(resources.map(({ name }) => name)).toEqual([
      'clusterroles',
      'clusterrolebindings',
      'roles',
      'rolebindings',
    ])
    expect((await door.ask({ path: '/version', as: 'nobody' })).status).toBe(200)
    expectStatus(await door.get('/apis/batch/v1/jobs'), 404, 'NotFound', /could not find/)
  })

  it.each(['/api', '/api/v1', '/apis', RBAC, '/version', '/openapi/v2', '/openapi/v3'])(
    'shows strangers %s, and refuses whoever is not who he says',
    async (path) => {
      expect((await door.ask({ path, as: 'nobody' })).status).toBe(200)
      const account = '/api/v1/namespaces/default/serviceaccounts/default/token'
      const { token } = wire(await send('POST', account, { spec: {} })).status as { token: string }
      expect((await door.ask({ path, as: { authorization: `Bearer ${token}` } })).status).toBe(200)
      const forged = `Bearer ${token.slice(0, -8)}AAAAAAAA`
      const registryToken = (await bearer(door, ['repository:default/app:pull'])).authorization
      for (const authorization of [basic('kubeadmin', 'no'), forged, 'Bearer no', registryToken]) {
        const refused = await door.ask({ path, as: { authorization } })
        expectStatus(refused, 401, 'Unauthorized', 'Unauthorized')
      }
    },
  )

  it('describes its kinds in OpenAPI, whole and group by group', async () => {
    const [second, index] = [await door.get('/openapi/v2'), await door.get('/openapi/v3')]
    const { paths, definitions } = wire(second) as unknown as Record<
      'paths' | 'definitions',
      object
    >
    expect(Reflect.get(paths, `${RBAC}/namespaces/{namespace}/roles/{name}`)).toMatchObject({
      patch: { parameters: [{ name: 'dryRun' }, { name: 'fieldValidation' }] },
    })
    const { paths: documents } = wire(index) as unknown as {
      paths: Record<string, { serverRelativeURL: string }>
    }
    const parts = await Promise.all(
      Object.values(documents).map((one) => door.get(one.serverRelativeURL)),
    )
    const schemas = parts.map((part) => (wire(part)['components'] as { schemas: object }).schemas)
    expect(Object.assign({}, ...schemas)).toEqual(definitions)
    expect(Object.keys(definitions)).toHaveLength(18)
    expect(Reflect.get(definitions, 'io.k8s.authorization.rbac.v1.Role')).toMatchObject({
      properties: { metadata: { type: 'object' }, rules: { items: { required: ['verbs'] } } },
    })
    expect((await door.get('/openapi/v3/apis/batch/v1')).status).toBe(404)
    const Accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
    const protobuf = await door.get('/openapi/v2', { Accept })
    expect(protobuf.headers['content-type']).toContain('proto-openapi')
    expect(protobuf.body.toString()).toContain('io.k8s.authorization.rbac.v1.ClusterRoleBinding')
  })
})
