/** OpenShift's token endpoint: its token is the one that was presented. Whoever has only a password gets a registry token. */
import { RegistryError } from '@sluice/core/errors'
import { isDeep, parseRepositoryName } from '@sluice/core/repository-name'
import { unverifiedIssuer } from '@sluice/core/unverified-issuer'
import type { AppContext, Parts } from '../app-environment.ts'
import { identityOf } from '../caller.ts'
import { UnauthorizedError } from '../challenge.ts'
import { parseBasic } from '../basic-credentials.ts'
import type { Methods } from '../route-table.ts'
import { parseScopes } from '../scope.ts'

export const openshiftTokenRoutes = (parts: Parts): Methods => ({
  GET: async (c) => {
    const scopes = (c.req.queries('scope') ?? []).flatMap((scope) => scope.split(' '))
    for (const scope of scopes) {
      const name = /^(?:repository|signature)(?:\([^)]*\))?:([^:]+):[^:]+$/.exec(scope)?.[1]
      if (name === undefined || (await isRepository(name, parts))) continue
      const details = `repository name ${JSON.stringify(name)} invalid: it must be of the format <project>/<name>`
      return c.json({ details }, 401)
    }
    const header = c.req.header('authorization')
    if (header === undefined) return granted(c, 'anonymous')
    const credentials = parseBasic(header)
    if (!credentials?.password) return empty(c)
    try {
      const identity = await identityOf(
        { ...credentials, from: c.env?.remoteAddress ?? '' },
        c,
        parts,
      )
      if (unverifiedIssuer(credentials.password) !== undefined)
        return granted(c, credentials.password)
      const access = await parts.registry.rights.grant(identity, parseScopes(scopes))
      return granted(c, (await parts.tokens.issue({ identity, access })).token)
    } catch (error) {
      if (error instanceof UnauthorizedError) return empty(c)
      throw error
    }
  },
})

async function isRepository(name: string, { registry }: Parts): Promise<boolean> {
  try {
    const repository = parseRepositoryName(name)
    if (isDeep(repository)) await registry.projects.admitName(repository)
    return true
  } catch (error) {
    if (error instanceof RegistryError) return false
    throw error
  }
}

function granted(c: AppContext, token: string): Response {
  c.header('Cache-Control', 'no-store')
  return c.json({ access_token: token, token })
}

const empty = (c: AppContext): Response => {
  c.header('Content-Type', 'application/json')
  return c.body(null, 401)
}
