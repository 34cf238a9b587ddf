import { matchesPattern } from '@sluice/core/upstream/matches-pattern'
import { tagAge } from '@sluice/core/upstream/tag-age'
import { UPSTREAM_DEFAULTS } from '@sluice/core/upstream/upstream-presets'
import type { Tag } from '@sluice/core/reference'
import { describe, expect, it } from 'vitest'

describe('how long a tag is believed', () => {
  const MINUTE = 60
  it.each([
    ['latest', 5 * MINUTE],
    ['nightly', 5 * MINUTE],
    ['sha256-0a1b.sig', MINUTE],
    ['sha256-0a1b.2.3.sig', MINUTE],
    ['1.29.3', 24 * 60 * MINUTE],
    ['v1.29.3-alpine', 24 * 60 * MINUTE],
    ['1.29', 60 * MINUTE],
    ['latest-alpine', 60 * MINUTE],
  ])('%s: %i s, where nobody says otherwise', (tag, seconds) => {
    expect(tagAge(UPSTREAM_DEFAULTS, tag as Tag)).toBe(seconds)
  })

  it('is said by the first pattern that matches, and none where none does', () => {
    const tagAges = [
      { pattern: 'v*-rc*', seconds: 1 },
      { pattern: 'v*', seconds: 2 },
    ]
    expect(tagAge({ tagAges }, 'v1-rc2' as Tag)).toBe(1)
    expect(tagAge({ tagAges }, 'v1' as Tag)).toBe(2)
    expect(tagAge({ tagAges }, 'main' as Tag)).toBe(0)
  })
})

describe('a pattern', () => {
  it.each([
    ['*', '', true],
    ['*', 'anything', true],
    ['library/*', 'library/nginx', true],
    ['library/*', 'library', false],
    ['library/*', 'my/library/nginx', false],
    ['*.*.*', '1.2', false],
    ['*.*.*', '..', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'a-c-b-c', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['**', 'x', true],
    ['a.c', 'abc', false],
    ['', 'x', false],
  ])('%j of %j: %s', (pattern, text, matches) => {
    expect(matchesPattern(pattern, text)).toBe(matches)
  })
})
