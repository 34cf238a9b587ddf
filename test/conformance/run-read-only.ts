/** The official suite against a repository that takes no pushes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { RegistryUnderTest } from '../registry-under-test.ts'
import { toolPath } from '../tools/require-tools.ts'

/** What the repository is known to hold. */
export interface ReadOnlyData {
  readonly repository: string
  readonly tags: readonly string[]
  readonly manifests: readonly string[]
  readonly blobs: readonly string[]
  readonly subjects: readonly string[]
}

export interface ReadOnlyResult {
  readonly passed: number
  /** Each case that did not pass, but for what is switched off, with why. */
  readonly shortfalls: readonly string[]
}

/**
 * Its deletes are off: a cache is asked again for what was deleted. So is the digest of a manifest in the headers, which this
 * mode of the suite looks for in an answer that it has not kept. Counts are read from what it prints: without pushes it dies
 * writing its files (it looks up data that it has not made).
 */
export async function runReadOnly(
  server: RegistryUnderTest,
  resultsDir: string,
  { repository, tags, manifests, blobs, subjects }: ReadOnlyData,
): Promise<ReadOnlyResult> {
  const off = ['API_PUSH', 'API_MANIFESTS_DIGEST_HEADER', 'API_MANIFESTS_ATOMIC']
  const deletes = ['API_BLOBS_DELETE', 'API_MANIFESTS_DELETE', 'API_TAGS_DELETE']
  const suite = spawn(toolPath('conformance'), [], {
    cwd: resultsDir,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      OCI_VERSION: 'dev',
      OCI_REGISTRY: server.host,
      OCI_TLS: 'disabled',
      OCI_REPO1: repository,
      OCI_REPO2: `${repository}-2`,
      OCI_USERNAME: server.user,
      OCI_PASSWORD: server.password,
      OCI_RESULTS_DIR: resultsDir,
      OCI_RO_DATA_TAGS: tags.join(' '),
      OCI_RO_DATA_MANIFESTS: manifests.join(' '),
      OCI_RO_DATA_BLOBS: blobs.join(' '),
      OCI_RO_DATA_REFERRERS: subjects.join(' '),
      ...Object.fromEntries([...off, ...deletes].map((name) => [`OCI_${name}`, 'false'])),
    },
  })
  let said = ''
  suite.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  await once(suite, 'close')
  const passed = /^ {2}Pass\.+: +(\d+)$/m.exec(said)?.[1]
  if (passed === undefined) throw new Error(`The suite did not run to its end:\n${said}`)
  const cases = said.slice(0, said.indexOf('\nConfiguration:'))
  const shortfalls = cases.match(/^.*: (?:FAIL|Error|Skip)$(?:\n *- .*)*/gm) ?? []
  return { passed: Number(passed), shortfalls }
}
