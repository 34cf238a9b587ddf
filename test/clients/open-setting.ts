import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRegistry, type RegistryOptions } from '../start-registry.ts'
import { requireTools } from '../tools/require-tools.ts'
import type { ToolName } from '../tools/tools.ts'
import { createCertificates } from './certificate-authority.ts'
import type { Setting } from './client.ts'

export interface OpenSetting extends Setting {
  close(): Promise<void>
}

/** A server and a folder for one client; rejects when one of the tools cannot be had, so that no client is passed over in silence. */
export async function openSetting(
  tools: readonly ToolName[],
  tls: boolean,
  options: Omit<RegistryOptions, 'tls'> = {},
): Promise<OpenSetting> {
  await requireTools([...tools, 'openssl'])
  const world = mkdtempSync(join(tmpdir(), 'sluice-clients-'))
  const certificates = await createCertificates(join(world, 'certificates'))
  const server = await startRegistry({ ...options, ...(tls && { tls: certificates }) })
  const dir = join(world, 'client')
  mkdirSync(dir)
  return {
    server,
    tls,
    caFile: certificates.caFile,
    caDir: certificates.caDir,
    dir,
    async close() {
      await server.stop()
      rmSync(world, { recursive: true, force: true })
    },
  }
}
