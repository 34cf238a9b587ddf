/** What every store of signing keys promises: `SigningKeyStore`, and the ring and the rotation over it. */
import { JoseApiTokens } from '@sluice/adapters/identity/jose-api-tokens'
import { JoseRegistryTokens } from '@sluice/adapters/identity/jose-registry-tokens'
import {
  dropKey,
  listKeys,
  rotateKeys,
  SIGNS_AFTER_SECONDS,
  VERIFIES_FOR_SECONDS,
} from '@sluice/adapters/identity/key-rotation'
import { ServiceAccountFinder } from '@sluice/adapters/identity/service-account-finder'
import type { SigningKeyStore } from '@sluice/adapters/identity/signing-key-store'
import { StoredKeyRing } from '@sluice/adapters/identity/stored-key-ring'
import { LONGEST_API_TOKEN_SECONDS } from '@sluice/core/ports/api-tokens'
import { decodeProtectedHeader } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { settableClock, type SettableClock } from '../temporary-registry.ts'

const signerOf = (token: string) => decodeProtectedHeader(token).kid

const ALICE = { user: 'alice', groups: ['system:authenticated'] }

/** `openStore`: another opener of one place, which is a new one in each test. */
export function describeSigningKeyStore(openPlace: () => Promise<() => SigningKeyStore>): void {
  describe('signing keys in a store', () => {
    let openStore: () => SigningKeyStore
    let clock: SettableClock
    const problems: string[] = []

    /** A process of its own, as far as keys go. */
    function openProcess() {
      const store = openStore()
      const ring = new StoredKeyRing(store, clock, (problem) => problems.push(problem))
      const accounts = new ServiceAccountFinder(async () => undefined, clock)
      const api = new JoseApiTokens(ring, clock, accounts)
      const registry = new JoseRegistryTokens({ ring, service: 'a', issuer: 'b', clock })
      return {
        store,
        registryToken: async () => (await registry.issue({ identity: ALICE, access: [] })).token,
        verify: async (token: string) => (await registry.verify(token))?.identity.user,
        apiToken: async (lifetimeSeconds: number) =>
          (await api.issue({ identity: ALICE, issuer: 'http://x', audiences: [], lifetimeSeconds }))
            .token,
        identify: async (token: string) => {
          const answer = await api.identify(token)
          return 'user' in answer ? answer.user : undefined
        },
        published: async () =>
          ((await api.keySet()).keys as readonly { kid: string }[]).map(({ kid }) => kid),
      }
    }
    const advance = (seconds: number) => clock.advance(seconds * 1000)

    beforeEach(async () => {
      openStore = await openPlace()
      clock = settableClock()
      problems.length = 0
    })

    it('are made by the first that needs them, for all', async () => {
      expect(await openStore().read()).toBeUndefined()
      expect(await listKeys(openStore(), clock.now())).toEqual([])
      await expect(rotateKeys(openStore(), clock.now())).rejects.toThrow('there are none so far')
      const first = openProcess()
      const token = await first.registryToken()
      expect(await openProcess().verify(token)).toBe('alice')
      expect(await listKeys(openStore(), clock.now())).toEqual([
        { kid: signerOf(token), state: 'signs' },
      ])
    })

    it('change while processes run: published, then signing, then verifying, then dropped', async () => {
      const [one, other] = [openProcess(), openProcess()]
      const token = await one.apiToken(LONGEST_API_TOKEN_SECONDS)
      const old = signerOf(token)!
      expect(await other.identify(token)).toBe('alice')
      const { kid: fresh, until } = await rotateKeys(openStore(), clock.now())
      expect(until).toBeGreaterThanOrEqual(clock.now() + SIGNS_AFTER_SECONDS * 1000)
      await expect(rotateKeys(openStore(), clock.now())).rejects.toThrow('rotate after that')

      clock.advance(one.store.keptForMs)
      for (const { published, registryToken } of [one, other]) {
        expect(await published()).toEqual([fresh, old])
        expect(signerOf(await registryToken())).toBe(old)
      }
      // The first one to sign with it is understood by one that reads nothing meanwhile.
      advance(SIGNS_AFTER_SECONDS - one.store.keptForMs / 1000 - 1)
      expect(signerOf(await one.registryToken())).toBe(old)
      await other.published()
      advance(2)
      clock.advance(one.store.keptForMs)
      const late = openProcess()
      const longest = await late.apiToken(LONGEST_API_TOKEN_SECONDS)
      expect(signerOf(longest)).toBe(fresh)
      expect(signerOf(await one.registryToken())).toBe(fresh)
      for (const { identify, published } of [one, other, late]) {
        expect(await identify(token)).toBe('alice')
        expect(await identify(longest)).toBe('alice')
        expect(await published()).toEqual([fresh, old])
      }
      expect(await listKeys(openStore(), clock.now())).toEqual([
        { kid: fresh, state: 'signs' },
        { kid: old, state: 'verifies', until: until! + VERIFIES_FOR_SECONDS * 1000 },
      ])

      clock.set(until! + VERIFIES_FOR_SECONDS * 1000 - 1)
      expect(await one.published()).toEqual([fresh, old])
      clock.advance(1 + one.store.keptForMs)
      expect(await one.published()).toEqual([fresh])
      expect(await listKeys(openStore(), clock.now())).toEqual([{ kid: fresh, state: 'signs' }])
    })

    it('keep the private part of the one that signs alone', async () => {
      await openProcess().registryToken()
      for (let rotations = 0; rotations < 3; rotations++) {
        await rotateKeys(openStore(), clock.now())
        advance(SIGNS_AFTER_SECONDS + 1)
      }
      const { keys } = JSON.parse((await openStore().read()) ?? '') as { keys: { d?: string }[] }
      expect(keys.map(({ d }) => d !== undefined)).toEqual([true, true, false, false])
      expect(await openProcess().published()).toHaveLength(4)
    })

    it('that leaked are dropped, and with them what they signed and what was seen of it', async () => {
      const process = openProcess()
      const token = await process.registryToken()
      const apiToken = await process.apiToken(3600)
      const leaked = signerOf(token)!
      expect(await process.verify(token)).toBe('alice')
      await expect(dropKey(openStore(), clock.now(), leaked)).rejects.toThrow('rotate first')
      await expect(dropKey(openStore(), clock.now(), 'none')).rejects.toThrow(
        'there is no key none',
      )
      const { kid: fresh } = await rotateKeys(openStore(), clock.now())
      await dropKey(openStore(), clock.now(), leaked)
      clock.advance(process.store.keptForMs)
      expect(await process.verify(token)).toBeUndefined()
      expect(await process.identify(apiToken)).toBeUndefined()
      expect(await process.published()).toEqual([fresh])
      expect(signerOf(await process.registryToken())).toBe(fresh)
    })

    it('go on as they are known while they are gone or broken', async () => {
      const process = openProcess()
      const token = await process.registryToken()
      const text = (await openStore().read())!
      await openStore().replace('a secret that is no key')
      clock.advance(process.store.keptForMs)
      expect(signerOf(await process.registryToken())).toBe(signerOf(token))
      expect(await process.verify(token)).toBe('alice')
      expect(problems).toHaveLength(1)
      expect(problems[0]).toContain('is not JSON')
      expect(problems[0]).not.toContain('secret')
      await expect(openProcess().registryToken()).rejects.toThrow('is not JSON')
      await openStore().replace(text)
      expect(await openProcess().verify(token)).toBe('alice')
    })

    it('of a name that is unknown are looked for once in ten seconds', async () => {
      const process = openProcess()
      const token = await process.registryToken()
      const set = JSON.parse((await openStore().read())!) as { keys: object[] }
      const elsewhere = await openPlace()
      await new StoredKeyRing(elsewhere(), clock, () => undefined).keys()
      const foreign = JSON.parse((await elsewhere().read())!) as { keys: { kid: string }[] }
      const stranger = new JoseRegistryTokens({
        ring: new StoredKeyRing(elsewhere(), clock, () => undefined),
        service: 'a',
        issuer: 'b',
        clock,
      })
      const { token: strange } = await stranger.issue({ identity: ALICE, access: [] })
      expect(await process.verify(strange)).toBeUndefined()
      await openStore().replace(JSON.stringify({ keys: [...set.keys, ...foreign.keys] }))
      clock.advance(Math.min(9999, process.store.keptForMs - 1))
      expect(await process.verify(strange)).toBeUndefined()
      clock.advance(1)
      expect(await process.verify(strange)).toBe('alice')
      expect(await process.verify(token)).toBe('alice')
    })
  })
}
