import type { Problem } from '@sluice/core/services/check/problem'
import { checkAnswer } from '@sluice/functions/check-answer'
import { describe, expect, it } from 'vitest'

const asked = { deep: false, repair: true }

describe('the answer of a check', () => {
  it('fits in one result of Lambda, however much is wrong', () => {
    const problem: Problem = {
      kind: 'link-missing',
      where: `${'n'.repeat(255)} blob sha512:${'0'.repeat(128)}`,
      detail: 'd'.repeat(1000),
    }
    const problems = Array.from({ length: 100_000 }, () => problem)
    const checked = { problems, repaired: problems, repositories: 1, blobs: 2, objects: 3 }
    const answer = checkAnswer(asked, { outcome: 'finished', steps: 4, checked })
    expect(answer).toMatchObject({
      finished: true,
      steps: 4,
      repositories: 1,
      blobs: 2,
      objects: 3,
    })
    expect(answer).toMatchObject({ problemCount: 100_000, repairedCount: 100_000 })
    expect(answer.problems?.length).toBeGreaterThan(100)
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(6 * 1024 * 1024)
  })

  it('says whether a problem can be put right, and nothing of how', () => {
    const repair = { object: 'blobs/00/secret' }
    const problem: Problem = { kind: 'object-unknown', where: 'here', detail: 'so', repair }
    const checked = { problems: [problem], repaired: [], repositories: 0, blobs: 0, objects: 1 }
    const { problems } = checkAnswer(asked, { outcome: 'finished', steps: 1, checked })
    expect(problems).toEqual([
      { kind: 'object-unknown', where: 'here', detail: 'so', repairable: true },
    ])
  })

  it('is not that of a finished check before it is one', () => {
    expect(checkAnswer(asked, { outcome: 'unfinished', steps: 2 })).toEqual({
      task: 'check',
      ...asked,
      finished: false,
      steps: 2,
    })
  })
})
