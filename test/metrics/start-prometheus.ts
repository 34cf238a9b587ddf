/** A real Prometheus that scrapes one registry each second, with the rules that are shipped. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { freePort } from '../free-port.ts'
import { requireTools, toolPath } from '../tools/require-tools.ts'
import { METRICS, SECRET } from './scrape.ts'

const READY_WITHIN_MS = 60_000

/** Seconds since the epoch, and what was scraped then. */
export type Sample = readonly [at: number, value: number]

export interface Series {
  readonly metric: Readonly<Record<string, string>>
  /** Of a query for a range, such as `name[5m]`. */
  readonly values?: readonly Sample[]
  readonly value?: Sample
}

export interface Prometheus {
  query(expression: string): Promise<readonly Series[]>
  /** The one value of the one series that answers. */
  value(expression: string): Promise<number>
  rules(): Promise<unknown>
  stop(): Promise<void>
}

export async function startPrometheus(target: string): Promise<Prometheus> {
  await requireTools(['prometheus'])
  const directory = mkdtempSync(join(tmpdir(), 'sluice-prometheus-'))
  const config = join(directory, 'prometheus.yml')
  writeFileSync(
    config,
    stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [resolve('infra/monitoring/rules.yml')],
      scrape_configs: [
        {
          job_name: 'sluice',
          metrics_path: METRICS,
          authorization: { credentials: SECRET },
          static_configs: [{ targets: [target] }],
        },
      ],
    }),
  )
  const port = await freePort()
  const log = openSync(join(directory, 'log'), 'a')
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]
  const child = spawn(toolPath('prometheus'), args, { stdio: ['ignore', log, log] })
  const ended = once(child, 'exit')
  const killWithUs = (): void => void child.kill('SIGKILL')
  process.once('exit', killWithUs)

  const url = `http://127.0.0.1:${port}`
  const get = async (path: string): Promise<unknown> => {
    const answer = (await (await fetch(url + path)).json()) as {
      readonly status: string
      readonly data: unknown
      readonly error?: string
    }
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`)
    return answer.data
  }
  const query = async (expression: string): Promise<readonly Series[]> => {
    const data = await get(`/api/v1/query?query=${encodeURIComponent(expression)}`)
    return (data as { readonly result: readonly RawSeries[] }).result.map(numbers)
  }
  for (const deadline = Date.now() + READY_WITHIN_MS; ; await sleep(100)) {
    const ready = await fetch(`${url}/-/ready`).catch(() => undefined)
    if (ready?.ok) break
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`Prometheus does not start:\n${readFileSync(join(directory, 'log'), 'utf8')}`)
    }
  }
  return {
    query,
    value: async (expression) => {
      const [first, ...more] = await query(expression)
      if (!first?.value || more.length > 0) throw new Error(`not one series: ${expression}`)
      return first.value[1]
    },
    rules: () => get('/api/v1/rules'),
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      process.removeListener('exit', killWithUs)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

type RawSample = readonly [number, string]

interface RawSeries {
  readonly metric: Readonly<Record<string, string>>
  readonly values?: readonly RawSample[]
  readonly value?: RawSample
}

const numbers = ({ metric, values, value }: RawSeries): Series => ({
  metric,
  ...(values && { values: values.map(([at, text]) => [at, Number(text)] as const) }),
  ...(value && { value: [value[0], Number(value[1])] as const }),
})
