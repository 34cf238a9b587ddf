/** What each door tells of itself: functions with each invocation, the upload door at its end. */
import { parseMeteredLine, type MeteredLine } from '@sluice/adapters/metrics/metered-line'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { bundleFunction } from '../../gateway/bundle-function.ts'
import { startFunction, type RunningFunction } from '../../gateway/lambda/start-function.ts'
import { startUploadDoor } from '../start-upload-door.ts'
import { openStage, type FunctionStage } from './open-stage.ts'

const metered = (lines: readonly string[]): MeteredLine[] =>
  lines.map((line) => parseMeteredLine(line)).filter((line) => line !== undefined)

describe('what a door counted', () => {
  let stage: FunctionStage
  beforeAll(async () => {
    stage = await openStage({ SLUICE_METRICS_NAMESPACE: 'sluice/test' })
  })

  async function start(door: string): Promise<{ fn: RunningFunction; lines: string[] }> {
    const bundle = await bundleFunction(
      fileURLToPath(import.meta.resolve(`@sluice/functions/${door}`)),
    )
    const lines: string[] = []
    const onLine = (line: string): void => void lines.push(line)
    const fn = await startFunction({ file: bundle.file, env: stage.environment, onLine })
    onTestFinished(async () => {
      await fn.close()
      await bundle.remove()
    })
    return { fn, lines }
  }

  it('is told by a sweep, in a line for each', async () => {
    const { fn, lines } = await start('sweep')
    expect(await fn.invoke({ task: 'sweep' })).toMatchObject({ kind: 'result' })
    expect(await fn.invoke({ task: 'sweep' })).toMatchObject({ kind: 'result' })
    const told = metered(lines)
    expect(told.map(({ sequence }) => sequence)).toEqual([1, 2])
    for (const { readings } of told) {
      expect(readings.families['sluice_sweep_runs_total']).toEqual([[expect.any(Array), 1]])
    }
    const emf = lines.filter((line) => line.includes('"_aws"')).map((line) => JSON.parse(line))
    expect(emf[0]).toMatchObject({ service: 'sweep', ColdStarts: 1 })
    expect(emf[1]).not.toHaveProperty('ColdStarts')
  })

  it('is told by a fill, once that it began in the cold, and never where there is nothing', async () => {
    const { fn, lines } = await start('fill')
    for (let at = 0; at < 2; at++) {
      expect(await fn.invoke({ Records: [] })).toMatchObject({ kind: 'result' })
    }
    expect(metered(lines)).toHaveLength(1)
    expect(JSON.parse(lines[0]!)).toMatchObject({ service: 'fill', ColdStarts: 1 })
  })

  it('is told by an environment anew, under another name, when the one before is gone', async () => {
    const { fn, lines } = await start('sweep')
    await fn.invoke({ task: 'sweep' })
    fn.environments()[0]?.kill()
    await fn.invoke({ task: 'sweep' })
    await fn.invoke({ task: 'sweep' })
    const told = metered(lines)
    const environments = new Set(told.map(({ environment }) => environment))
    expect(environments.size).toBe(fn.coldStarts())
    expect(fn.coldStarts()).toBe(2)
  })

  it('is told by the upload door at its end, and nothing of who only asks whether it lives', async () => {
    const door = await startUploadDoor(stage.environment)
    for (const path of ['/healthz', '/v2/', '/v2/']) {
      await (await fetch(`${door.url}${path}`)).arrayBuffer()
    }
    await door.close()
    const lines = door.log().split('\n')
    const counted = metered(lines).flatMap(
      ({ readings }) => readings.families['imageregistry_http_requests_total'] ?? [],
    )
    expect(counted).toEqual([[['401', 'get'], 2]])
    const emf = lines.find((line) => line.includes('"_aws"'))
    expect(JSON.parse(emf ?? '')).toMatchObject({
      service: 'upload-door',
      Requests: 2,
      Unauthorized: 2,
    })
  })
})
