/**
 * How long a right that was taken away goes on: the ten seconds for which a process keeps roles, and the 130 of a token that was
 * issued by then. What is taken and given here is so by another process, over the same records.
 */
import {
  CLOCK_TOLERANCE_SECONDS,
  TOKEN_GRACE_SECONDS,
  TOKEN_LIFETIME_SECONDS,
} from '@sluice/adapters/identity/jose-registry-tokens'
import { createRegistry } from '@sluice/core/registry'
import { parseProjectName } from '@sluice/core/repository-name'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startIssuer, type IssuerUnderTest } from '../identity/issuer-under-test.ts'
import { json } from './answer.ts'
import { describeDoors } from './describe-doors.ts'
import { basic } from './served-registry.ts'

const ADMIN = { user: 'kube:admin', groups: ['system:cluster-admins'] }
const PROJECT = parseProjectName('default')
const PATH = '/v2/default/app/tags/list'

const KEPT_SECONDS = 10
const TOKEN_SECONDS = TOKEN_LIFETIME_SECONDS + TOKEN_GRACE_SECONDS + CLOCK_TOLERANCE_SECONDS

/** There is no such repository, which only those hear who may pull it. */
const ALLOWED = 404
const REFUSED = 401

let idp: IssuerUnderTest
beforeAll(async () => {
  idp = await startIssuer()
})
afterAll(() => idp.close())

it('the bound is the one that is documented', () => {
  expect(KEPT_SECONDS + TOKEN_SECONDS).toBe(140)
})

describeDoors(
  'a right',
  (door) => {
    const bob = async (): Promise<string> => {
      const now = Math.floor(door.clock.now() / 1000)
      const claims = { sub: 'bob', iat: now, nbf: now, exp: now + 3600 }
      return basic('unused', await idp.token(claims))
    }
    const statusAs = async (authorization: string): Promise<number> =>
      (await door.ask({ path: PATH, as: { authorization } })).status
    const tokenAs = async (authorization: string): Promise<string> => {
      const path = '/token?scope=repository:default/app:pull'
      const answer = await door.ask({ path, as: { authorization } })
      return `Bearer ${(json(answer) as { token: string }).token}`
    }
    const advance = (seconds: number) => door.clock.advance(seconds * 1000)

    /** Of another process, which tells nobody. */
    const bindings = () => createRegistry(door.served.temporary).roleBindings
    const name = 'bob-pulls'
    const content = {
      roleRef: { kind: 'ClusterRole', name: 'registry-viewer' },
      subjects: [{ kind: 'User', name: 'bob' }],
    } as const
    const give = () => bindings().create(ADMIN, PROJECT, { name, content })
    const take = () => bindings().remove(ADMIN, PROJECT, name)

    it('that is given counts at once, however often it was refused before', async () => {
      const password = await bob()
      for (let rounds = 0; rounds < 3; rounds++) {
        const empty = await tokenAs(password)
        expect(await statusAs(password)).toBe(REFUSED)
        expect(await statusAs(empty)).toBe(REFUSED)
        await give()
        expect(await statusAs(password)).toBe(ALLOWED)
        expect(await statusAs(await tokenAs(password))).toBe(ALLOWED)
        // A token carries what it was issued with, and the client is told to ask for another.
        expect(await statusAs(empty)).toBe(REFUSED)
        await take()
        advance(KEPT_SECONDS)
      }
    })

    it('that is taken away ends with the token that carries it, whenever that was issued', async () => {
      await give()
      const password = await bob()
      expect(await statusAs(password)).toBe(ALLOWED)
      await take()
      const held = [await tokenAs(password)]
      for (let seconds = 1; seconds < KEPT_SECONDS; seconds++) {
        advance(1)
        held.push(await tokenAs(password))
      }
      expect(await Promise.all(held.map(statusAs))).toEqual(held.map(() => ALLOWED))
      advance(1)
      expect(await statusAs(password)).toBe(REFUSED)
      expect(await statusAs(await tokenAs(password))).toBe(REFUSED)

      advance(TOKEN_SECONDS - KEPT_SECONDS - 1)
      expect(await Promise.all(held.map(statusAs))).toEqual(held.map(() => ALLOWED))
      for (let seconds = 1; seconds <= KEPT_SECONDS; seconds++) {
        advance(1)
        expect(await Promise.all(held.map(statusAs))).toEqual(
          held.map((_, issued) => (issued < seconds ? REFUSED : ALLOWED)),
        )
      }
      advance(1)
      expect(await Promise.all(held.map(statusAs))).toEqual(held.map(() => REFUSED))
    })

    it('of a group ends in the same way, and that of a role with the role', async () => {
      const { clusterRoles } = createRegistry(door.served.temporary)
      const rules = [
        { apiGroups: ['image.openshift.io'], resources: ['imagestreams/layers'], verbs: ['get'] },
      ]
      await clusterRoles.create(ADMIN, undefined, { name: 'pulls', content: { rules } })
      const roleRef = { kind: 'ClusterRole', name: 'pulls' } as const
      const subjects = [{ kind: 'Group', name: 'system:authenticated' }] as const
      await bindings().create(ADMIN, PROJECT, { name, content: { roleRef, subjects } })
      const password = await bob()
      const token = await tokenAs(password)
      await clusterRoles.remove(ADMIN, undefined, 'pulls')
      expect(await statusAs(password)).toBe(ALLOWED)
      advance(KEPT_SECONDS)
      expect(await statusAs(password)).toBe(REFUSED)
      expect(await statusAs(token)).toBe(ALLOWED)
      advance(TOKEN_SECONDS - KEPT_SECONDS)
      expect(await statusAs(token)).toBe(REFUSED)
      await take()
    })
  },
  {},
  () => [idp.issuer],
)
