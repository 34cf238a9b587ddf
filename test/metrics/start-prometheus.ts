import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { startEngine } from '../cloud/engines/start-engine.ts'
import { requireTools, toolPath } from '../tools/require-tools.ts'

export interface Prometheus {
  /** The samples of an instant query, by their labels as JSON. */
  query(expression: string): Promise<readonly Sample[]>
  /** The one value of the one series that answers. */
  value(expression: string): Promise<number>
  rules(): Promise<unknown>
  close(): Promise<void>
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  /** Of an instant query's vector. */
  readonly value?: readonly [time: number, value: string]
  /** Of a range in time. */
  readonly values?: readonly (readonly [time: number, value: string])[]
}

/** Whom a scraper says it is: by name and password, or by the secret that opens the metrics. */
export type Scraper =
  { readonly user: string; readonly password: string } | { readonly secret: string }

/** Debian's Prometheus, which scrapes the registry as OpenShift's documentation has it scraped, with the rules that are shipped. */
export async function startPrometheus(
  target: { readonly host: string } & Scraper,
): Promise<Prometheus> {
  await requireTools(['prometheus'])
  const engine = await startEngine({
    name: 'prometheus',
    command: ({ port, directory }) => {
      const config = join(directory, 'prometheus.yml')
      writeFileSync(
        config,
        JSON.stringify({
          global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
          rule_files: [resolve('infra/monitoring/rules.yml')],
          scrape_configs: [
            {
              job_name: 'sluice',
              metrics_path: '/extensions/v2/metrics',
              ...credentials(target),
              static_configs: [{ targets: [target.host] }],
            },
          ],
        }),
      )
      return {
        file: toolPath('prometheus'),
        args: [
          `--config.file=${config}`,
          `--storage.tsdb.path=${join(directory, 'data')}`,
          `--web.listen-address=127.0.0.1:${port}`,
        ],
      }
    },
  })
  const get = async (path: string): Promise<unknown> => {
    const answer = (await (await fetch(engine.url + path)).json()) as {
      readonly status: string
      readonly error?: string
      readonly data: unknown
    }
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`)
    return answer.data
  }
  const query = async (expression: string): Promise<readonly Sample[]> => {
    const data = await get(`/api/v1/query?query=${encodeURIComponent(expression)}`)
    return (data as { readonly result: readonly Sample[] }).result
  }
  return {
    query,
    value: async (expression) => {
      const [first, ...more] = await query(expression)
      if (!first?.value || more.length > 0) throw new Error(`not one series: ${expression}`)
      return Number(first.value[1])
    },
    rules: () => get('/api/v1/rules'),
    close: () => engine.close(),
  }
}

const credentials = (scraper: Scraper): object =>
  'secret' in scraper
    ? { authorization: { credentials: scraper.secret } }
    : { basic_auth: { username: scraper.user, password: scraper.password } }
