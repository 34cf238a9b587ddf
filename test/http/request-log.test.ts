/** What a door logs of each request, in the words of OpenShift's registry. */
import { randomUUID } from 'node:crypto'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { expect, it, vi } from 'vitest'
import { bearer, tokenOf } from './bearer.ts'
import { describeDoors } from './describe-doors.ts'
import type { DoorUnderTest } from './door-under-test.ts'
import type { LoggedLine } from './log-file.ts'
import { manifestBytes, plain, pushBlob, pushImage } from './push.ts'
import { basic, PASSWORD } from './served-registry.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const GO_DURATION = /^(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?(?:ns|µs|ms|s)$/

type Asking = (headers: Record<string, string>) => Promise<unknown>

const describeLogs = (name: string, tests: (door: DoorUnderTest) => void): void =>
  describeDoors(name, tests, {}, () => [], { logging: true })

describeLogs('the log of requests', (door) => {
  /** The lines of the request that this made, and that bears a name of its own. */
  async function linesOf(ask: Asking): Promise<readonly LoggedLine[]> {
    const agent = `test/${randomUUID()}`
    await ask({ 'User-Agent': agent })
    const isIts = (line: LoggedLine): boolean => line['http.request.useragent'] === agent
    return vi.waitFor(() => {
      const lines = door.logged.lines()
      const response = lines.find(isIts)
      if (!response) throw new Error('it is not logged yet')
      return lines.filter((line) => line['http.request.id'] === response['http.request.id'])
    })
  }

  const written = async (ask: Asking) => {
    const line = (await linesOf(ask)).find(({ msg }) => msg === 'response')
    return [line?.['http.request.method'], line?.['http.response.written']]
  }
  const authorized = async (ask: Asking) =>
    (await linesOf(ask)).filter(({ msg }) => msg === 'authorized request')

  it('has one access line for each request', async () => {
    const path = '/v2/default/missing/tags/list?n=5'
    const lines = await linesOf((headers) =>
      door.get(path, { ...headers, Referer: 'https://me:secret@example.com/a?token=secret' }),
    )
    expect(lines.filter(({ msg }) => msg === 'response')).toEqual([
      {
        time: expect.any(String) as string,
        level: 'info',
        msg: 'response',
        'http.request.host': expect.any(String) as string,
        'http.request.id': expect.stringMatching(UUID) as string,
        'http.request.method': 'GET',
        'http.request.referer': 'https://example.com/a',
        'http.request.remoteaddr': expect.stringMatching(
          /^(?:127\.0\.0\.1|192\.0\.2\.1)$/,
        ) as string,
        'http.request.uri': path,
        'http.request.useragent': expect.any(String) as string,
        'http.response.contenttype': 'application/json',
        'http.response.duration': expect.stringMatching(GO_DURATION) as string,
        'http.response.status': 404,
        'http.response.written': expect.any(Number) as number,
        'openshift.auth.user': 'kube:admin',
      },
    ])
  })

  it('says how many bytes were written, whatever way they went', async () => {
    const { digest, bytes } = await pushImage(door, 'default/app', { reference: 'v1' })
    const blob = await pushBlob(door, 'default/app', Buffer.alloc(200_000, 'a'))
    const manifest = '/v2/default/app/manifests/v1'
    expect(await written((headers) => door.get(manifest, headers))).toEqual(['GET', bytes.length])
    expect(await written((headers) => door.head(manifest, headers))).toEqual(['HEAD', 0])
    const path = `/v2/default/app/manifests/${digest}`
    const seen = { 'If-None-Match': `"${digest}"` }
    expect(await written((headers) => door.get(path, { ...headers, ...seen }))).toEqual(['GET', 0])
    const answer = await door.get(`/v2/default/app/blobs/${blob.digest}`)
    const [, bodyBytes] = await written((headers) =>
      door.get(`/v2/default/app/blobs/${blob.digest}`, headers),
    )
    // In the cloud the store itself sends it.
    expect(bodyBytes).toBe(answer.status === 200 ? 200_000 : 0)
  })

  it('says who may do what with what', async () => {
    const token = await bearer(door, ['repository:default/app:pull,push'])
    const { digest } = await pushBlob(door, 'default/app')
    const ask = (method: string, path: string) => (headers: Record<string, string>) =>
      door.ask({ method, path, headers, as: token })
    const common = {
      level: 'info',
      'openshift.auth.user': 'kube:admin',
      'vars.name': 'default/app',
    }
    const upload = randomUUID().replaceAll('-', '')
    expect([
      await authorized(ask('GET', '/v2/default/app/manifests/v2')),
      await authorized(ask('HEAD', `/v2/default/app/blobs/${digest}`)),
      await authorized(ask('GET', `/v2/default/app/blobs/uploads/${upload}`)),
      await authorized(ask('GET', '/v2/default/app/tags/list')),
    ]).toMatchObject([
      [{ ...common, 'vars.reference': 'v2' }],
      [{ ...common, 'vars.digest': digest }],
      [{ ...common, 'vars.uuid': upload }],
      [common],
    ])
    expect(await authorized((headers) => door.ask({ path: '/v2/', headers, as: token }))).toEqual(
      [],
    )
  })

  it('tells what was refused, and the answer names the request', async () => {
    let id: string | undefined
    const lines = await linesOf(async (headers) => {
      const answer = await door.get('/v2/default/app/manifests/absent', headers)
      id = answer.headers['x-request-id']
    })
    expect(lines.find(({ msg }) => msg === 'response completed with error')).toMatchObject({
      level: 'error',
      'err.code': 'manifest unknown',
      'err.message': 'manifest unknown to registry',
      'err.detail': expect.stringContaining('absent') as string,
      'http.request.id': id,
      'http.response.status': 404,
      'openshift.auth.user': 'kube:admin',
      'vars.name': 'default/app',
      'vars.reference': 'absent',
    })
    expect(id).toMatch(UUID)
  })

  it('tells of a push that a limit refuses once, in the words of OpenShift', async () => {
    const type = { 'Content-Type': 'application/json' }
    const limits = [
      { type: 'openshift.io/Image', max: { storage: 1000 } },
      { type: 'openshift.io/ImageStream', max: { 'openshift.io/images': 0 } },
    ]
    const path = '/api/v1/namespaces/public/limitranges'
    const body = JSON.stringify({ metadata: { name: 'few' }, spec: { limits } })
    expect((await door.post(path, body, type)).status).toBe(201)
    const layer = plain(await pushBlob(door, 'public/app', Buffer.alloc(1000)))
    const image = manifestBytes({ mediaType: OCI_MANIFEST, config: layer, layers: [layer] })
    const large = `/v2/public/app/blobs/uploads/?digest=sha256:${'0'.repeat(64)}`
    const refused = [
      (headers: Record<string, string>) => door.post(large, Buffer.alloc(1001), headers),
      (headers: Record<string, string>) =>
        door.put('/v2/public/app/manifests/v1', image, {
          ...headers,
          'Content-Type': OCI_MANIFEST,
        }),
    ]
    const told: unknown[] = []
    for (const ask of refused) {
      const lines = await linesOf(ask)
      expect(lines.map(({ level }) => level)).toEqual(['info', 'error', 'info'])
      told.push(lines[1]?.['err.detail'])
    }
    const exceeds = 'exceeds the maximum limit per openshift.io'
    expect(told).toEqual([
      `refusing to write blob exceeding limit range few: requested usage of storage ${exceeds}/Image (1001 > 1000)`,
      `CreateImageStreamMapping: quota exceeded during creation of public/app ImageStreamMapping: requested usage of openshift.io/images ${exceeds}/ImageStream (1 > 0)`,
    ])
    expect(door.logged.text().split(exceeds)).toHaveLength(3)
  })

  it('takes no offence at a client that asks whether something is there', async () => {
    const path = `/v2/default/app/blobs/sha256:${'0'.repeat(64)}`
    const [line] = (await linesOf((headers) => door.head(path, headers))).filter(
      ({ msg }) => msg === 'response completed with error',
    )
    expect(line).toMatchObject({ level: 'info', 'err.code': 'blob unknown' })
  })

  it.each<[string, string | undefined, string]>([
    ['nobody', undefined, 'authorization token required'],
    ['a wrong password', basic('kubeadmin', 'wrong password'), 'access denied'],
    ['no credentials at all', 'Basic !', 'failed to decode credentials'],
    ['a token that is none', 'Bearer none', 'invalid token'],
    ["a stranger's token", 'Bearer e30.e30.e30', 'access denied'],
  ])('tells why %s may not', async (_, authorization, problem) => {
    const lines = await linesOf((headers) =>
      door.ask({
        path: '/v2/default/app/tags/list',
        headers,
        as: authorization === undefined ? 'nobody' : { authorization },
      }),
    )
    expect(lines.map(({ level, msg }) => `${String(level)} ${msg}`)).toEqual([
      `warning error authorizing context: ${problem}`,
      'info response',
    ])
    expect(lines[1]).not.toHaveProperty('openshift.auth.user')
  })

  it('holds no secret, wherever a client puts it', async () => {
    const secrets = [PASSWORD]
    const hidden = (): string => {
      const one = `secret-${randomUUID()}`
      secrets.push(one, Buffer.from(one).toString('base64').slice(0, 20))
      return one
    }
    const { token } = tokenOf(
      await door.get('/token?service=sluice&scope=repository:default/app:pull,push'),
    )
    secrets.push(token, token.split('.')[2]!)
    const as = { authorization: `Bearer ${token}` }
    const { digest } = await pushImage(door, 'default/app', { reference: 'kept' })
    const blob = await door.get(`/v2/default/app/blobs/${digest}`)
    if (blob.status === 307) {
      const link = new URL(blob.headers['location'] ?? '')
      secrets.push(link.searchParams.get('X-Amz-Signature') ?? 'none')
    }
    for (const path of [
      '/v2/default/app/manifests/kept',
      '/v2/',
      '/token',
      '/openshift/token',
      '/x',
    ]) {
      for (const name of [
        'token',
        'access_token',
        'X-Amz-Signature',
        '_state',
        '%74oken',
        'a',
        '',
      ]) {
        await door.ask({ path: `${path}?${name}=${hidden()}&${hidden()}`, as })
      }
      for (const authorization of [
        `Bearer ${hidden()}`,
        basic('kubeadmin', hidden()),
        basic(hidden(), hidden()),
        `Digest ${hidden()}`,
        hidden(),
      ]) {
        await door.ask({ path, as: { authorization } })
      }
      const headers = {
        Cookie: hidden(),
        'Proxy-Authorization': hidden(),
        'X-Registry-Auth': hidden(),
        'X-Amz-Security-Token': hidden(),
        Referer: `https://${hidden()}:${hidden()}@example.com/?token=${hidden()}#${hidden()}`,
      }
      await door.ask({ path, headers, as })
    }
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    for (const username of ['kubeadmin', hidden()]) {
      const body = `grant_type=password&service=sluice&username=${username}&password=${hidden()}`
      await door.ask({ method: 'POST', path: '/token', headers: form, body, as: 'nobody' })
    }
    await door.post(`/v2/default/app/blobs/uploads/?digest=${digest}&_state=${hidden()}`, hidden())
    await door.put(`/v2/default/app/manifests/x?token=${hidden()}`, `{"a": "${hidden()}"`)
    await door.post(
      '/api/v1/namespaces/default/serviceaccounts/builder/token',
      `{"spec": {"a": "${hidden()}"}}`,
      { 'Content-Type': 'application/json' },
    )
    const text = door.logged.text()
    expect(text).toContain('_state=REDACTED')
    expect(secrets.length).toBeGreaterThan(150)
    expect(secrets.filter((one) => text.includes(one))).toEqual([])
  })

  it('hides nothing where a query has nothing', async () => {
    await door.get('/v2/?n=1&')
    await expect.poll(() => door.logged.text()).toContain('"/v2/?n=1&"')
  })
})
