/** An identity provider that goes away, before a server of several threads: what one thread was told all know. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BETWEEN_ASKS_MS } from '@sluice/adapters/identity/issuer-keys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newPair, startIssuer, type IssuerUnderTest } from '../identity/issuer-under-test.ts'
import { startSluice, type RunningSluice } from '../running-sluice.ts'

/** Waits until it was asked more often than that. */
async function untilAsked({ asked }: IssuerUnderTest, times: number): Promise<void> {
  for (let rounds = 0; rounds < 400 && asked.length <= times; rounds++) await sleep(10)
  expect(asked.length).toBeGreaterThan(times)
}

const THREADS = 4
/** Connections, of which the kernel gives each thread some. */
const LOGINS = 32

describe.runIf(process.platform === 'linux')('a server of four threads', () => {
  let directory: string
  let idp: IssuerUnderTest
  let other: IssuerUnderTest
  let server: RunningSluice
  let tokens = 0

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-issuers-'))
    idp = await startIssuer()
    other = await startIssuer()
    const [{ jwt: one }, { jwt: two }] = [idp, other].map(
      ({ configuration }) => configuration as { jwt: object[] },
    ) as [{ jwt: object[] }, { jwt: object[] }]
    const file = join(directory, 'authentication.json')
    await writeFile(file, JSON.stringify({ ...idp.configuration, jwt: [...one, ...two] }))
    server = await start()
  })
  afterEach(async () => {
    await server.stop()
    await Promise.all([idp.close(), other.close()])
    await rm(directory, { recursive: true })
  })

  const start = () =>
    startSluice({
      dataDir: join(directory, 'data'),
      env: {
        SLUICE_THREADS: String(THREADS),
        SLUICE_AUTHENTICATION_CONFIG: join(directory, 'authentication.json'),
      },
    })

  /** Of a token that no thread has seen, on a connection of its own. */
  async function login(issuer: IssuerUnderTest, key = issuer.keys[0]): Promise<number> {
    const token = await issuer.token({ jti: `${++tokens}` }, {}, key)
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` }
      const asked = request(new URL('/v2/', server.url), { headers, agent: false }, (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
      asked.on('error', reject)
      asked.end()
    })
  }
  const logins = (issuer: IssuerUnderTest) =>
    Promise.all(Array.from({ length: LOGINS }, () => login(issuer)))
  const ALL_WELL = Array.from({ length: LOGINS }, () => 200)

  it('takes tokens of known keys in every thread while the issuer is down, and after a restart', async () => {
    expect(await login(idp)).toBe(200)
    idp.failWith(503)
    expect(await logins(idp)).toEqual(ALL_WELL)
    await server.stop()
    server = await start()
    expect(await logins(idp)).toEqual(ALL_WELL)
  })

  it('lets an issuer that never answers hold up nobody but the logins that need its answer', async () => {
    expect(await login(idp)).toBe(200)
    const asked = idp.asked.length
    idp.hang()
    // Nobody is asked again sooner.
    await sleep(BETWEEN_ASKS_MS)
    let waiting = LOGINS
    const unknown = await newPair('unknown')
    const held = Array.from({ length: LOGINS }, () =>
      login(idp, unknown).finally(() => {
        waiting -= 1
      }),
    )
    await untilAsked(idp, asked)
    expect(await logins(idp)).toEqual(ALL_WELL)
    expect(await logins(other)).toEqual(ALL_WELL)
    expect(waiting).toBe(LOGINS)
    expect(await Promise.all(held)).toEqual(ALL_WELL.map(() => 401))
    expect(await login(idp, unknown)).toBe(401)
    expect(server.log()).toMatch(
      new RegExp(
        `the keys of ${idp.url} cannot be had: \\S+ cannot be asked: The operation was aborted`,
      ),
    )
    expect(idp.asked.length).toBeLessThanOrEqual(asked + THREADS)
  })
})
