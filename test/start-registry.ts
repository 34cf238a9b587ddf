import type { RegistryUnderTest } from './registry-under-test.ts'
import { startSluice } from './running-sluice.ts'

export const ENGINES = ['laptop', 'cloud', 'cloud-without-upload-door'] as const

/** Where the proofs with real clients run: on files and SQLite, or behind the emulated gateway. */
export type EngineName = (typeof ENGINES)[number]

/** Which one `SLUICE_TEST_ENGINE` asks for. */
export function engineUnderTest(): EngineName {
  const asked = process.env['SLUICE_TEST_ENGINE'] || 'laptop'
  const engine = ENGINES.find((name) => name === asked)
  if (engine) return engine
  throw new Error(`SLUICE_TEST_ENGINE must be one of ${ENGINES.join(', ')}, not ${asked}`)
}

export async function startRegistry(
  options: { readonly tls?: { readonly certFile: string; readonly keyFile: string } } = {},
): Promise<RegistryUnderTest> {
  const engine = engineUnderTest()
  if (engine === 'laptop') return startSluice(options)
  const { startCloud } = await import('./cloud/start-cloud.ts')
  return startCloud({ ...options, uploadDoor: engine === 'cloud' })
}
