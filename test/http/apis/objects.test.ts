/** The admin API as Kubernetes' clients use it. */
import { expect, it } from 'vitest'
import { json, type Answer } from '../answer.ts'
import { bearer } from '../bearer.ts'
import { describeDoors } from '../describe-doors.ts'
import { pushImage } from '../push.ts'
import { basic } from '../served-registry.ts'

const RBAC = '/apis/rbac.authorization.k8s.io/v1'
const ROLES = `${RBAC}/namespaces/default/roles`
const BINDINGS = `${RBAC}/namespaces/default/rolebindings`
const CLUSTER_ROLES = `${RBAC}/clusterroles`
const PROJECTS = '/apis/project.openshift.io/v1/projects'
const JSON_TYPE = { 'Content-Type': 'application/json' }

interface Wire {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly resourceVersion: string
    readonly continue?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly items: readonly Wire[]
  readonly rules: unknown
  readonly subjects: unknown
  readonly status: unknown
  readonly [field: string]: unknown
}

const wire = (answer: Answer): Wire => json(answer) as Wire

const role = (name: string, more: object = {}) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name },
  rules: [
    { apiGroups: ['image.openshift.io'], resources: ['imagestreams/layers'], verbs: ['get'] },
  ],
  ...more,
})

const binding = (name: string, to: string, ...users: string[]) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: to },
  subjects: users.map((user) => ({
    apiGroup: 'rbac.authorization.k8s.io',
    kind: 'User',
    name: user,
  })),
})

function expectStatus(
  answer: Answer,
  code: number,
  reason: string,
  message: string | RegExp,
): Wire {
  const status = wire(answer)
  const kind = { kind: 'Status', apiVersion: 'v1', status: 'Failure' }
  expect(status).toMatchObject({ ...kind, code, reason })
  expect(status['message']).toMatch(message)
  expect(answer.status).toBe(code)
  return status
}

describeDoors('the admin API', (door) => {
  const send = (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = JSON_TYPE,
  ) =>
    door.ask({
      method,
      path,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers }),
    })

  it('is discovered group by group', async () => {
    const groups = wire(await door.get('/apis'))['groups'] as readonly { name: string }[]
    expect(groups.map(({ name }) => name)).toEqual([
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
    expectStatus(await door.get('/apis/apps/v1/deployments'), 404, 'NotFound', /could not find/)
  })

  it('makes, shows, changes, lists and removes an object', async () => {
    const made = await send(
      'POST',
      ROLES,
      role('a', { metadata: { name: 'a', labels: { tier: 'one' } } }),
    )
    expect(made.status).toBe(201)
    const { metadata } = wire(made)
    expect(wire(await door.get(`${ROLES}/a`))).toEqual(wire(made))
    expectStatus(
      await send('POST', ROLES, role('a')),
      409,
      'AlreadyExists',
      'roles.rbac.authorization.k8s.io "a" already exists',
    )

    const put = await send('PUT', `${ROLES}/a`, role('a', { rules: [] }))
    expect(put.status).toBe(200)
    expect(wire(put).metadata.uid).toBe(metadata.uid)
    const stale = role('a', { metadata: { name: 'a', resourceVersion: metadata.resourceVersion } })
    expectStatus(
      await send('PUT', `${ROLES}/a`, stale),
      409,
      'Conflict',
      /the object has been modified/,
    )

    for (const name of ['c', 'b'])
      await send('POST', ROLES, role(name, { metadata: { name, labels: { tier: 'two' } } }))
    const names = async (query: string) =>
      wire(await door.get(`${ROLES}?${query}`)).items.map((one) => one.metadata.name)
    expect(await names('')).toEqual(['a', 'b', 'c'])
    expect(await names('labelSelector=tier%3Dtwo')).toEqual(['b', 'c'])
    expect(await names('labelSelector=tier+notin+(two)')).toEqual(['a'])
    expect(await names('fieldSelector=metadata.name%3Db')).toEqual(['b'])
    const page = wire(await door.get(`${ROLES}?limit=2`))
    expect(page.items).toHaveLength(2)
    expect(await names(`limit=2&continue=${page.metadata.continue}`)).toEqual(['c'])
    expectStatus(await door.get(`${ROLES}?continue=x`), 410, 'Expired', /continue/)
    expectStatus(
      await door.get(`${ROLES}?fieldSelector=spec.x%3D1`),
      400,
      'BadRequest',
      /field label not supported/,
    )

    const wrong = { preconditions: { uid: 'another' } }
    expectStatus(await send('DELETE', `${ROLES}/a`, wrong), 409, 'Conflict', /UID/)
    const gone = await send('DELETE', `${ROLES}/a`)
    expect(wire(gone)).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'a', kind: 'roles' },
    })
    const missing = expectStatus(
      await door.get(`${ROLES}/a`),
      404,
      'NotFound',
      'roles.rbac.authorization.k8s.io "a" not found',
    )
    expect(missing['details']).toEqual({
      name: 'a',
      group: 'rbac.authorization.k8s.io',
      kind: 'roles',
    })
    expect((await send('DELETE', ROLES)).status).toBe(200)
    expect(await names('')).toEqual([])
  })

  it('changes an object by patches of three kinds', async () => {
    await send('POST', BINDINGS, binding('p', 'view', 'ann'))
    const patch = (type: string, body: unknown) =>
      send('PATCH', `${BINDINGS}/p`, body, { 'Content-Type': type })
    const merged = await patch('application/merge-patch+json', {
      metadata: { labels: { a: '1', b: '2' } },
    })
    expect(wire(merged).metadata.labels).toEqual({ a: '1', b: '2' })
    const subjects = binding('p', 'view', 'bob').subjects
    const strategic = await patch('application/strategic-merge-patch+json', {
      metadata: { labels: { a: null } },
      subjects,
    })
    expect(wire(strategic)).toMatchObject({ metadata: { labels: { b: '2' } }, subjects })
    const operations = [
      { op: 'test', path: '/subjects/0/name', value: 'bob' },
      { op: 'add', path: '/subjects/-', value: binding('p', 'view', 'carol').subjects[0] },
      { op: 'remove', path: '/metadata/labels' },
    ]
    expect(wire(await patch('application/json-patch+json', operations)).subjects).toHaveLength(2)
    const failing = [{ op: 'test', path: '/subjects/0/name', value: 'mallory' }]
    expectStatus(
      await patch('application/json-patch+json', failing),
      422,
      'Invalid',
      /testing path/,
    )
    expectStatus(
      await patch('application/apply-patch+yaml', {}),
      415,
      'UnsupportedMediaType',
      /accepted media types/,
    )
    const other = { roleRef: { name: 'edit' } }
    const refused = await patch('application/merge-patch+json', other)
    expectStatus(refused, 422, 'Invalid', /roleRef: .*cannot change roleRef/)
    expectStatus(
      await patch('application/merge-patch+json', { metadata: { name: 'q' } }),
      400,
      'BadRequest',
      /immutable/,
    )
    await send('DELETE', `${BINDINGS}/p`)
  })

  it('writes nothing in a dry run, and says which fields it does not know', async () => {
    const made = await send('POST', `${ROLES}?dryRun=All`, role('dry'))
    expect(made.status).toBe(201)
    expect((await door.get(`${ROLES}/dry`)).status).toBe(404)
    expectStatus(
      await send('POST', `${ROLES}?dryRun=Some`, role('dry')),
      400,
      'BadRequest',
      /dryRun/,
    )
    const typo = role('dry', {
      rules: [{ apiGroups: [''], resources: ['x'], verb: ['get'], verbs: ['get'] }],
    })
    const strict = await send('POST', `${ROLES}?fieldValidation=Strict`, typo)
    expectStatus(
      strict,
      400,
      'BadRequest',
      /strict decoding error: unknown field "rules\[0\]\.verb"/,
    )
    const warned = await send('POST', `${ROLES}?dryRun=All`, typo)
    expect(warned.headers['warning']).toContain('unknown field')
    const invalid = await send('POST', ROLES, role('bad', { rules: [{ verbs: ['get'] }] }))
    const { details } = expectStatus(
      invalid,
      422,
      'Invalid',
      /^Role\.rbac\.authorization\.k8s\.io "bad" is invalid: /,
    )
    expect(details).toMatchObject({
      causes: [{ field: 'rules[0].apiGroups' }, { field: 'rules[0].resources' }],
    })
  })

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

  it('shows tables to clients that show them', async () => {
    const headers = { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }
    const table = wire(await door.ask({ path: CLUSTER_ROLES, headers })) as unknown as {
      kind: string
      columnDefinitions: { name: string }[]
      rows: { cells: string[]; object: Wire }[]
    }
    expect(table.kind).toBe('Table')
    expect(table.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Created At'])
    expect(table.rows.map(({ cells }) => cells[0])).toContain('registry-viewer')
  })

  it('tells strangers and others what they may not, and a registry token nothing at all', async () => {
    const nobody = await door.ask({ path: CLUSTER_ROLES, as: 'nobody' })
    expectStatus(
      nobody,
      403,
      'Forbidden',
      'clusterroles.rbac.authorization.k8s.io is forbidden: User "system:anonymous" cannot list resource "clusterroles" in API group "rbac.authorization.k8s.io" at the cluster scope',
    )
    const wrong = await door.ask({
      path: CLUSTER_ROLES,
      as: { authorization: basic('kubeadmin', 'no') },
    })
    expectStatus(wrong, 401, 'Unauthorized', 'Unauthorized')
    const token = await bearer(door, ['repository:default/app:pull'])
    expectStatus(
      await door.ask({ path: CLUSTER_ROLES, as: token }),
      401,
      'Unauthorized',
      'Unauthorized',
    )
  })
})

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
    expectStatus(
      await ask(
        '/apis/sluice.dev/v1/accessexplanations',
        { spec: { ...spec, user: 'bob' } },
        asAlice,
      ),
      403,
      'Forbidden',
      /subjectaccessreviews/,
    )
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

describeDoors('image streams', (door) => {
  const IMAGES = '/apis/image.openshift.io/v1/namespaces/default'

  it('are the repositories of a project and their tags, of which one can be removed', async () => {
    const push = (name: string, tag: string) =>
      pushImage(door, `default/${name}`, { reference: tag })
    const { digest } = await push('app', 'v1')
    await push('app', 'v2')
    await push('other', 'v1')
    const list = wire(await door.get(`${IMAGES}/imagestreams`))
    expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['app', 'other'])
    expect(wire(await door.get(`${IMAGES}/imagestreams/app`)).status).toMatchObject({
      dockerImageRepository: expect.stringMatching(/default\/app$/) as string,
      tags: [{ tag: 'v1' }, { tag: 'v2' }],
    })
    const tags = wire(await door.get(`${IMAGES}/imagestreamtags`))
    expect(tags.items.map(({ metadata }) => metadata.name)).toEqual([
      'app:v1',
      'app:v2',
      'other:v1',
    ])
    expect(wire(await door.get(`${IMAGES}/imagestreamtags/app:v1`))['image']).toMatchObject({
      metadata: { name: digest },
    })
    expect(
      (await door.ask({ method: 'DELETE', path: `${IMAGES}/imagestreamtags/app:v1` })).status,
    ).toBe(200)
    expectStatus(
      await door.get(`${IMAGES}/imagestreamtags/app:v1`),
      404,
      'NotFound',
      /"app:v1" not found/,
    )
    expectStatus(await door.get(`${IMAGES}/imagestreams/none`), 404, 'NotFound', /"none" not found/)
    const stranger = { 'Impersonate-User': 'eve' }
    expectStatus(
      await door.ask({ path: `${IMAGES}/imagestreams`, headers: stranger }),
      403,
      'Forbidden',
      /cannot list resource "imagestreams" in API group "image\.openshift\.io" in the namespace "default"/,
    )
  })
})
