import { expect, it } from 'vitest'
import { describeDoors } from '../describe-doors.ts'
import { BINDINGS, binding, expectStatus, JSON_TYPE, PROJECTS, RBAC, wire } from './wire.ts'

describeDoors('rights over HTTP', (door) => {
  const ask = (path: string, body: object, headers: Record<string, string> = {}) =>
    door.ask({
      method: 'POST',
      path,
      body: JSON.stringify(body),
      headers: { ...JSON_TYPE, ...headers },
    })
  const resourceAttributes = {
    group: 'image.openshift.io',
    resource: 'imagestreams',
    subresource: 'layers',
    verb: 'get',
    namespace: 'default',
  }

  it('are told: may I, may she, who can, and why', async () => {
    const self = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
    const spec = { resourceAttributes }
    expect(wire(await ask(self, { spec })).status).toMatchObject({ allowed: true })
    const asAlice = { 'Impersonate-User': 'alice' }
    expect(wire(await ask(self, { spec }, asAlice)).status).toEqual({ allowed: false })
    await ask(BINDINGS, binding('alice', 'registry-viewer', 'alice'))
    expect(wire(await ask(self, { spec }, asAlice)).status).toMatchObject({ allowed: true })
    const other = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
    expect(wire(await ask(other, { spec: { ...spec, user: 'alice' } })).status).toMatchObject({
      allowed: true,
    })
    expectStatus(
      await ask(other, { spec: { ...spec, user: 'alice' } }, asAlice),
      403,
      'Forbidden',
      /cannot create resource "subjectaccessreviews"/,
    )
    const who = await ask('/apis/authorization.openshift.io/v1/resourceaccessreviews', {
      namespace: 'default',
      verb: 'get',
      resource: 'imagestreams/layers',
      resourceAPIGroup: 'image.openshift.io',
    })
    expect(wire(who)['users']).toContain('alice')
    const why = await ask('/apis/sluice.dev/v1/accessexplanations', { spec }, asAlice)
    expect(wire(why).status).toMatchObject({
      allowed: true,
      user: 'alice',
      binding: { name: 'alice', namespace: 'default' },
    })
    const unknown = await ask('/apis/sluice.dev/v1/accessexplanations', {
      spec: { ...spec, user: 'bob' },
    })
    expect(wire(unknown).status).toMatchObject({ allowed: false })
    for (const who of [
      { user: 'bob' },
      { user: 'alice', groups: ['some'] },
      { groups: ['some'] },
    ]) {
      const asked = await ask(
        '/apis/sluice.dev/v1/accessexplanations',
        { spec: { ...spec, ...who } },
        asAlice,
      )
      expectStatus(asked, 403, 'Forbidden', /subjectaccessreviews/)
    }
  })

  it('nobody acts for another without the right to', async () => {
    const path = '/apis/user.openshift.io/v1/users/~'
    const twice = await door.ask({
      path,
      headers: { 'Impersonate-User': 'root', 'Impersonate-Group': 'system:masters' },
    })
    expect(wire(twice)).toMatchObject({ metadata: { name: 'root' } })
    const token = (
      wire(await ask('/api/v1/namespaces/default/serviceaccounts/default/token', { spec: {} }))
        .status as { token: string }
    ).token
    const as = { authorization: `Bearer ${token}` }
    const none = await door.ask({ path, headers: { 'Impersonate-Group': 'system:masters' } })
    expectStatus(none, 400, 'BadRequest', /Impersonate-User/)
    const refused = await door.ask({ path, as, headers: { 'Impersonate-User': 'root' } })
    expectStatus(refused, 403, 'Forbidden', /cannot impersonate resource "users"/)
  })

  it('whoever asks for a project sets none of its settings', async () => {
    const settings = ['public', 'deep-names', 'upstream'].map((name) => [
      `sluice.dev/${name}`,
      'true',
    ])
    const annotations = { ...Object.fromEntries(settings), note: 'mine' }
    const requests = '/apis/project.openshift.io/v1/projectrequests'
    const made = await ask(requests, { metadata: { name: 'wished', annotations } })
    const kept = { note: 'mine', 'openshift.io/requester': 'kube:admin' }
    expect((wire(made).metadata as { annotations?: unknown }).annotations).toEqual(kept)
    const path = `/apis/project.openshift.io/v1/projects/wished`
    const body = JSON.stringify({ metadata: { labels: { a: 'b' } } })
    const headers = { 'Content-Type': 'application/merge-patch+json' }
    const patched = await door.ask({ method: 'PATCH', path, body, headers })
    expect((wire(patched).metadata as { annotations?: unknown }).annotations).toEqual(kept)
  })

  it('a project belongs to whoever asked for it, who sees no other', async () => {
    const self = { 'Impersonate-User': 'dora', 'Impersonate-Group': 'system:authenticated:oauth' }
    const requests = '/apis/project.openshift.io/v1/projectrequests'
    const made = await ask(requests, { metadata: { name: 'dora' }, displayName: 'Dora’s' }, self)
    expect(made.status).toBe(201)
    expect(wire(made).metadata).toMatchObject({
      annotations: { 'openshift.io/display-name': 'Dora’s', 'openshift.io/requester': 'dora' },
    })
    expectStatus(
      await ask(requests, { metadata: { name: 'dora' } }, self),
      409,
      'AlreadyExists',
      /already exists/,
    )
    expectStatus(
      await ask(requests, { metadata: { name: 'UPPER' } }, self),
      422,
      'Invalid',
      /metadata\.name/,
    )
    const list = wire(await door.ask({ path: PROJECTS, headers: self }))
    expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['dora'])
    const stranger = { 'Impersonate-User': 'eve' }
    expect(wire(await door.ask({ path: PROJECTS, headers: stranger })).items).toEqual([])
    expectStatus(
      await ask(requests, { metadata: { name: 'eve' } }, stranger),
      403,
      'Forbidden',
      'You may not request a new project via this API.',
    )
    expectStatus(
      await door.ask({ path: `${PROJECTS}/dora`, headers: stranger }),
      403,
      'Forbidden',
      /cannot get resource "projects"/,
    )
    const escalates = binding('root', 'cluster-admin', 'dora')
    expectStatus(
      await ask(`${RBAC}/namespaces/dora/rolebindings`, escalates, self),
      403,
      'Forbidden',
      /is attempting to grant RBAC permissions not currently held/,
    )
    expect(
      (await door.ask({ method: 'DELETE', path: `${PROJECTS}/dora`, headers: self })).status,
    ).toBe(200)
    expect((await door.get(`${PROJECTS}/dora`)).status).toBe(404)
  })
})
