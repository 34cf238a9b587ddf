/**
 * `npm run conformance [-- --version 1.1|dev]`: the official OCI suite against a registry of its own, of the engine that
 * SLUICE_TEST_ENGINE names. Exits 1 unless nothing failed
 * and what the suite left out is exactly what allowed.ts explains.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { engineUnderTest, startRegistry } from '../start-registry.ts'
import { requireTools } from '../tools/require-tools.ts'
import { ALLOWED, allowedFor, judge, SWITCHED_OFF } from './allowed.ts'
import { runSuite } from './run-suite.ts'
import type { SuiteResult } from './suite-result.ts'

const { values } = parseArgs({ options: { version: { type: 'string' } } })
const versions = values.version === undefined ? Object.keys(ALLOWED) : [values.version]
const unknown = versions.find((version) => !Object.hasOwn(ALLOWED, version))
if (unknown !== undefined) {
  console.error(`No version ${unknown}: choose one of ${Object.keys(ALLOWED).join(', ')}`)
  process.exit(1)
}

const engine = engineUnderTest()
const off = SWITCHED_OFF[engine].map(({ name }) => name)
const results = mkdtempSync(join(tmpdir(), 'sluice-conformance-'))
const table: Record<string, Omit<SuiteResult, 'shortfalls'>> = {}
let green = true
try {
  await requireTools(['conformance'])
  for (const version of versions) {
    const dir = join(results, version)
    mkdirSync(dir)
    const server = await startRegistry()
    try {
      const { shortfalls, ...counts } = await runSuite(server, version, dir, off)
      table[version] = counts
      const { unexplained, stale } = judge(version, engine, shortfalls)
      for (const { name, status, why } of shortfalls) {
        const reason = allowedFor(version, engine).find((entry) => entry.name === name)?.because
        console.log(
          `${version} ${status}: ${name}\n    ${reason ?? why.replaceAll('\n', '\n    ')}`,
        )
      }
      for (const { name } of stale) {
        console.log(`${version} no longer left out, so take it off allowed.ts: ${name}`)
      }
      if (unexplained.length + stale.length + counts.failed > 0) green = false
    } catch (error) {
      console.error(server.log())
      throw error
    } finally {
      await server.stop()
    }
  }
} catch (error) {
  green = false
  console.error(error instanceof Error ? error.message : error)
}

for (const { name, because } of SWITCHED_OFF[engine]) console.log(`off: ${name}\n    ${because}`)
console.log(`The official suite, on the engine "${engine}":`)
console.table(table)
if (green) rmSync(results, { recursive: true })
else console.error(`Not conformant. Every request and answer is in ${results}/*/report.html`)
process.exit(green ? 0 : 1)
