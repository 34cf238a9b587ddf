/** Who may see the metrics, as in OpenShift's chapter on access: whoever has the role, by token; or whoever has the secret. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { SCRAPER } from '../prometheus-scraper.ts'
import { startSluice, type RunningSluice } from '../running-sluice.ts'
import { METRICS, SECRET } from './scrape.ts'

const RBAC = '/apis/rbac.authorization.k8s.io/v1'

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

describe.each([{ secret: undefined }, { secret: SECRET }])('metrics, secret: $secret', (given) => {
  let server: RunningSluice
  let token: string
  beforeAll(async () => {
    const env: Record<string, string> =
      given.secret === undefined ? {} : { SLUICE_METRICS_SECRET: given.secret }
    server = await startSluice({ env })
    const made = await admin('/api/v1/namespaces/default/serviceaccounts/builder/token', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {},
    })
    token = (made as { status: { token: string } }).status.token
  })
  afterAll(() => server?.stop())

  async function admin(path: string, object: object): Promise<unknown> {
    const answer = await fetch(server.url + path, {
      method: 'POST',
      headers: {
        authorization: basic('kubeadmin', server.password),
        'content-type': 'application/json',
      },
      body: JSON.stringify(object),
    })
    expect(answer.status).toBe(201)
    return answer.json()
  }

  async function ask(authorization?: string) {
    const headers = authorization === undefined ? {} : { authorization }
    const answer = await fetch(server.url + METRICS, { headers })
    const text = await answer.text()
    const said = answer.status === 401 ? (JSON.parse(text) as { errors: unknown[] }) : undefined
    const challenge = answer.headers.get('www-authenticate')
    return { status: answer.status, text, challenge, error: said?.errors[0] }
  }

  const DENIED = 'Basic realm=openshift,error="access denied"'
  const record = { Type: 'metrics', Class: '', Name: '', Action: 'get' }
  const refusal = {
    code: 'UNAUTHORIZED',
    message: 'authentication required',
    detail: [expect.objectContaining(record)],
  }

  it('are for nobody who says not who he is, or presents what is no good', async () => {
    const nobody = await ask()
    expect(nobody).toMatchObject({ status: 401, error: { code: 'UNAUTHORIZED' } })
    expect(nobody.challenge).toMatch(/^Bearer realm="http:\/\/127\.0\.0\.1:\d+\/token"/)
    expect(await ask('Digest x')).toMatchObject({ status: 401 })
    expect((await ask(basic('any', ''))).challenge).toBe(
      'Basic realm=openshift,error="failed to decode credentials"',
    )
    expect((await ask(basic('any', 'wrong'))).challenge).toBe(DENIED)
    expect((await ask('Bearer nonsense')).status).toBe(401)
  })

  it.runIf(given.secret === undefined)('are for who has the role, by any name', async () => {
    const refused = await ask(basic('any', token))
    expect(refused).toMatchObject({ status: 401, challenge: DENIED, error: refusal })
    await admin(`${RBAC}/clusterroles`, parse(SCRAPER) as object)
    await admin(`${RBAC}/clusterrolebindings`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'scrapers' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'prometheus-scraper',
      },
      subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'builder' }],
    })
    for (const authorization of [basic('any', token), `Bearer ${token}`]) {
      expect((await ask(authorization)).status).toBe(200)
    }
    expect((await ask(basic('kubeadmin', server.password))).status).toBe(200)
    // As the chapter writes it.
    const line = `curl --insecure -s -u user:${token} ${server.url}${METRICS} | grep imageregistry | head -n 20`
    const lines = execFileSync('sh', ['-c', line], { encoding: 'utf8' }).trim().split('\n')
    expect(lines).toHaveLength(20)
    expect(lines[0]).toMatch(/^# HELP imageregistry_build_info A metric with a constant '1' value/)
  })

  it.runIf(given.secret !== undefined)('are for who has the secret, and for no role', async () => {
    for (const authorization of [basic('any', SECRET), `Bearer ${SECRET}`]) {
      expect((await ask(authorization)).status).toBe(200)
    }
    for (const authorization of [
      basic('any', token),
      `Bearer ${token}`,
      basic('kubeadmin', server.password),
    ]) {
      expect(await ask(authorization)).toMatchObject({
        status: 401,
        challenge: DENIED,
        error: refusal,
      })
    }
    expect((await ask(basic('any', `${SECRET}x`))).status).toBe(401)
    expect(server.log()).not.toContain(SECRET)
  })
})

it('are not there where they are switched off', async () => {
  const server = await startSluice({ env: { SLUICE_METRICS: 'off' } })
  try {
    const headers = { authorization: basic('kubeadmin', server.password) }
    expect((await fetch(server.url + METRICS, { headers })).status).toBe(404)
  } finally {
    await server.stop()
  }
})
