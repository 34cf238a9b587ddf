/** What gets into a path, and which paths an upstream may name. */
import type { Digest } from '@sluice/core/digest'
import type { Upstream } from '@sluice/core/ports/upstream'
import { parseReference, type Tag } from '@sluice/core/reference'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BLOB, BLOB_DIGEST, CALLS, REPOSITORY } from '../../upstream/calls.ts'
import { answer, type Fault } from '../../upstream/fault.ts'
import { expectFailure } from '../../upstream/expect-failure.ts'
import { openDialer } from '../../upstream/open-dialer.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../../upstream/start-scripted-upstream.ts'
import { makeImage, putImage } from '../../upstream/upstream-content.ts'
import { upstreamSettings } from '../../upstream/upstream-settings.ts'

const page = (link: string): Fault =>
  answer(200, { 'content-type': 'application/json', link }, '{"tags":["a"]}')

let scripted: ScriptedUpstream
beforeEach(async () => {
  scripted = await startScriptedUpstream()
  await putImage(scripted.content, REPOSITORY, 'v1', makeImage([BLOB]))
})
afterEach(() => scripted.close())

const dial = (more: Partial<UpstreamSettings> = {}): Upstream =>
  openDialer().dialer.dial('scripted', upstreamSettings(scripted.url, more))

describe('a name', () => {
  it.each([
    '',
    '.',
    '..',
    '../token',
    'team/../../token',
    'team//app',
    '/team/app',
    'team/app/',
    'team/app?x=1',
    'team/app#x',
    'team/%2e%2e/app',
    'team/app\r\nHost: evil.com',
    'team\\app',
    'Team/app',
    'team/app@evil.com',
    'a'.repeat(256),
  ])('that is none of a repository is not asked for: %j', async (repository) => {
    const upstream = dial()
    const v1 = parseReference('v1')
    for (const call of [
      upstream.resolve(repository, v1),
      upstream.manifest(repository, v1),
      upstream.blobSize(repository, BLOB_DIGEST),
      upstream.blob(repository, BLOB_DIGEST, 0),
      upstream.blobUrl(repository, BLOB_DIGEST),
      upstream.tags(repository),
      upstream.referrers(repository, BLOB_DIGEST),
    ]) {
      await expectFailure(call, 'forbidden')
    }
    expect(scripted.requests).toEqual([])
  })

  it.each(['', '..', '../../token', 'v1?x', 'v1\r\n', 'sha256:../x', `sha256:${'A'.repeat(64)}`])(
    'that is none of a tag or a digest is not asked for: %j',
    async (text) => {
      const upstream = dial()
      await expectFailure(upstream.resolve(REPOSITORY, { tag: text as Tag }), 'forbidden')
      await expectFailure(upstream.manifest(REPOSITORY, { digest: text as Digest }), 'forbidden')
      await expectFailure(upstream.blob(REPOSITORY, text as Digest, 0), 'forbidden')
      await expectFailure(upstream.blobSize(REPOSITORY, text as Digest), 'forbidden')
      await expectFailure(upstream.referrers(REPOSITORY, text as Digest), 'forbidden')
      expect(scripted.requests).toEqual([])
    },
  )

  it('of one component is asked for', async () => {
    await putImage(scripted.content, 'alpine', 'v1', makeImage([]))
    expect(await dial().tags('alpine')).toEqual(['v1'])
  })
})

describe('pages', () => {
  it.each([
    ['another host', '<http://evil.com/v2/team/app/tags/list?last=a>; rel="next"'],
    ['another path', '</v2/team/secret/tags/list?last=a>; rel="next"'],
    ['what is no URL', '<http://[>; rel="next"'],
  ])('that go on at %s are a lie', async (_name, link) => {
    // Were it followed, the next page would be a good one.
    scripted.fail('tags', page(link), 1)
    await expectFailure(CALLS['tags']!(dial()), 'lying')
    expect(scripted.requests).toHaveLength(1)
  })

  it('that go on at themselves are a lie', async () => {
    scripted.fail('tags', page('</v2/team/app/tags/list?n=5>; rel="next"'))
    await expectFailure(CALLS['tags']!(dial()), 'lying')
    expect(scripted.requests).toHaveLength(2)
  })

  it('that take too long altogether are not waited for', async () => {
    scripted.fail('tags', page('</v2/team/app/tags/list?n=5>; rel="next"'), 1)
    const { dialer } = openDialer({ limits: { listMs: 0 } })
    const hasty = dialer.dial('scripted', upstreamSettings(scripted.url))
    await expectFailure(CALLS['tags']!(hasty), 'unreachable')
  })

  it('without end are a lie', async () => {
    let number = 0
    scripted.fail('tags', {
      get headers() {
        return { link: `</v2/team/app/tags/list?last=${number++}>; rel="next"` }
      },
      kind: 'headers',
    })
    await expectFailure(CALLS['tags']!(dial()), 'lying')
    expect(scripted.count('tags')).toBe(1000)
  })

  it.each(['tags', 'referrers'])('of too many bytes altogether are a lie: %s', async (method) => {
    let number = 0
    const field = method === 'tags' ? 'tags' : 'manifests'
    const body = JSON.stringify({ [field]: ['x'.repeat(4_000_000)] })
    scripted.fail('any', {
      kind: 'answer',
      status: 200,
      get headers() {
        return { link: `<?last=${number++}>; rel="next"` }
      },
      body,
    })
    await expectFailure(CALLS[method]!(dial()), 'lying')
    expect(scripted.requests).toHaveLength(9)
  })

  it.each([
    ['tags', 200_001, 'a'],
    ['manifests', 20_001, {}],
  ] as const)('of too many %s are a lie', async (field, length, one) => {
    const body = JSON.stringify({ [field]: Array.from({ length }, () => one) })
    const headers = { link: '<?n=5>; rel="next"' }
    scripted.fail('any', answer(200, headers, body))
    const method = field === 'tags' ? 'tags' : 'referrers'
    await expectFailure(CALLS[method]!(dial()), 'lying')
    expect(scripted.requests).toHaveLength(1)
  })

  it('end at the one without a next link', async () => {
    scripted.fail(
      'tags',
      page('</v2/team/app/tags/list?last=a&n=1>; rel=prev, <?n=5>; rel="next"'),
      1,
    )
    expect(await CALLS['tags']!(dial())).toEqual(['a', 'v1'])
    expect(scripted.requests.at(-1)?.url).toBe('/v2/team/app/tags/list?n=5')
  })
})
