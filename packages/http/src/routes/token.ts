/**
 * The token endpoint: GET with Basic (docker, podman, crane, oras, regctl), and the POST form of OAuth 2.0 that
 * containerd sends. https://distribution.github.io/distribution/spec/auth/token/ and .../oauth/
 */
import type { Access } from '@sluice/core/access'
import { RegistryError } from '@sluice/core/errors'
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
  return identityOf({ username, password, from: c.env?.remoteAddress ?? '' }, parts)
}

/** A client that pulls an upstream's repository at the root asks for it by that name too. */
async function meant(
  asked: readonly Access[],
  { registry: { caches } }: Parts,
): Promise<readonly Access[]> {
  if (!caches) return asked
  return Promise.all(
    asked.map(async (access) =>
      access.type === 'repository' && access.actions.every((action) => action === 'pull')
        ? { ...access, name: await caches.atRoot(access.name) }
        : access,
    ),
  )
}

/** No refresh_token: a client would keep it in the place of the password. No issued_at: clients add it to their own clock. */
async function grant(c: AppContext, parts: Parts, identity: Identity, asked: readonly Access[]) {
  const access = await parts.registry.rights.grant(identity, await meant(asked, parts))
  const { token, expiresIn } = await parts.tokens.issue({ identity, access })
  c.header('Cache-Control', 'no-store')
  return c.json({ token, access_token: token, expires_in: expiresIn })
}
