/** `sluice doctor` before the emulated edge and gateway, in whichever way they may behave. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { examine, named, type Found } from '../cli/examine.ts'
import { startMeddler, type Meddling } from '../cli/start-meddler.ts'
import type { GatewayRules } from '../gateway/gateway-rules.ts'
import { sluiceCommand } from '../openshift/sluice-command.ts'
import { engineUrls } from './engines/engines.ts'
import { startCloud } from './start-cloud.ts'

vi.setConfig({ testTimeout: 300_000 })

async function examined(
  rules: Partial<GatewayRules>,
  {
    uploadDoor = true,
    meddling,
  }: { readonly uploadDoor?: boolean; readonly meddling?: Meddling } = {},
): Promise<readonly Found[]> {
  const cloud = await startCloud({ engines: engineUrls(), uploadDoor, rules })
  const meddler = meddling && (await startMeddler(cloud.url, meddling))
  const url = meddler?.url ?? cloud.url
  const dir = mkdtempSync(join(tmpdir(), 'sluice-doctor-'))
  try {
    const admin = sluiceCommand(dir, 'admin')
    await admin(['login', url, '-u', cloud.user, '-p', cloud.password])
    return await examine(admin, url, '--project', 'default')
  } finally {
    await meddler?.close()
    await cloud.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

const detailOf = (findings: readonly Found[], probe: string): string | undefined =>
  findings.find((one) => one.probe === probe)?.detail

it.for([
  ['renames the challenge and measures the bodies that it drops', {}],
  [
    'keeps the challenge and lengths as they are',
    { wwwAuthenticate: 'kept', headLength: 'kept', uploadHalfDuplex: false },
  ],
  [
    'writes the static challenge over every other, and leaves paths alone',
    { wwwAuthenticate: 'mapped', decodesPath: false, collapsesSlashes: false },
  ],
  [
    'keeps the challenge, where the edge adds none',
    { wwwAuthenticate: 'kept', challengePolicy: false, edgeFunction: false },
  ],
] as const)('finds that all holds where the gateway %s', async ([, rules]) => {
  const findings = await examined(rules)
  expect(named(findings, 'holds')).toHaveLength(findings.length)
  expect(detailOf(findings, 'blob-redirect')).toMatch(/^307 to /)
  expect(detailOf(findings, 'link-lifetime')).toMatch(/good for \d+ s$/)
})

it('finds that nobody could log in where the challenge is renamed and none is added', async () => {
  const findings = await examined({ edgeFunction: false, challengePolicy: false })
  expect(named(findings, 'fails')).toEqual(['challenge', 'challenge-refused', 'realm'])
  expect(detailOf(findings, 'challenge')).toContain('came as x-amzn-remapped-www-authenticate')
  expect(findings[0]?.fix).toContain('hostName')
})

it('finds that a refused token would hear no challenge where the edge challenges strangers alone', async () => {
  const findings = await examined({ challengePolicy: false })
  expect(named(findings, 'fails')).toEqual(['challenge-refused'])
})

it('finds that layers cannot be pushed without an upload door, and that chunks can', async () => {
  const findings = await examined({}, { uploadDoor: false })
  expect(named(findings, 'fails')).toEqual(['upload-20MB'])
  expect(findings.find(({ outcome }) => outcome === 'fails')?.fix).toContain(
    "uploadDoor: 'fargate'",
  )
  expect(named(findings, 'left out')).toEqual([])
})

it('finds that links do not lead to the bytes, and that clients are sent to another name', async () => {
  const meddling: Meddling = {
    headers: (headers) => {
      const location = headers.location?.replace(/X-Amz-Signature=../, 'X-Amz-Signature=zz')
      return location === undefined ? headers : { ...headers, location }
    },
  }
  const findings = await examined({}, { meddling })
  const broken = ['realm', 'blob-head', 'blob-redirect', 'blob-range']
  expect(named(findings, 'fails')).toEqual(broken)
  expect(detailOf(findings, 'blob-redirect')).toMatch(/^answered 403, not 200/)
})
