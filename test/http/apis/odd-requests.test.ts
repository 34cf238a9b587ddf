/** What no client means, and anybody can send: it is refused as what it is, and fails nothing. */
import { expect, it } from 'vitest'
import type { Answer } from '../answer.ts'
import { describeDoors } from '../describe-doors.ts'
import { sender } from './sender.ts'
import { binding, BINDINGS, expectStatus, JSON_TYPE, PROJECTS, role, ROLES, wire } from './wire.ts'

const LONG = 'a'.repeat(3000)
const HALF = '\ud800'
const MANY = Array.from({ length: 50 }, (_, at) => `x${at}`)
const NAMESPACES = '/api/v1/namespaces'
const REVIEWS = '/apis/authorization.k8s.io/v1'

const KINDS = [
  `${NAMESPACES}/default/limitranges`,
  `${NAMESPACES}/default/serviceaccounts`,
  ROLES,
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  '/apis/sluice.dev/v1/deadletters',
  '/apis/image.openshift.io/v1/namespaces/default/imagestreams',
]

const envelope = (number: number, bytes: Buffer): Buffer => {
  const length: number[] = []
  for (let left = bytes.length; ; left >>= 7) {
    if (left < 0x80) {
      length.push(left)
      break
    }
    length.push((left & 0x7f) | 0x80)
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes])
}

/** Kubernetes' protobuf of an object whose body is one field so often. */
function protobuf(kind: string, field: Buffer, times: number): Buffer {
  const meta = envelope(1, envelope(2, Buffer.from(kind)))
  const spec = envelope(2, Buffer.concat(Array<Buffer>(times).fill(field)))
  return Buffer.concat([Buffer.from('k8s\0'), meta, envelope(2, spec)])
}

const about = (answer: Answer) => [answer.status, wire(answer)['reason']]

describeDoors('an odd request', (door) => {
  const send = sender(door)

  it.each(KINDS)('for a name of %s that nothing can have finds nothing', async (path) => {
    for (const method of ['GET', 'DELETE']) {
      expect(about(await door.ask({ method, path: `${path}/${LONG}` }))).toEqual([404, 'NotFound'])
    }
  })

  it.each([LONG, HALF, 'A', ''])('makes nothing that is called %j', async (name) => {
    for (const metadata of [{ name }, ...(name === LONG ? [{ generateName: name }] : [])]) {
      const made = await send('POST', `${NAMESPACES}/default/serviceaccounts`, { metadata })
      expect(about(made)).toEqual([422, 'Invalid'])
    }
  })

  it('for a project that cannot be finds nothing there, and gives no rights', async () => {
    for (const kind of ['limitranges', 'serviceaccounts']) {
      const path = `${NAMESPACES}/${LONG}/${kind}`
      expect(wire(await door.get(path)).items).toEqual([])
      expect(about(await door.get(`${path}/x`))).toEqual([404, 'NotFound'])
    }
    const made = await send('POST', ROLES.replace('default', LONG), role('x'))
    expect(about(made)).toEqual([404, 'NotFound'])
    expect(about(await door.get(`${NAMESPACES}/${LONG}`))).toEqual([404, 'NotFound'])
    for (const namespace of [LONG, HALF, 'A']) {
      const resourceAttributes = { namespace, verb: 'get', resource: 'pods' }
      const spec = { user: 'alice', resourceAttributes }
      const review = await send('POST', `${REVIEWS}/subjectaccessreviews`, { spec })
      expect(wire(review)['status']).toEqual({ allowed: false })
    }
  })

  it('for a dead letter that cannot be finds none', async () => {
    for (const deadLetter of [LONG, HALF]) {
      const path = '/apis/sluice.dev/v1/deadletterretries'
      expect(about(await send('POST', path, { spec: { deadLetter } }))).toEqual([404, 'NotFound'])
    }
  })

  it('binds nobody whose name is no text, and keeps no label without a name', async () => {
    const bound = await send('POST', BINDINGS, binding('odd', 'view', HALF))
    expectStatus(bound, 422, 'Invalid', /subjects\[0\].name: Invalid value: .* must be well-formed/)
    for (const field of ['labels', 'annotations']) {
      const labelled = role('odd', { metadata: { name: 'odd', [field]: { '': 'x' } } })
      const message = `metadata.${field}: a name must not be empty`
      expectStatus(await send('POST', ROLES, labelled), 400, 'BadRequest', message)
    }
  })

  it('is told of fields in whatever script, and of not more of them than fit a head', async () => {
    const told = await send('POST', `${ROLES}?dryRun=All`, role('x', { 'größe 😀"': 1 }))
    expect(told.status).toBe(201)
    expect(told.headers['warning']).toBe('299 - "unknown field \\"gr??e ?\\"\\""')
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`field-${at}`, 1]))
    const some = await send('POST', `${ROLES}?dryRun=All`, role('x', many))
    expect(some.status).toBe(201)
    expect(some.headers['warning']).toMatch(/^299 - "unknown field \\"field-0\\"", 299 /)
    expect(some.headers['warning']?.length).toBeLessThanOrEqual(4096)
  })

  it('of half a million fields in protobuf is read as fast as it is long', async () => {
    const review = protobuf('SelfSubjectAccessReview', Buffer.from([0x1a, 0]), 500_000)
    const headers = { 'Content-Type': 'application/vnd.kubernetes.protobuf' }
    const path = `${REVIEWS}/selfsubjectaccessreviews`
    expect((await door.post(path, review, headers)).status).toBe(400)
    const groups = protobuf('SubjectAccessReview', Buffer.from([0x22, 0]), 500_000)
    const asked = await door.post(`${REVIEWS}/subjectaccessreviews`, groups, headers)
    expect(asked.status).toBe(400)
    const label = Buffer.from([0x5a, 5, 0x0a, 1, 0x61, 0x12, 0])
    const labelled = protobuf('ServiceAccount', label, 100_000)
    const accounts = `${NAMESPACES}/default/serviceaccounts`
    expect((await door.post(accounts, labelled, headers)).status).toBe(422)
  })

  it('for a role of more grants than can be looked at is refused', async () => {
    const rule = { verbs: MANY, apiGroups: MANY, resources: MANY }
    const refused = await send('POST', ROLES, role('x', { rules: [rule] }))
    expectStatus(refused, 422, 'Invalid', /rules: Too long: .* multiply to more than 10000/)
  })

  it('for a patch that copies what it copied, again and again, is refused before that is large', async () => {
    expect((await send('POST', ROLES, role('copied'))).status).toBe(201)
    const path = '/metadata/annotations'
    const copies = Array.from({ length: 15 }, (_, at) => ({
      op: 'copy',
      from: path,
      path: `${path}/${at}`,
    }))
    const add = { op: 'add', path, value: { note: 'x'.repeat(100) } }
    const operations = [add, ...copies, { op: 'remove', path }]
    const type = { 'Content-Type': 'application/json-patch+json' }
    const refused = await send('PATCH', `${ROLES}/copied`, operations, type)
    expect(about(refused)).toEqual([413, 'RequestEntityTooLarge'])
    const few = [add, ...copies.slice(0, 3), { op: 'remove', path }]
    expect((await send('PATCH', `${ROLES}/copied`, few, type)).status).toBe(200)
    expect((await door.delete(`${ROLES}/copied`)).status).toBe(200)
  })

  it('of JSON that nobody means, level within level, is refused', async () => {
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
    const merge = { 'Content-Type': 'application/merge-patch+json' }
    const path = `${PROJECTS}/default`
    const answers = [
      await door.ask({ method: 'PATCH', path, body: `{"metadata":${deep}}`, headers: merge }),
      await door.post(ROLES, `{"metadata":{"name":"deep"},"rules":[${deep}]}`, JSON_TYPE),
      await door.post(`${REVIEWS}/selfsubjectaccessreviews`, `{"spec":${deep}}`, JSON_TYPE),
      await door.ask({ method: 'DELETE', path: `${ROLES}/x`, body: deep, headers: JSON_TYPE }),
    ]
    for (const answer of answers) {
      expectStatus(answer, 400, 'BadRequest', 'the body of the request has more than 64 levels')
    }
  })

  it('for a project with more notes than its record holds is refused', async () => {
    const annotations = { note: 'x'.repeat(300_000) }
    const requests = '/apis/project.openshift.io/v1/projectrequests'
    for (const path of [PROJECTS, requests]) {
      const metadata = { name: 'noted', annotations }
      expect(about(await send('POST', path, { metadata }))).toEqual([413, 'RequestEntityTooLarge'])
    }
    const merge = { 'Content-Type': 'application/merge-patch+json' }
    const patch = await send('PATCH', `${PROJECTS}/default`, { metadata: { annotations } }, merge)
    expect(about(patch)).toEqual([413, 'RequestEntityTooLarge'])
  })

  it('by a host that is none is refused', async () => {
    expect((await door.get('/version', { Host: '1.2.3.4.5' })).status).toBe(400)
  })

  it('with a selector of commas alone selects all', async () => {
    const path = `${ROLES}?labelSelector=${','.repeat(8000)}`
    expect((await door.get(path)).status).toBe(200)
  })
})
