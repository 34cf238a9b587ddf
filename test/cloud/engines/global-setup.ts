/** Starts each engine once for all files of the cloud suite. */
import type { TestProject } from 'vitest/node'
import { startEngines } from './start-engines.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { urls, close } = await startEngines()
  project.provide('engines', urls)
  return close
}
