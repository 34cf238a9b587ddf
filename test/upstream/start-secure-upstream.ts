import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from '../server/self-signed.ts'
import { startScriptedUpstream, type ScriptedUpstream } from './start-scripted-upstream.ts'

export interface SecureUpstream {
  readonly upstream: ScriptedUpstream
  /** Its own authority, PEM; nobody trusts it by itself. */
  readonly certificate: string
  close(): Promise<void>
}

/** A scripted upstream that serves https, for 127.0.0.1. */
export async function startSecureUpstream(): Promise<SecureUpstream> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-upstream-'))
  try {
    const files = selfSigned(directory)
    const cert = readFileSync(files.cert, 'utf8')
    const upstream = await startScriptedUpstream({
      tls: { cert, key: readFileSync(files.key, 'utf8') },
    })
    return { upstream, certificate: cert, close: () => upstream.close() }
  } finally {
    rmSync(directory, { recursive: true })
  }
}
