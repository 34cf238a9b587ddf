import { beforeAll, describe, expect, it } from 'vitest'
import {
  ADMIN_USER,
  AdminIdentityProvider,
  MAX_PASSWORD_CHARACTERS,
} from '@sluice/adapters/identity/admin-identity-provider'
import { MAX_CHECKS_AT_ONCE, MAX_CHECKS_WAITING } from '@sluice/adapters/identity/login-gate'
import { FAILURE_BURST } from '@sluice/adapters/identity/login-limiter'
import { hashPassword, type PasswordHash } from '@sluice/adapters/identity/password-hash'
import { cpuTime } from '../../cpu-time.ts'
import { isRefusal, type Identity, type Refusal } from '@sluice/core/ports/identity-provider'

const PASSWORD = 'correct:horse battery staple'
const ADMIN: Identity = {
  user: 'kube:admin',
  groups: ['system:cluster-admins', 'system:authenticated'],
}
const OWNER = '198.51.100.1'
const STRANGER = '203.0.113.9'

const login = (provider: AdminIdentityProvider, password = PASSWORD, from = OWNER) =>
  provider.identify({ username: ADMIN_USER, password, from })

function refusal(answer: Identity | Refusal): Refusal {
  if (!isRefusal(answer)) throw new Error(`${answer.user} was let in`)
  return answer
}

async function guess(provider: AdminIdentityProvider, times: number, from: string) {
  for (let i = 0; i < times; i++) await login(provider, `guess ${i}`, from)
}

async function bestTime(provider: AdminIdentityProvider, username: string): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 5; i++) {
    const credentials = { username, password: `wrong ${i}`, from: OWNER }
    times.push(await cpuTime(() => provider.identify(credentials)))
  }
  return Math.min(...times)
}

describe('AdminIdentityProvider', () => {
  let hash: PasswordHash
  let now = 1_800_000_000_000
  const create = () => new AdminIdentityProvider(hash, { now: () => now })

  beforeAll(async () => {
    hash = await hashPassword(PASSWORD)
  })

  it('lets the administrator in with the password alone', async () => {
    const provider = create()
    expect(await login(provider)).toEqual(ADMIN)
    expect(await login(provider)).toEqual(ADMIN)
  })

  it('refuses other passwords and other users in the same words', async () => {
    const provider = create()
    await login(provider)
    const wrong = refusal(await login(provider, 'wrong'))
    expect(wrong.reason).not.toContain('wrong password')
    for (const username of ['', 'root', 'KUBEADMIN', 'kube:admin', `${ADMIN_USER} `]) {
      const answer = await provider.identify({ username, password: PASSWORD, from: OWNER })
      expect({ username, answer }).toEqual({ username, answer: wrong })
    }
    expect(refusal(await login(provider, ''))).toEqual(wrong)
    expect(refusal(await login(provider, 'x'.repeat(MAX_PASSWORD_CHARACTERS + 1)))).toEqual(wrong)
  })

  it('takes the same time whether or not the user exists', async () => {
    const existing = await bestTime(create(), ADMIN_USER)
    const unknown = await bestTime(create(), 'nobody')
    expect(existing).toBeGreaterThan(10)
    expect(unknown).toBeGreaterThan(existing * 0.5)
    expect(unknown).toBeLessThan(existing * 2)
  })

  it('checks a password again for next to nothing', async () => {
    const provider = create()
    await login(provider)
    const spent = await cpuTime(async () => {
      for (let i = 0; i < 1000; i++) await login(provider)
    })
    expect(spent).toBeLessThan(1000)
  })

  it('refuses an address that failed too often, and says when to come back', async () => {
    const provider = create()
    await guess(provider, FAILURE_BURST, STRANGER)
    const limited = refusal(await login(provider, 'another guess', STRANGER))
    expect(limited.retryAfter).toBe(1)
    expect(limited.reason).toContain('too many')
    now += 1000
    expect(refusal(await login(provider, 'another guess', STRANGER)).retryAfter).toBeUndefined()
    expect(refusal(await login(provider, 'yet another', STRANGER)).retryAfter).toBe(1)
  })

  it('counts all addresses of one IPv6 network as one', async () => {
    const provider = create()
    for (let i = 0; i < FAILURE_BURST; i++) await login(provider, `guess ${i}`, `2001:db8::${i}`)
    const next = refusal(await login(provider, 'guess', '2001:db8:0:0:ffff::1'))
    expect(next.retryAfter).toBe(1)
    expect(refusal(await login(provider, 'guess', '2001:db8:0:1::1')).retryAfter).toBeUndefined()
    expect(refusal(await login(provider, 'guess', '::ffff:192.0.2.1')).retryAfter).toBeUndefined()
  })

  it('lets the owner in from elsewhere while a stranger guesses', async () => {
    const provider = create()
    await guess(provider, FAILURE_BURST, STRANGER)
    expect(await login(provider)).toEqual(ADMIN)
  })

  it('lets the owner in from the very address that guesses, once her password was right', async () => {
    const provider = create()
    await login(provider)
    await guess(provider, FAILURE_BURST, OWNER)
    expect(refusal(await login(provider, 'another guess')).retryAfter).toBe(1)
    expect(await login(provider)).toEqual(ADMIN)
  })

  it('takes no token for a login that succeeds', async () => {
    const provider = create()
    await guess(provider, FAILURE_BURST - 1, OWNER)
    expect(await login(provider)).toEqual(ADMIN)
    expect(refusal(await login(provider, 'last guess')).retryAfter).toBeUndefined()
    expect(refusal(await login(provider, 'too many')).retryAfter).toBe(1)
  })

  it('takes many first logins at once for one', async () => {
    const provider = create()
    const answers = await Promise.all(
      Array.from({ length: 5 * FAILURE_BURST }, () => login(provider)),
    )
    expect(answers).toEqual(answers.map(() => ADMIN))
  })

  it('bounds the checks that run and wait, and refuses the rest at once', async () => {
    const provider = create()
    const places = MAX_CHECKS_AT_ONCE + MAX_CHECKS_WAITING
    const answers = await Promise.all(
      Array.from({ length: places + 20 }, (_, i) => login(provider, `guess ${i}`, `192.0.2.${i}`)),
    )
    const busy = answers.map(refusal).filter(({ retryAfter }) => retryAfter !== undefined)
    expect(busy).toHaveLength(20)
    expect(await login(provider)).toEqual(ADMIN)
  })
})
