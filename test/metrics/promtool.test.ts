/** Prometheus' own tool reads what is exposed and what is shipped. */
import { execFileSync, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { requireTools, toolPath } from '../tools/require-tools.ts'
import { exposition } from './scrape.ts'
import { newImage, WatchedServer } from './watched-server.ts'

const run = (...args: string[]): string =>
  execFileSync(toolPath('promtool'), args, { encoding: 'utf8' })

let server: WatchedServer
beforeAll(async () => {
  await requireTools(['promtool'])
  server = await WatchedServer.start()
  await server.push('default/app', 'v1', newImage())
  await server.ask('GET', '/v2/default/app/manifests/v1')
})
afterAll(() => server?.stop())

it('finds nothing to say of the metrics, but of the names that OpenShift gave its labels', async () => {
  const input = await exposition(server.sluice)
  const { stdout, stderr } = spawnSync(toolPath('promtool'), ['check', 'metrics'], {
    input,
    encoding: 'utf8',
  })
  const said = `${stdout}${stderr}`.split('\n').filter((line) => line !== '')
  const label =
    "imageregistry_build_info label names should be written in 'snake_case' not 'camelCase'"
  expect(said).toEqual([label, label])
})

it('finds the rules right, and they fire when they should', () => {
  expect(run('check', 'rules', 'infra/monitoring/rules.yml')).toContain('SUCCESS: 9 rules found')
  expect(run('test', 'rules', 'test/metrics/rules.test.yml')).toContain('SUCCESS')
})
