/** Engines that one process starts and those that it starts find, by the environment that they inherit. */
import type { EngineUrls } from './engine-clients.ts'
import { startEngines } from './start-engines.ts'

const VARIABLE = 'SLUICE_TEST_ENGINE_URLS'

/** Answers what ends them. */
export async function shareEngines(): Promise<() => Promise<void>> {
  const engines = await startEngines()
  process.env[VARIABLE] = JSON.stringify(engines.urls)
  return () => engines.close()
}

export function sharedEngines(): EngineUrls | undefined {
  const shared = process.env[VARIABLE]
  return shared === undefined ? undefined : (JSON.parse(shared) as EngineUrls)
}
