/**
 * The token endpoint: GET with Basic (docker, podman, crane, oras, regctl), and the POST form of OAuth 2.0 that
 * containerd sends. https://distribution.github.io/distribution/spec/auth/token/ and .../oauth/
 */
import type { Access } from '@sluice/core/access'
import { RegistryError } from '@sluice/core/errors'
import type { Caches } from '@sluice/core/services/caches'
import { ANONYMOUS, type Identity } from '@sluice/core/ports/identity-provider'
import type { AppContext, Parts } from '../app-environment.ts'
import { authenticate, identityOf } from '../caller.ts'
import { readBody } from '../request-body.ts'
import type { Methods } from '../route-table.ts'
import { parseScopes } from '../scope.ts'

const MAX_FORM_BYTES = 64 * 1024

export const tokenRoutes = (parts: Parts): Methods => ({
  GET: async (c) => {
    const header = c.req.header('authorization')
    const identity = header === undefined ? ANONYMOUS : await authenticate(header, c, parts)
    return grant(c, parts, identity, parseScopes(c.req.queries('scope') ?? []))
  },
  POST: async (c) => {
    const body = await readBody(c, MAX_FORM_BYTES, 'REQUEST_INVALID')
    const form = new URLSearchParams(Buffer.from(body).toString('utf8'))
    const identity = await formIdentity(c, parts, form)
    return grant(c, parts, identity, parseScopes(form.getAll('scope')))
  },
})

async function formIdentity(c: AppContext, parts: Parts, form: URLSearchParams): Promise<Identity> {
  const username = form.get('username')
  const password = form.get('password')
  if (form.get('grant_type') !== 'password' || username === null || password === null) {
    const detail = 'send grant_type=password with username and password'
    throw new RegistryError('REQUEST_INVALID', detail)
  }
  return identityOf({ username, password, from: c.env?.remoteAddress ?? '' }, c, parts)
}

const isPull = ({ type, actions }: Access): boolean =>
  type === 'repository' && actions.every((action) => action === 'pull')

/** A client that pulls an upstream's repository at the root asks for it by that name too. */
const meantBy = (asked: readonly Access[], caches: Caches): Promise<readonly Access[]> =>
  Promise.all(
    asked.map(async (access) =>
      isPull(access) ? { ...access, name: await caches.atRoot(access.name) } : access,
    ),
  )

/**
 * What was asked for to push to projects that do not exist, with no action: the token then shows that its bearer means no
 * upstream's repository (`asked-name.ts`).
 */
async function pushesInVain(
  asked: readonly Access[],
  granted: readonly Access[],
  caches: Caches,
): Promise<readonly Access[]> {
  const vain: Access[] = []
  for (const access of asked) {
    if (access.type !== 'repository' || isPull(access)) continue
    if (granted.some(({ name }) => name === access.name)) continue
    if ((await caches.atRoot(access.name)) !== access.name) vain.push({ ...access, actions: [] })
  }
  return vain
}

/** No refresh_token: a client would keep it in the place of the password. No issued_at: clients add it to their own clock. */
async function grant(c: AppContext, parts: Parts, identity: Identity, asked: readonly Access[]) {
  const { caches, rights } = parts.registry
  const meant = caches ? await meantBy(asked, caches) : asked
  const granted = await rights.grant(identity, meant)
  const access = caches ? [...granted, ...(await pushesInVain(meant, granted, caches))] : granted
  const { token, expiresIn } = await parts.tokens.issue({ identity, access })
  c.header('Cache-Control', 'no-store')
  return c.json({ token, access_token: token, expires_in: expiresIn })
}
