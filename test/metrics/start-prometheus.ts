import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startEngine } from '../cloud/engines/start-engine.ts'
import { requireTools, toolPath } from '../tools/require-tools.ts'

export interface Prometheus {
  /** The samples of an instant query, by their labels as JSON. */
  query(expression: string): Promise<readonly Sample[]>
  close(): Promise<void>
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  /** Of an instant query's vector. */
  readonly value?: readonly [time: number, value: string]
  /** Of a range in time. */
  readonly values?: readonly (readonly [time: number, value: string])[]
}

/** Debian's Prometheus, which scrapes the registry as OpenShift's documentation has it scraped. */
export async function startPrometheus(target: {
  readonly host: string
  readonly user: string
  readonly password: string
}): Promise<Prometheus> {
  await requireTools(['prometheus'])
  const engine = await startEngine({
    name: 'prometheus',
    command: ({ port, directory }) => {
      const config = join(directory, 'prometheus.yml')
      writeFileSync(
        config,
        JSON.stringify({
          global: { scrape_interval: '1s', scrape_timeout: '1s' },
          scrape_configs: [
            {
              job_name: 'sluice',
              metrics_path: '/extensions/v2/metrics',
              basic_auth: { username: target.user, password: target.password },
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
  return {
    query: async (expression) => {
      const url = `${engine.url}/api/v1/query?query=${encodeURIComponent(expression)}`
      const answer = (await (await fetch(url)).json()) as {
        readonly status: string
        readonly error?: string
        readonly data: { readonly result: readonly Sample[] }
      }
      if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`)
      return answer.data.result
    },
    close: () => engine.close(),
  }
}
