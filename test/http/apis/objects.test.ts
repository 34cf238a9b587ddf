/** Objects of the admin API, as Kubernetes' clients make, read and change them. */
import { expect, it } from 'vitest'
import { bearer } from '../bearer.ts'
import { describeDoors } from '../describe-doors.ts'
import { basic } from '../served-registry.ts'
import { sender } from './sender.ts'
import {
  BINDINGS,
  binding,
  CLUSTER_ROLES,
  expectStatus,
  RBAC,
  role,
  ROLES,
  wire,
  type Wire,
} from './wire.ts'

const where = ({ metadata }: Wire) => `${metadata.namespace}/${metadata.name}`

describeDoors('the admin API', (door) => {
  const send = sender(door)

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

  it('says that it watches nothing, neither lists nor objects', async () => {
    for (const path of [ROLES, `${CLUSTER_ROLES}/view`, `${RBAC}/roles`])
      for (const watch of ['true', '1'])
        expectStatus(
          await door.get(`${path}?watch=${watch}&timeoutSeconds=300`),
          405,
          'MethodNotAllowed',
          'watch is not supported: list again when you want to know',
        )
    expect((await door.get(`${ROLES}?watch=false`)).status).toBe(200)
  })

  it('lists all projects at once, page by page', async () => {
    const path = `${RBAC}/rolebindings`
    const whole = wire(await door.get(path)).items.map(where)
    expect(whole).toEqual(whole.toSorted())
    expect(new Set(whole.map((one) => one.split('/')[0])).size).toBeGreaterThan(1)
    const paged: string[] = []
    for (let more = ''; ;) {
      const page = wire(await door.get(`${path}?limit=2${more}`))
      expect(page.items.length).toBeLessThanOrEqual(2)
      paged.push(...page.items.map(where))
      if (!page.metadata.continue) break
      more = `&continue=${page.metadata.continue}`
    }
    expect(paged).toEqual(whole)
  })

  it.each([
    ['POST', `${RBAC}/rolebindings`, 405, 'MethodNotAllowed'],
    ['DELETE', `${RBAC}/rolebindings`, 405, 'MethodNotAllowed'],
    ['GET', `${RBAC}/rolebindings/x`, 404, 'NotFound'],
    ['PUT', `${RBAC}/rolebindings/x`, 404, 'NotFound'],
    ['DELETE', `${RBAC}/roles/x`, 404, 'NotFound'],
  ])(
    'takes no %s of what belongs to a project without one: %s',
    async (method, path, code, reason) => {
      expectStatus(
        await send(method, path, method === 'GET' ? undefined : binding('x', 'view', 'ann')),
        code,
        reason,
        /^the server /,
      )
    },
  )

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

  it('is compared with a patch member by member, in whatever order', async () => {
    const metadata = { name: 'compared', labels: { a: '1', b: '2' } }
    expect((await send('POST', ROLES, role('compared', { metadata }))).status).toBe(201)
    const patch = (value: object) =>
      send('PATCH', `${ROLES}/compared`, [{ op: 'test', path: '/metadata/labels', value }], {
        'Content-Type': 'application/json-patch+json',
      })
    expect((await patch({ b: '2', a: '1' })).status).toBe(200)
    expect((await patch({ b: '2' })).status).toBe(422)
    expect((await door.delete(`${ROLES}/compared`)).status).toBe(200)
  })

  it.each([
    ['an index that is none', { op: 'remove', path: '/rules/' }, 422],
    ['an index in another form', { op: 'remove', path: '/rules/00' }, 422],
    ['an index behind the end', { op: 'add', path: '/rules/2', value: {} }, 422],
    ['a value that is not there', { op: 'add', path: '/metadata/labels/a' }, 400],
    ['no path', { op: 'remove' }, 400],
  ])('takes no patch with %s', async (_, operation, status) => {
    const metadata = { name: 'patched', labels: {} }
    expect((await send('POST', ROLES, role('patched', { metadata }))).status).toBe(201)
    const type = { 'Content-Type': 'application/json-patch+json' }
    const answer = await send('PATCH', `${ROLES}/patched`, [operation], type)
    const { rules } = wire(await door.get(`${ROLES}/patched`))
    expect((await door.delete(`${ROLES}/patched`)).status).toBe(200)
    expect([answer.status, rules]).toEqual([status, role('patched').rules])
  })

  it('goes once where two remove all at once, and neither is refused', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `many-${at}`)
    for (const name of names) {
      const made = role(name, { metadata: { name, labels: { many: 'yes' } } })
      expect((await send('POST', ROLES, made)).status).toBe(201)
    }
    const path = `${ROLES}?labelSelector=many%3Dyes`
    const both = await Promise.all([door.delete(path), door.delete(path)])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect(wire(await door.get(path)).items).toEqual([])
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

  it('shows tables to clients that show them', async () => {
    const headers = { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }
    const table = wire(await door.ask({ path: CLUSTER_ROLES, headers })) as unknown as {
      kind: string
      columnDefinitions: { name: string }[]
      rows: { cells: string[]; object: Wire }[]
    }
    expect(table.kind).toBe('Table')
    expect(table.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Created At'])
    // What every registry has was made at no time.
    expect(table.rows.map(({ cells }) => cells)).toContainEqual(['registry-viewer', '<unknown>'])
    const { rows } = wire(
      await door.ask({ path: '/apis/sluice.dev/v1/upstreams', headers }),
    ) as unknown as typeof table
    expect(rows.find(({ cells }) => cells[0] === 'docker.io')?.cells.at(-1)).toBe('<unknown>')
    expect(rows[0]?.object.metadata).not.toHaveProperty('creationTimestamp')
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
