/** end-12: what refers to a manifest. */
import { parseDigest } from '@sluice/core/digest'
import { OCI_INDEX } from '@sluice/core/media-type'
import type { Parts } from '../app-environment.ts'
import { authorise } from '../caller.ts'
import { nextLink, pageQuery } from '../page-query.ts'
import { respondJson, type PlainHeaders } from '../respond.ts'
import type { Methods } from '../route-table.ts'
import { staleHeaders } from '../stale-headers.ts'
import { viaOf } from '../via.ts'

export const referrerRoutes = (parts: Parts): Methods => ({
  GET: async (c, { name, argument }) => {
    const { repository } = await authorise(c, parts, name, 'pull')
    const subject = parseDigest(argument)
    const { limit, last } = pageQuery(c)
    const artifactType = c.req.query('artifactType')
    const asked = {
      limit,
      ...(last === undefined ? {} : { last }),
      ...(artifactType === undefined ? {} : { artifactType }),
    }
    const page = await parts.registry.pulls.referrers(repository, subject, asked, viaOf(c))
    const stale = page.stale ? staleHeaders(page.stale) : {}
    const headers: PlainHeaders = { 'Content-Type': OCI_INDEX, ...stale }
    if (artifactType !== undefined) headers['OCI-Filters-Applied'] = 'artifactType'
    if (page.next !== undefined) {
      const parameters: PlainHeaders = { n: String(limit), last: page.next }
      if (artifactType !== undefined) parameters.artifactType = artifactType
      headers.Link = nextLink(`/v2/${repository}/referrers/${subject}`, parameters)
    }
    const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: page.descriptors }
    return respondJson(index, headers)
  },
})
