/** `npm run keys` beside a server of several threads, which hears of every change by itself. */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSluice, type RunningSluice } from '../running-sluice.ts'

const KEYS = fileURLToPath(import.meta.resolve('@sluice/server/keys'))
const THREADS = process.platform === 'linux' ? 3 : 1

const run = promisify(execFile)

const twelve = <T>(one: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 12 }, one))

/** Asked again until all of twelve connections say the same, and this. */
async function untilAll<T>(one: () => Promise<T>, wanted: T): Promise<void> {
  for (let rounds = 0; rounds < 300; rounds++) {
    if ((await twelve(one)).every((got) => got === wanted)) return
    await sleep(100)
  }
  expect(await twelve(one)).toEqual(Array.from({ length: 12 }, () => wanted))
}

interface StoredKey {
  readonly kid: string
  nbf?: number
  exp?: number
}

describe('npm run keys', () => {
  let server: RunningSluice

  beforeAll(async () => {
    server = await startSluice({ env: { SLUICE_THREADS: String(THREADS) } })
  })
  afterAll(async () => server?.stop())

  const keys = async (...args: readonly string[]): Promise<string> => {
    const env = { ...process.env, SLUICE_DATA_DIR: server.dataDir }
    return (await run(process.execPath, [KEYS, ...args], { env })).stdout
  }
  const failure = async (...args: readonly string[]): Promise<string> => {
    const failed = keys(...args).then(
      () => ({ stderr: 'it did not fail', code: 0 }),
      (error: unknown) => error as { readonly stderr: string; readonly code: number },
    )
    const { code, stderr } = await failed
    return `${code} ${stderr}`
  }

  /** On a connection of its own, so that any of the threads may answer. */
  const ask = (path: string, authorization?: string): Promise<{ status: number; body: unknown }> =>
    new Promise((resolve, reject) => {
      const headers = authorization === undefined ? {} : { authorization }
      const asked = request(new URL(path, server.url), { headers, agent: false }, (answer) => {
        json(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject)
      })
      asked.on('error', reject)
      asked.end()
    })
  const published = async (): Promise<string> => {
    const { body } = await ask('/openid/v1/jwks')
    return (body as { keys: { kid: string }[] }).keys.map(({ kid }) => kid).join(' ')
  }
  const newToken = async (): Promise<string> => {
    const password = Buffer.from(`kubeadmin:${server.password}`).toString('base64')
    const { body } = await ask('/token', `Basic ${password}`)
    return (body as { token: string }).token
  }
  const signer = async (): Promise<string> => decodeProtectedHeader(await newToken()).kid ?? ''
  const statusOf = async (token: string) => (await ask('/v2/', `Bearer ${token}`)).status

  /** The set as it stands when so much time has passed. */
  async function age(seconds: number): Promise<void> {
    const file = join(server.dataDir, 'keys.json')
    const set = JSON.parse(await readFile(file, 'utf8')) as { keys: StoredKey[] }
    for (const key of set.keys) {
      if (key.nbf !== undefined) key.nbf -= seconds
      if (key.exp !== undefined) key.exp -= seconds
    }
    await writeFile(file, JSON.stringify(set))
  }

  it('rotates the key of a server that runs, and no thread refuses a token meanwhile', async () => {
    const old = (await keys('list')).split(' ')[0]!
    expect(await keys('list')).toBe(`${old}  signs\n`)
    const before = await newToken()

    const rotated = await keys('rotate')
    expect(rotated).toMatch(/^[\w-]{43} {2}published; signs from \S+Z\n$/)
    const fresh = rotated.split(' ')[0]!
    expect(await keys('list')).toBe(`${rotated}${old}  signs\n`)
    await untilAll(published, `${fresh} ${old}`)
    expect(await twelve(signer)).toEqual(Array.from({ length: 12 }, () => old))
    expect(await failure('rotate')).toMatch(/^1 sluice: signing keys file .*rotate after that\n$/)

    await age(601)
    await untilAll(signer, fresh)
    const after = await newToken()
    for (const token of [before, after]) {
      expect(await twelve(() => statusOf(token))).toEqual(Array.from({ length: 12 }, () => 200))
    }
    expect(await keys('list')).toMatch(
      new RegExp(`^${fresh}  signs\n${old}  verifies until \\S+Z\n$`),
    )

    await age(400 * 86_400)
    await untilAll(published, fresh)
    expect(await keys('list')).toBe(`${fresh}  signs\n`)
    await untilAll(() => statusOf(before), 401)
    expect(await statusOf(after)).toBe(200)
  })

  it('drops a key that leaked, once another is there to sign', async () => {
    const leaked = await signer()
    const token = await newToken()
    expect(await failure('drop', leaked)).toContain('rotate first')
    const fresh = (await keys('rotate')).split(' ')[0]!
    expect(await keys('drop', leaked)).toBe(`${leaked}  dropped\n`)
    await untilAll(() => statusOf(token), 401)
    expect(await signer()).toBe(fresh)
  })

  it('says in one line what it cannot do', async () => {
    for (const args of [[], ['turn'], ['drop'], ['list', 'x'], ['rotate', '/a', '/b']]) {
      expect(await failure(...args)).toMatch(/^1 sluice: say: npm run keys -- list .*\n$/)
    }
    expect(await failure('drop', 'none')).toMatch(/^1 sluice: .*there is no key none\n$/)
    expect(await failure('list', '--data-dir', '/nowhere')).toMatch(
      /^1 sluice: .*does not exist\n$/,
    )
  })
})
