import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
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

export const hasTls = (): boolean => engineUnderTest() === 'laptop'

export interface RegistryOptions {
  /** On a laptop alone: in the cloud the edge ends TLS, and the S3 server that stands for S3 here has none. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string }
  /** Where clients reach it, when that is not its own address. */
  readonly publicUrl?: string
  /** Whose tokens it takes: Kubernetes' AuthenticationConfiguration. */
  readonly authentication?: object
  /** Of all its doors, besides. */
  readonly environment?: Readonly<Record<string, string>>
}

export async function startRegistry(options: RegistryOptions = {}): Promise<RegistryUnderTest> {
  const { publicUrl, authentication, environment } = options
  const engine = engineUnderTest()
  if (engine === 'laptop') return startLaptop(options)
  if (options.tls) throw new Error('the emulated cloud has no TLS')
  const { startCloud } = await import('./cloud/start-cloud.ts')
  const { sharedEngines } = await import('./cloud/engines/shared-engines.ts')
  const engines = sharedEngines()
  return startCloud({
    environment: {
      ...environment,
      ...(authentication && { SLUICE_AUTHENTICATION: JSON.stringify(authentication) }),
    },
    ...(publicUrl && { publicUrl }),
    ...(engines && { engines }),
    uploadDoor: engine === 'cloud',
  })
}

async function startLaptop({
  publicUrl,
  authentication,
  environment,
  ...rest
}: RegistryOptions): Promise<RegistryUnderTest> {
  const env = { ...environment, ...(publicUrl && { SLUICE_PUBLIC_URL: publicUrl }) }
  if (!authentication) return startSluice({ ...rest, env })
  const directory = mkdtempSync(join(tmpdir(), 'sluice-authentication-'))
  const file = join(directory, 'authentication.yaml')
  writeFileSync(file, stringify(authentication))
  try {
    return await startSluice({ ...rest, env: { ...env, SLUICE_AUTHENTICATION_CONFIG: file } })
  } finally {
    rmSync(directory, { recursive: true })
  }
}
