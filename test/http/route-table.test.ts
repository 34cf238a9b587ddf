import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { routeOf } from '@sluice/http/route-table'
import { propertyRuns } from '../property-runs.ts'

/** Names that look like routes are the hard ones. */
const part = fc.constantFrom(
  'a',
  'tags',
  'list',
  'blobs',
  'uploads',
  'manifests',
  'referrers',
  'v2',
  '_catalog',
  'x-1',
)
const name = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'))
const argument = fc.oneof(part, fc.constant(`sha256:${'0'.repeat(64)}`))

describe('routes', () => {
  it('are read from the end of the path, whatever the repository is called', () => {
    fc.assert(
      fc.property(name, argument, (repository, last) => {
        for (const [path, route, expected] of [
          [`/${repository}/manifests/${last}`, 'manifests', last],
          [`/${repository}/referrers/${last}`, 'referrers', last],
          [`/${repository}/tags/list`, 'tags', ''],
          [`/${repository}/blobs/uploads/`, 'newUpload', ''],
          [`/${repository}/blobs/uploads`, 'newUpload', ''],
          [`/${repository}/blobs/uploads/${last}`, 'upload', last],
          [`/${repository}/blobs/sha256:0`, 'blobs', 'sha256:0'],
        ] as const) {
          expect(routeOf(path)).toEqual({ route, name: repository, argument: expected })
        }
      }),
      propertyRuns(1000),
    )
  })

  it('never throw, whatever the path', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webPath(),
          fc.string({ unit: fc.constantFrom('/', 'blobs', 'uploads', 'manifests', '%3a', '.') }),
        ),
        (path) => {
          const found = routeOf(path)
          expect(found === undefined || typeof found.name === 'string').toBe(true)
        },
      ),
      propertyRuns(2000),
    )
  })
})
