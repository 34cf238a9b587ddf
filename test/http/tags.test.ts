import { beforeAll, expect, it } from 'vitest'
import { json, type Answer } from './answer.ts'
import { describeDoors } from './describe-doors.ts'
import { pushIndex } from './push.ts'
import { expectRefusal } from './refusal.ts'
import { expectSameHead } from './same-head.ts'

const LIST = '/v2/default/app/tags/list'
/** In ASCII order, which is not everybody's alphabet. */
const TAGS = ['1.0', '1.10', '1.9', 'B', 'Z', '_x', 'a', 'a-b', 'a.b', 'a_b', 'b', 't'.repeat(128)]

const tagsOf = (answer: Answer) => (json(answer) as { readonly tags: readonly string[] }).tags

/** The path of the next page, as a client reads it from Link. */
const nextOf = (answer: Answer): string | undefined =>
  /^<([^>]+)>; rel="next"$/.exec(answer.headers.link ?? '')?.[1]

describeDoors('end-8, tags', (door) => {
  beforeAll(async () => {
    for (const tag of TAGS.toReversed()) await pushIndex(door, 'default/app', tag)
  })

  it('end-8a lists all tags in order, and HEAD has the same headers', async () => {
    const answer = await expectSameHead(door, LIST)
    expect(answer.status).toBe(200)
    expect(json(answer)).toEqual({ name: 'default/app', tags: TAGS })
    expect(answer.headers['content-type']).toBe('application/json')
    expect(answer.headers.link).toBeUndefined()
  })

  it.each([1, 2, 5, 11])(
    'end-8b lists all tags in pages of %i, each with a Link to the next',
    async (n) => {
      const found: string[] = []
      let path: string | undefined = `${LIST}?n=${n}`
      while (path !== undefined) {
        const answer = await door.get(path)
        const page = tagsOf(answer)
        expect(page.length).toBeLessThanOrEqual(n)
        found.push(...page)
        path = nextOf(answer)
      }
      expect(found).toEqual(TAGS)
    },
  )

  it.each([
    ['the last of a page', '?n=12', TAGS, false],
    ['more than there are', '?n=13', TAGS, false],
    ['as many as nobody has', `?n=${'9'.repeat(30)}`, TAGS, false],
    ['none', '?n=0', [], false],
    ['none behind a tag', '?n=0&last=B', [], false],
    ['those behind a tag', '?last=a', TAGS.slice(7), false],
    ['those behind a tag that is not there', '?last=a,', TAGS.slice(7), false],
    ['one behind a tag', '?n=1&last=1.9', ['B'], true],
    ['nothing behind the end', `?last=${'u'.repeat(2000)}`, [], false],
    ['from the beginning', '?last=', TAGS, false],
  ])('end-8b lists %s', async (_, query, tags, more) => {
    const answer = await door.get(LIST + query)
    expect(answer.status).toBe(200)
    expect(tagsOf(answer)).toEqual(tags)
    expect(nextOf(answer) !== undefined).toBe(more)
  })

  it.each(['-1', 'abc', '1e9', '1.5', '', '0x10', ' '])('end-8b refuses n=%s', async (n) => {
    expectRefusal(
      await door.get(`${LIST}?n=${encodeURIComponent(n)}`),
      400,
      'PAGINATION_NUMBER_INVALID',
    )
  })

  it('end-8 lists nothing where all tags are gone, and knows no other repository', async () => {
    await pushIndex(door, 'default/empty', 'only')
    await door.delete('/v2/default/empty/manifests/only')
    expect(tagsOf(await door.get('/v2/default/empty/tags/list'))).toEqual([])
    expectRefusal(await door.get('/v2/default/none/tags/list'), 404, 'NAME_UNKNOWN')
    expectRefusal(await door.get('/v2/default/None/tags/list'), 400, 'NAME_INVALID')
  })

  it('end-8 knows a repository that is called like a route', async () => {
    for (const repository of [
      'default/tags',
      'default/blobs',
      'default/manifests',
      'deep/blobs/uploads',
    ]) {
      await pushIndex(door, repository, 'list')
      expect(tagsOf(await door.get(`/v2/${repository}/tags/list`))).toEqual(['list'])
    }
  })

  it('end-8 asks a stranger for a token', async () => {
    const answer = await door.ask({ path: LIST, as: 'nobody' })
    expectRefusal(answer, 401, 'UNAUTHORIZED')
    expect(answer.headers['www-authenticate']).toContain('scope="repository:default/app:pull"')
  })
})
