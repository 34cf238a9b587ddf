/** end-8: the tags of a repository. */
import type { Parts } from '../app-environment.ts'
import { authorise } from '../caller.ts'
import { nextLink, pageQuery } from '../page-query.ts'
import { respondJson, type PlainHeaders } from '../respond.ts'
import type { Methods } from '../route-table.ts'
import { staleHeaders } from '../stale-headers.ts'
import { viaOf } from '../via.ts'

export const tagRoutes = (parts: Parts): Methods => ({
  GET: async (c, { name }) => {
    const { repository } = await authorise(c, parts, name, 'pull')
    const { limit, last } = pageQuery(c)
    const { pulls } = parts.registry
    const { tags, more, stale } = await pulls.tags(repository, limit, last, viaOf(c))
    const end = tags.at(-1)
    const headers: PlainHeaders = stale ? staleHeaders(stale) : {}
    if (more && end !== undefined) {
      headers.Link = nextLink(`/v2/${repository}/tags/list`, { n: String(limit), last: end })
    }
    return respondJson({ name: repository, tags }, headers)
  },
})
