/** A registry in which the administrator and alice are logged in, and alice has the project `hers`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startIssuer } from '../identity/issuer-under-test.ts'
import { sluiceCommand, type Sluice } from '../openshift/sluice-command.ts'
import type { RegistryUnderTest } from '../registry-under-test.ts'
import { startRegistry } from '../start-registry.ts'

export interface RegistryOfAlice {
  readonly registry: RegistryUnderTest
  readonly dir: string
  readonly admin: Sluice
  readonly alice: Sluice
  tokenOf(user: string): Promise<string>
  close(): Promise<void>
}

export async function startRegistryOfAlice(): Promise<RegistryOfAlice> {
  const idp = await startIssuer({ clientID: 'cli' })
  const registry = await startRegistry({ authentication: idp.configuration })
  const dir = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
  const admin = sluiceCommand(dir, 'admin')
  const alice = sluiceCommand(dir, 'alice')
  const tokenOf = (sub: string): Promise<string> =>
    idp.token({ sub, exp: Math.floor(Date.now() / 1000) + 3600 })
  await admin(['login', registry.url, '-u', registry.user, '-p', registry.password])
  await alice(['login', registry.url, '--token', await tokenOf('alice')])
  await alice(['new-project', 'hers', '--display-name', 'Hers', '--description', 'Of alice'])
  return {
    registry,
    dir,
    admin,
    alice,
    tokenOf,
    async close() {
      await registry.stop()
      await idp.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
