import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RegistryUnderTest } from '../registry-under-test.ts'
import { toolPath } from '../tools/require-tools.ts'
import { parseSuiteResult, type SuiteResult } from './suite-result.ts'

const withoutSuiteSettings = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('OCI_')))

/**
 * One run of the official suite. `version` chooses its switches: dev turns on all but sparse manifests, 1.1 also leaves out what
 * the spec gained later; `switchedOff` are variables of further switches. The suite's exit code says the same as its results, and nothing when it could not start: so it is not read.
 */
export async function runSuite(
  server: RegistryUnderTest,
  version: string,
  resultsDir: string,
  switchedOff: readonly string[],
): Promise<SuiteResult> {
  const suite = spawn(toolPath('conformance'), [], {
    cwd: resultsDir,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...withoutSuiteSettings(process.env),
      OCI_VERSION: version,
      OCI_REGISTRY: server.host,
      OCI_TLS: 'disabled',
      OCI_REPO1: 'default/conformance1',
      OCI_REPO2: 'default/conformance2',
      OCI_USERNAME: server.user,
      OCI_PASSWORD: server.password,
      OCI_RESULTS_DIR: resultsDir,
      OCI_LOG: 'error',
      ...Object.fromEntries(switchedOff.map((name) => [name, 'false'])),
    },
  })
  let complaint = ''
  suite.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
  await once(suite, 'close')

  const [junit, yaml] = [join(resultsDir, 'junit.xml'), join(resultsDir, 'results.yaml')]
  if (!existsSync(junit) || !existsSync(yaml)) {
    throw new Error(`The suite did not run to its end:\n${complaint}`)
  }
  return parseSuiteResult(readFileSync(junit, 'utf8'), readFileSync(yaml, 'utf8'))
}
