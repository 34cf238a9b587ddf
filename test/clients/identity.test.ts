/**
 * "Accessing the registry" of OpenShift's documentation, step by step, with real podman and the tokens of an identity provider:
 * the token is the password, and roles in the project decide.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startIssuer, type IssuerUnderTest } from '../identity/issuer-under-test.ts'
import type { Client } from './client.ts'
import { openSetting, type OpenSetting } from './open-setting.ts'
import { podman } from './podman.ts'

const RBAC = '/apis/rbac.authorization.k8s.io/v1'

let idp: IssuerUnderTest
let setting: OpenSetting
let client: Client
let admin = ''

beforeAll(async () => {
  idp = await startIssuer({ clientID: 'cli' })
  setting = await openSetting(podman.tools, false, { authentication: idp.configuration })
  client = await podman.create(setting)
  admin = await administratorToken()
})
afterAll(async () => {
  await client?.close?.()
  await setting?.close()
  await idp?.close()
})

/** As OpenShift's own client logs in: name and password for a token of a day. */
async function administratorToken(): Promise<string> {
  const { server } = setting
  const path = '/oauth/authorize?client_id=openshift-challenging-client&response_type=token'
  const credentials = Buffer.from(`${server.user}:${server.password}`).toString('base64')
  const answer = await fetch(server.url + path, {
    redirect: 'manual',
    headers: { Authorization: `Basic ${credentials}`, 'X-CSRF-Token': '1' },
  })
  const { hash } = new URL(answer.headers.get('location') ?? 'none:')
  return new URLSearchParams(hash.slice(1)).get('access_token') ?? ''
}

async function api(method: string, path: string, body?: object, token = admin) {
  const answer = await fetch(setting.server.url + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, object: (await answer.json()) as Record<string, unknown> }
}

const project = (name: string, token?: string) =>
  api('POST', '/apis/project.openshift.io/v1/projectrequests', { metadata: { name } }, token)

async function bind(namespace: string, role: string, subject: object): Promise<void> {
  const name = `${role.replaceAll(':', '-')}-${Math.random().toString(36).slice(2, 8)}`
  const { status } = await api('POST', `${RBAC}/namespaces/${namespace}/rolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [subject],
  })
  expect(status).toBe(201)
}

const user = (name: string) => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name })
const group = (name: string) => ({ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name })
const image = (name: string): string => `${setting.server.host}/${name}`
const tokenOf = (sub: string, ...groups: string[]) => idp.token({ sub, groups })

async function pushAs(token: string, name: string, text: string): Promise<void> {
  await client.login('unused', token)
  await client.build(image(name), { 'linux/amd64': text })
  await client.push(image(name))
}

const pullAs = async (token: string, name: string): Promise<string> => {
  await client.login('unused', token)
  return (await client.pull(image(name), 'linux/amd64')).text
}

const account = async (namespace: string, name: string): Promise<string> => {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`
  const { object } = await api('POST', path, { spec: { expirationSeconds: 3600 } })
  return (object['status'] as { token: string }).token
}

const DENIED = /unauthorized|denied|access to the resource/i

describe('a user of an identity provider', () => {
  it('logs in with the token for a password, under any name but one with a colon', async () => {
    await client.login('alice', await tokenOf('alice'))
    await client.login('somebody-else', await tokenOf('alice'))
    await client.login('unused', admin)
    await expect(client.login('system:admin', await tokenOf('alice'))).rejects.toThrow(
      /ended with 1/,
    )
    await expect(client.login('alice', await idp.token({ aud: 'another' }))).rejects.toThrow(
      podman.saysRefused,
    )
  })

  it('may ask for a project, which is hers: she pushes and pulls there', async () => {
    const alice = await tokenOf('alice')
    expect((await project('hers', alice)).status).toBe(201)
    await pushAs(alice, 'hers/app:v1', 'of alice')
    expect(await pullAs(alice, 'hers/app:v1')).toBe('of alice')
  })

  it('without a role pulls nothing; with registry-viewer she pulls, and pushes nothing', async () => {
    const bob = await tokenOf('bob')
    await expect(pullAs(bob, 'hers/app:v1')).rejects.toThrow(DENIED)
    await bind('hers', 'registry-viewer', user('bob'))
    expect(await pullAs(bob, 'hers/app:v1')).toBe('of alice')
    await expect(pushAs(bob, 'hers/app:v2', 'of bob')).rejects.toThrow(DENIED)
  })

  it('pushes with registry-editor, in that project and in no other', async () => {
    const bob = await tokenOf('bob')
    await project('others')
    await bind('hers', 'registry-editor', user('bob'))
    await pushAs(bob, 'hers/app:v2', 'of bob')
    await expect(pushAs(bob, 'others/app:v1', 'of bob')).rejects.toThrow(DENIED)
  })

  it('pushes with system:image-builder by her group', async () => {
    const carol = await tokenOf('carol', 'builders')
    await bind('others', 'system:image-builder', group('builders'))
    await pushAs(carol, 'others/built:v1', 'of carol')
    await expect(pushAs(await tokenOf('carol'), 'others/built:v2', 'of carol')).rejects.toThrow(
      DENIED,
    )
  })

  it('names no repository of three levels', async () => {
    const push = pushAs(await tokenOf('alice'), 'hers/deep/app:v1', 'deep')
    await expect(push).rejects.toThrow(/400 \(Bad Request\)|unauthorized/)
  })
})

describe('a service account', () => {
  it('pulls from its project, and from another one once that lets it or all accounts of its project', async () => {
    const token = await account('others', 'default')
    expect(await pullAs(token, 'others/built:v1')).toBe('of carol')
    await expect(pullAs(token, 'hers/app:v1')).rejects.toThrow(DENIED)
    await bind('hers', 'system:image-puller', {
      kind: 'ServiceAccount',
      name: 'default',
      namespace: 'others',
    })
    expect(await pullAs(token, 'hers/app:v1')).toBe('of alice')
    const deployer = await account('others', 'deployer')
    await expect(pullAs(deployer, 'hers/app:v1')).rejects.toThrow(DENIED)
    await bind('hers', 'system:image-puller', group('system:serviceaccounts:others'))
    expect(await pullAs(deployer, 'hers/app:v1')).toBe('of alice')
  })

  it('called builder pushes to its project', async () => {
    const builder = await account('others', 'builder')
    await pushAs(builder, 'others/built:v3', 'of the builder')
    expect(await pullAs(builder, 'others/built:v3')).toBe('of the builder')
  })
})

describe('what is open', () => {
  it('is pulled without a login, once its project lets everybody', async () => {
    await client.logout()
    await expect(client.pull(image('hers/app:v1'), 'linux/amd64')).rejects.toThrow(DENIED)
    await bind('hers', 'system:image-puller', group('system:unauthenticated'))
    expect((await client.pull(image('hers/app:v1'), 'linux/amd64')).text).toBe('of alice')
  })

  it('to whoever scrapes: a role of one’s own for the metrics', async () => {
    const dave = await tokenOf('dave')
    const asked = async () =>
      api(
        'POST',
        '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        {
          spec: {
            resourceAttributes: {
              group: 'image.openshift.io',
              resource: 'registry',
              subresource: 'metrics',
              verb: 'get',
            },
          },
        },
        dave,
      ).then(({ object }) => object['status'])
    expect(await asked()).toEqual({ allowed: false })
    const rules = [
      { apiGroups: ['image.openshift.io'], resources: ['registry/metrics'], verbs: ['get'] },
    ]
    const scraper = { metadata: { name: 'prometheus-scraper' }, rules }
    expect((await api('POST', `${RBAC}/clusterroles`, scraper)).status).toBe(201)
    const binding = {
      metadata: { name: 'prometheus-scraper' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'prometheus-scraper',
      },
      subjects: [user('dave')],
    }
    expect((await api('POST', `${RBAC}/clusterrolebindings`, binding)).status).toBe(201)
    expect(await asked()).toMatchObject({ allowed: true })
  })
})

describe('who may ask for projects', () => {
  it('is nobody any more once the binding of all is gone', async () => {
    const removed = await api('DELETE', `${RBAC}/clusterrolebindings/self-provisioners`)
    expect(removed.status).toBe(200)
    expect((await project('more', await tokenOf('erin'))).status).toBe(403)
    expect((await project('more')).status).toBe(201)
  })
})
