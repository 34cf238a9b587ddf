/** Limits and quotas as Kubernetes' clients make, change and show them. */
import { expect, it } from 'vitest'
import { describeDoors } from '../describe-doors.ts'
import { pushImage } from '../push.ts'
import { expectStatus, JSON_TYPE, wire } from './wire.ts'

const RANGES = '/api/v1/namespaces/default/limitranges'
const QUOTAS = '/api/v1/namespaces/default/resourcequotas'
const STREAMS = 'openshift.io/imagestreams'
const TABLE = { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }

const range = (...limits: readonly object[]) => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'limits' },
  spec: { limits },
})
const quota = (hard: object, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'quota' },
  spec: { hard, ...more },
})
const image = (storage: string) => range({ type: 'openshift.io/Image', max: { storage } })

describeDoors('limits and quotas', (door) => {
  const send = (
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string> = JSON_TYPE,
  ) => door.ask({ method, path, body: JSON.stringify(body), headers })
  it('are made, changed, and gone, and so is what they limit', async () => {
    const made = await send('POST', RANGES, image('0'))
    expect(made.status).toBe(201)
    expect(wire(made)['spec']).toEqual(image('0').spec)
    const push = () =>
      door.post(
        '/v2/default/app/blobs/uploads/?digest=sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
        'x',
      )
    expect((await push()).status).toBe(403)
    const merge = { 'Content-Type': 'application/merge-patch+json' }
    const more = await send('PATCH', `${RANGES}/limits`, image('1'), merge)
    expect(more.status).toBe(200)
    expect((await push()).status).toBe(201)
    const dry = await send('POST', `${QUOTAS}?dryRun=All`, quota({ [STREAMS]: 0 }))
    expect(dry.status).toBe(201)
    expect(wire(await door.get(QUOTAS)).items).toEqual([])
    expect((await door.delete(`${RANGES}/limits`)).status).toBe(200)
    expectStatus(
      await door.get(`${RANGES}/limits`),
      404,
      'NotFound',
      'limitranges "limits" not found',
    )
  })

  it('show what there is of them', async () => {
    expect((await send('POST', QUOTAS, quota({ [STREAMS]: 5 }))).status).toBe(201)
    await pushImage(door, 'default/counted')
    expect(wire(await door.get(`${QUOTAS}/quota`))).toMatchObject({
      spec: { hard: { [STREAMS]: '5' } },
      status: { hard: { [STREAMS]: '5' }, used: { [STREAMS]: '1' } },
    })
    const all = wire(await door.get('/api/v1/resourcequotas')).items
    expect(all.map(({ status }) => status)).toEqual([
      { hard: { [STREAMS]: '5' }, used: { [STREAMS]: '1' } },
    ])
    const table = wire(await door.get(QUOTAS, TABLE)) as unknown as { rows: { cells: string[] }[] }
    expect(table.rows.map(({ cells }) => cells.slice(0, 3))).toEqual([
      ['quota', `${STREAMS}: 1/5`, ''],
    ])
    expect((await door.delete(`${QUOTAS}/quota`)).status).toBe(200)
  })

  it.each([
    [
      'a type that no image has',
      { type: 'Container', max: {} },
      /spec.limits\[0\].type: Unsupported value: "Container": supported values: "openshift.io\/Image", "openshift.io\/ImageStream"/,
    ],
    [
      'what an image has not',
      { type: 'openshift.io/Image', max: { cpu: '1' } },
      /spec.limits\[0\].max: Unsupported value: "cpu"/,
    ],
    [
      'what is no quantity',
      { type: 'openshift.io/Image', max: { storage: '1 GB' } },
      /spec.limits\[0\].max\[storage\]: Invalid value: "1 GB": must be a quantity like 1Gi or 30/,
    ],
    [
      'less than nothing',
      { type: 'openshift.io/Image', max: { storage: '-1' } },
      /Invalid value: "-1": must be 0 to/,
    ],
    [
      'a part of an image',
      { type: 'openshift.io/ImageStream', max: { 'openshift.io/images': '1.5' } },
      /spec.limits\[0\].max\[openshift.io\/images\]: Invalid value: "1.5": must be an integer/,
    ],
    [
      'a part of a tag, as a number',
      { type: 'openshift.io/ImageStream', max: { 'openshift.io/image-tags': 0.5 } },
      /spec.limits\[0\].max\[openshift.io\/image-tags\]: Invalid value: "0.5": must be an integer/,
    ],
  ])('refuse %s', async (_, item, message) => {
    expectStatus(await send('POST', RANGES, range(item)), 422, 'Invalid', message)
  })

  it('let bytes be written with a fraction, and counts with a unit', async () => {
    const parts = range(
      { type: 'openshift.io/Image', max: { storage: '1.5Gi' } },
      { type: 'openshift.io/ImageStream', max: { 'openshift.io/images': '1.5k' } },
    )
    expect((await send('POST', `${RANGES}?dryRun=All`, parts)).status).toBe(201)
  })

  it('refuse one type twice, and what the registry would not keep to', async () => {
    const item = { type: 'openshift.io/Image', max: { storage: '1Gi' } }
    const twice = await send('POST', RANGES, range(item, item))
    expectStatus(twice, 422, 'Invalid', /spec.limits\[1\].type: Duplicate value/)
    const least = await send('POST', RANGES, range({ ...item, min: { storage: '1' } }))
    expectStatus(least, 400, 'BadRequest', 'spec.limits[0].min is not supported by a registry')
    const pods = await send('POST', QUOTAS, quota({ pods: 1 }))
    expectStatus(pods, 422, 'Invalid', /spec.hard: Unsupported value: "pods"/)
    const part = await send('POST', QUOTAS, quota({ [STREAMS]: '500m' }))
    expectStatus(part, 422, 'Invalid', /Invalid value: "500m": must be an integer/)
    const scoped = await send('POST', QUOTAS, quota({}, { scopes: ['BestEffort'] }))
    expectStatus(scoped, 400, 'BadRequest', 'spec.scopes is not supported by a registry')
    const nowhere = RANGES.replace('default', 'nowhere')
    expectStatus(
      await send('POST', nowhere, range(item)),
      404,
      'NotFound',
      'namespaces "nowhere" not found',
    )
    expect(wire(await door.get(RANGES)).items).toEqual([])
  })

  it('are seen by the members of a project, and set by none of them', async () => {
    const { rights } = door.registry
    const owner = { user: 'system:admin', groups: ['system:masters'] }
    await door.registry.roleBindings.create(owner, 'default', {
      name: 'admin',
      content: {
        roleRef: { kind: 'ClusterRole', name: 'admin' },
        subjects: [{ kind: 'User', name: 'alice' }],
      },
    })
    const alice = { user: 'alice', groups: ['system:authenticated'] }
    for (const resource of ['limitranges', 'resourcequotas']) {
      const check = { group: '', resource, namespace: 'default' }
      expect(await rights.may(alice, { verb: 'list', ...check })).toBe(true)
      expect(await rights.may(alice, { verb: 'update', ...check })).toBe(false)
      expect(await rights.may(alice, { verb: 'create', ...check })).toBe(false)
    }
  })
})
