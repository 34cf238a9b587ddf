/** Who did what, as the log is told: once for each thing that was done, through every door. */
import { randomBytes } from 'node:crypto'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { expect, it } from 'vitest'
import { describeDoors } from './describe-doors.ts'
import { describeBytes, plain, pushBlob, pushImage, putManifest, manifestBytes } from './push.ts'
import { basic } from './served-registry.ts'

const API = '/apis/rbac.authorization.k8s.io/v1'

describeDoors('the audit', (door) => {
  /** What is told while it is done, without what every line has. */
  const told = async (work: () => Promise<unknown>) => {
    const { audited } = door.served
    audited.length = 0
    await work()
    return audited.map(({ message, fields }) => {
      const known = Object.entries(fields).filter(
        ([name, value]) => value !== undefined && !/^(?:http\.request|event)\./.test(name),
      )
      const { 'openshift.logger': logger, ...rest } = Object.fromEntries(known)
      expect(logger).toBe('audit')
      return { message, ...rest }
    })
  }
  const done = { 'openshift.request.status': 'success', 'openshift.auth.user': 'kube:admin' }

  it('tells of each blob and manifest that is pushed, pulled, mounted and removed', async () => {
    const repository = 'default/told'
    const bytes = randomBytes(40)
    const { digest, size } = describeBytes(bytes)
    const blob = { 'vars.name': repository, 'vars.digest': digest, 'vars.size': size }
    const octets = { 'vars.mediatype': 'application/octet-stream' }
    expect(await told(() => pushBlob(door, repository, bytes))).toEqual([
      { message: 'BlobWriter.Commit', ...done, ...blob, ...octets },
    ])
    const body = manifestBytes({
      mediaType: OCI_MANIFEST,
      config: plain(describeBytes(bytes)),
      layers: [],
    })
    const image = describeBytes(body, OCI_MANIFEST)
    const manifest = {
      'vars.name': repository,
      'vars.digest': image.digest,
      'vars.mediatype': OCI_MANIFEST,
      'vars.size': image.size,
    }
    expect(await told(() => putManifest(door, repository, 'v1?tag=v2', body))).toEqual([
      { message: 'ManifestService.Put', ...done, ...manifest, 'vars.reference': 'v1' },
      { message: 'ManifestService.Put', ...done, ...manifest, 'vars.reference': 'v2' },
    ])
    expect(await told(() => door.get(`/v2/${repository}/manifests/v1`))).toEqual([
      { message: 'ManifestService.Get', ...done, ...manifest, 'vars.reference': 'v1' },
    ])
    expect(await told(() => door.get(`/v2/${repository}/blobs/${digest}`))).toEqual([
      { message: 'BlobStore.ServeBlob', ...done, ...blob, ...octets },
    ])
    const mount = `/v2/default/mounted/blobs/uploads/?mount=${digest}`
    for (const path of [`${mount}&from=${repository}`, mount]) {
      expect(await told(() => door.post(path))).toEqual([
        {
          message: 'BlobStore.Mount',
          ...done,
          ...blob,
          ...octets,
          'vars.name': 'default/mounted',
          'vars.from': expect.stringMatching(/^default\//) as string,
        },
      ])
    }
    const untagged = { 'vars.name': repository, 'vars.reference': 'v2' }
    expect(await told(() => door.delete(`/v2/${repository}/manifests/v2`))).toEqual([
      { message: 'TagService.Untag', ...done, ...untagged },
    ])
    const gone = { 'vars.name': repository, 'vars.digest': image.digest }
    expect(await told(() => door.delete(`/v2/${repository}/manifests/${image.digest}`))).toEqual([
      { message: 'ManifestService.Delete', ...done, ...gone },
    ])
    expect(await told(() => door.delete(`/v2/${repository}/blobs/${digest}`))).toEqual([
      { message: 'BlobStore.Delete', ...done, 'vars.name': repository, 'vars.digest': digest },
    ])
  })

  it('tells nothing of what was refused, was not there, or was not sent', async () => {
    const image = await pushImage(door, 'default/quiet', { reference: 'v1' })
    const none = `sha256:${'0'.repeat(64)}`
    const paths = ['manifests/none', `manifests/${none}`, `blobs/${none}`]
    const known = { 'if-none-match': `"${image.digest}"` }
    const quiet = async () => {
      for (const path of paths) {
        expect((await door.get(`/v2/default/quiet/${path}`)).status).toBe(404)
        expect((await door.delete(`/v2/default/quiet/${path}`)).status).toBe(404)
      }
      expect((await door.get('/v2/default/quiet/manifests/v1', known)).status).toBe(304)
      expect((await putManifest(door, 'default/quiet', 'v1', '{}')).status).toBe(400)
      const path = '/v2/default/quiet/manifests/v1'
      expect((await door.ask({ path, as: 'nobody' })).status).toBe(401)
    }
    expect(await told(quiet)).toEqual([])
  })

  it('tells where a request came from, and lets no client forge a field', async () => {
    await pushImage(door, 'default/from', { reference: 'v1' })
    const userAgent = `evil" openshift.auth.user="root ${'x'.repeat(500)}`
    door.served.audited.length = 0
    await door.get('/v2/default/from/manifests/v1', { 'user-agent': userAgent })
    const [line] = door.served.audited
    expect(line?.fields).toMatchObject({
      'openshift.auth.user': 'kube:admin',
      'http.request.method': 'GET',
      'http.request.useragent': `${userAgent.slice(0, 256)}...`,
      'http.request.id': expect.stringMatching(/^[\w-]{8,128}$/) as string,
      'http.request.remoteaddr': expect.stringMatching(/^(?:192\.0\.2\.1|127\.0\.0\.1)$/) as string,
    })
    expect(JSON.stringify(line)).not.toMatch(/Basic|correct horse|Bearer/)
  })

  it('tells who acted for whom', async () => {
    const metadata = { name: 'for-alice' }
    const headers = { 'Content-Type': 'application/json', 'Impersonate-User': 'alice' }
    const path = `${API.replace('rbac.authorization.k8s.io', 'project.openshift.io')}/projectrequests`
    const asked = { ...headers, 'Impersonate-Group': 'system:authenticated:oauth' }
    expect(await told(() => door.post(path, JSON.stringify({ metadata }), asked))).toMatchObject([
      {
        message: 'create projectrequests.project.openshift.io',
        'openshift.auth.user': 'alice',
        'openshift.auth.impersonator': 'kube:admin',
      },
    ])
  })

  it('tells of rights that are granted and taken, and of what only tries nothing', async () => {
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'pullers' },
      roleRef: { kind: 'ClusterRole', name: 'system:image-puller' },
      subjects: [
        { kind: 'User', name: 'alice' },
        { kind: 'ServiceAccount', namespace: 'default', name: 'builder' },
      ],
    }
    const path = `${API}/namespaces/default/rolebindings`
    const json = { 'content-type': 'application/json' }
    const object = {
      'object.resource': 'rolebindings.rbac.authorization.k8s.io',
      'object.namespace': 'default',
      'object.name': 'pullers',
      'object.role': 'ClusterRole/system:image-puller',
      'object.subjects': 'User:alice,ServiceAccount:default/builder',
    }
    const create = (query = '') => door.post(`${path}${query}`, JSON.stringify(binding), json)
    expect(await told(() => create('?dryRun=All'))).toEqual([])
    expect(await told(create)).toEqual([
      { message: 'create rolebindings.rbac.authorization.k8s.io', ...done, ...object },
    ])
    const dry = JSON.stringify({ dryRun: ['All'] })
    const remove = (body?: string) =>
      door.ask({
        method: 'DELETE',
        path: `${path}/pullers`,
        ...(body !== undefined && { body, headers: json }),
      })
    expect(await told(() => remove(dry))).toEqual([])
    expect(await told(remove)).toEqual([
      { message: 'delete rolebindings.rbac.authorization.k8s.io', ...done, ...object },
    ])
    expect(await told(() => door.get(path))).toEqual([])
  })

  it('tells of tokens that are made, and of repositories and tags that the API removes', async () => {
    await pushImage(door, 'default/api', { reference: 'v1' })
    const images = '/apis/image.openshift.io/v1/namespaces/default'
    expect(await told(() => door.delete(`${images}/imagestreamtags/api:v1`))).toEqual([
      {
        message: 'TagService.Untag',
        ...done,
        'vars.name': 'default/api',
        'vars.reference': 'v1',
      },
    ])
    expect(await told(() => door.delete(`${images}/imagestreams/api`))).toEqual([
      { message: 'Repository.Delete', ...done, 'vars.name': 'default/api' },
    ])
    const json = { 'content-type': 'application/json' }
    const tokens = '/api/v1/namespaces/default/serviceaccounts/builder/token'
    const token = () => door.post(tokens, JSON.stringify({ spec: {} }), json)
    expect(await told(token)).toEqual([
      {
        message: 'create serviceaccounts/token',
        ...done,
        'object.resource': 'serviceaccounts/token',
        'object.namespace': 'default',
        'object.name': 'builder',
      },
    ])
  })

  it.each([
    ['/api/v1/namespaces/default/serviceaccounts/builder/token', {}],
    [
      '/apis/image.openshift.io/v1/namespaces/default/imagestreamimports',
      { import: true, images: [{ from: { kind: 'DockerImage', name: 'docker.io/library/a' } }] },
    ],
    ['/apis/sluice.dev/v1/deadletterretries', { deadLetter: 'one' }],
  ])('has nothing done untold in a dry run of %s', async (path, spec) => {
    const json = { 'content-type': 'application/json' }
    const body = JSON.stringify({ metadata: { name: 'app' }, spec })
    const answer = await door.post(`${path}?dryRun=All`, body, json)
    expect([answer.status, answer.body.toString()]).toEqual([
      400,
      expect.stringContaining('know no dryRun'),
    ])
  })

  it('tells of the administrator who is removed, and not of whether he could be', async () => {
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'heirs' },
      roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'User', name: 'alice' }],
    }
    const path = '/api/v1/namespaces/kube-system/secrets/kubeadmin'
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ dryRun: ['All'] })
    await door.post(`${API}/clusterrolebindings`, JSON.stringify(binding), headers)
    const tried = await told(async () => {
      expect((await door.ask({ method: 'DELETE', path, headers, body })).status).toBe(200)
    })
    expect(tried).toEqual([])
  })

  it('tells of a login that was refused', async () => {
    const wrong = { authorization: basic('mallory', 'hunter2-is-secret') }
    const lines = await told(() => door.ask({ path: '/token', as: wrong }))
    expect(lines).toEqual([
      {
        message: 'login',
        'openshift.request.status': 'error',
        'openshift.auth.user': 'mallory',
        'openshift.request.error': expect.stringMatching(/./) as string,
      },
    ])
    expect(JSON.stringify(door.served.audited)).not.toContain('hunter2')
  })
})
