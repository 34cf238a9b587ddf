import { beforeAll, expect, it } from 'vitest'
import { parseProjectName } from '@sluice/core/repository-name'
import { json, type Answer } from './answer.ts'
import { bearer } from './bearer.ts'
import { describeDoors } from './describe-doors.ts'
import { pushIndex } from './push.ts'
import { expectRefusal } from './refusal.ts'
import { expectSameHead } from './same-head.ts'

/** In ASCII order: `-` and `.` come before the slash. */
const ALL = [
  'default/app',
  'default/zoo',
  'pub-lic/x',
  'pub.lic/x',
  'pub/a',
  'pub/b',
  'public/app',
  'public/web',
]
const PUBLIC = ALL.filter((name) => !name.startsWith('default/'))

const namesOf = (answer: Answer) =>
  (json(answer) as { readonly repositories: readonly string[] }).repositories
const nextOf = (answer: Answer) => /^<([^>]+)>; rel="next"$/.exec(answer.headers.link ?? '')?.[1]

describeDoors('the catalogue', (door) => {
  beforeAll(async () => {
    for (const project of ['pub', 'pub-lic', 'pub.lic']) {
      await door.registry.projects.create(parseProjectName(project), { public: true })
    }
    for (const repository of ALL.toReversed()) await pushIndex(door, repository, 'v1')
    await door.post('/v2/default/only-an-upload/blobs/uploads/')
  })

  it('lists all repositories for the administrator, HEAD with the same headers', async () => {
    const answer = await expectSameHead(door, '/v2/_catalog')
    expect(json(answer)).toEqual({ repositories: ALL })
    expect(answer.headers['content-type']).toBe('application/json')
    expect(answer.headers.link).toBeUndefined()
  })

  it('lists the public ones for strangers', async () => {
    const as = await bearer(door, ['registry:catalog:*'], 'nobody')
    expect(namesOf(await door.ask({ path: '/v2/_catalog', as }))).toEqual(PUBLIC)
  })

  it.each(['admin', 'nobody'] as const)(
    'lists in pages for %s, each with a Link to the next',
    async (who) => {
      const as = who === 'admin' ? who : await bearer(door, ['registry:catalog:*'], who)
      for (const n of [1, 2, 3, 5, 7]) {
        const found: string[] = []
        let path: string | undefined = `/v2/_catalog?n=${n}`
        while (path !== undefined) {
          const answer = await door.ask({ path, as })
          expect(namesOf(answer).length).toBeLessThanOrEqual(n)
          found.push(...namesOf(answer))
          path = nextOf(answer)
        }
        expect(found).toEqual(who === 'admin' ? ALL : PUBLIC)
      }
    },
  )

  it.each([
    ['?last=pub/a', ALL.slice(5)],
    ['?last=pub', ALL.slice(2)],
    ['?last=zzz', []],
    ['?n=0', []],
    ['?last=', ALL],
    [`?last=${'p'.repeat(3000)}`, ALL.slice(2)],
  ])('lists what lies behind %.40s', async (query, names) => {
    const answer = await door.get(`/v2/_catalog${query}`)
    expect(namesOf(answer)).toEqual(names)
    expect(nextOf(answer)).toBeUndefined()
  })

  it('refuses a number that is none', async () => {
    expectRefusal(await door.get('/v2/_catalog?n=-1'), 400, 'PAGINATION_NUMBER_INVALID')
  })

  it('is asked for with its scope, by a stranger and by a token for something else', async () => {
    const small = await bearer(door, ['repository:default/app:pull'])
    for (const as of ['nobody', small] as const) {
      const answer = await door.ask({ path: '/v2/_catalog', as })
      expectRefusal(answer, 401, 'UNAUTHORIZED')
      expect(answer.headers['www-authenticate']).toContain('scope="registry:catalog:*"')
    }
  })
})
