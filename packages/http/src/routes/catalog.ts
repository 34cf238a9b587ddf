/** The catalogue of repositories (distribution's API), as far as the caller may see them. */
import type { Access } from '@sluice/core/access'
import type { Parts } from '../app-environment.ts'
import { identify } from '../caller.ts'
import { ChallengeError } from '../challenge.ts'
import { nextLink, pageQuery } from '../page-query.ts'
import { respondJson, type PlainHeaders } from '../respond.ts'
import type { Methods } from '../route-table.ts'

const ACCESS: Access = { type: 'registry', name: 'catalog', actions: ['*'] }

export const catalogRoutes = (parts: Parts): Methods => ({
  GET: async (c) => {
    const caller = await identify(c, parts)
    if (!caller) throw new ChallengeError(c, parts, 'log in first', { access: ACCESS })
    if (!(await caller.may(ACCESS))) {
      const error = 'insufficient_scope'
      throw new ChallengeError(c, parts, 'the token is for something else', {
        access: ACCESS,
        error,
      })
    }
    const { catalog, rights } = parts.registry
    const { limit, last } = pageQuery(c)
    const visible = await rights.visible(caller.identity)
    const { repositories, more } = await catalog.list(visible, limit, last)
    const end = repositories.at(-1)
    const headers: PlainHeaders = {}
    if (more && end !== undefined) {
      headers.Link = nextLink('/v2/_catalog', { n: String(limit), last: end })
    }
    return respondJson({ repositories }, headers)
  },
})
