/** Starts each engine once for all files of the cloud suite. */
import type { TestProject } from 'vitest/node'
import { startEngines } from './start-engines.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engines = await startEngines()
  project.provide('engines', engines.urls)
  return () => engines.close()
}
