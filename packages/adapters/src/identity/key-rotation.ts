/**
 * How a registry's signing key is changed while tokens are about and processes run. A new key is published at once and signs
 * later: by then every process has read it (`SigningKeyStore.keptForMs`), and so has whoever keeps the published set for as
 * long as that says (`Cache-Control`). From then on the key before it verifies, until the longest token that it may have
 * signed has ended, and is dropped.
 */
import { LONGEST_API_TOKEN_SECONDS } from '@sluice/core/ports/api-tokens'
import {
  keysAt,
  membersOfSet,
  newKey,
  parseKeySet,
  textOf,
  type KeyMembers,
  type StoredKey,
} from './signing-key-set.ts'
import type { SigningKeyStore } from './signing-key-store.ts'
import { SigningKeysError } from './signing-keys-error.ts'

/** More than the minute of `keptForMs` and the five that others keep the published set, with clocks that differ. */
export const SIGNS_AFTER_SECONDS = 600

/** A process that cannot read the set goes on signing with the key that it has: a day for that. */
export const VERIFIES_FOR_SECONDS = LONGEST_API_TOKEN_SECONDS + 86_400

export interface ListedKey {
  readonly kid: string
  readonly state: 'signs' | 'published' | 'verifies'
  /** Milliseconds since the epoch: from when on a published key signs, or until when an old one verifies. */
  readonly until?: number
}

interface KeyInSet {
  readonly key: ListedKey
  readonly members: KeyMembers
}

/** Those that are dropped are not among them; none where no process has needed a key so far. */
export async function listKeys(store: SigningKeyStore, now: number): Promise<readonly ListedKey[]> {
  return (await readKeys(store, now)).map(({ key }) => key)
}

/** Answers the new key. Throws `SigningKeysError` while the one before it does not sign yet, or where there is none. */
export async function rotateKeys(store: SigningKeyStore, now: number): Promise<ListedKey> {
  const keys = await readKeys(store, now)
  const waiting = keys.find(({ key }) => key.state === 'published')
  if (waiting) {
    const from = new Date(waiting.key.until ?? 0).toISOString()
    throw new SigningKeysError(store.place, `a new key signs from ${from} on; rotate after that`)
  }
  if (keys.length === 0) throw new SigningKeysError(store.place, 'there are none so far')
  const nbf = Math.ceil(now / 1000) + SIGNS_AFTER_SECONDS
  const fresh = { ...(await newKey()), nbf }
  const exp = nbf + VERIFIES_FOR_SECONDS
  const old = keys.map(({ key, members: { d, ...members } }) => ({
    exp,
    ...members,
    ...(key.state === 'signs' ? { d } : {}),
  }))
  await store.replace(textOf([fresh, ...old]))
  return { kid: fresh.kid, state: 'published', until: nbf * 1000 }
}

/**
 * Takes away a key that leaked: within `keptForMs` no token that it signed is good. The one that signs goes only where
 * another is published, which then signs in its place. Throws `SigningKeysError`.
 */
export async function dropKey(store: SigningKeyStore, now: number, kid: string): Promise<void> {
  const keys = await readKeys(store, now)
  const dropped = keys.find(({ key }) => key.kid === kid)
  if (!dropped) throw new SigningKeysError(store.place, `there is no key ${kid}`)
  const left = keys.filter((one) => one !== dropped)
  if (dropped.key.state !== 'signs')
    return store.replace(textOf(left.map(({ members }) => members)))
  if (!left.some(({ key }) => key.state === 'published')) {
    throw new SigningKeysError(store.place, `${kid} is the only one that signs: rotate first`)
  }
  const nbf = Math.floor(now / 1000)
  const signing = left.map(({ key, members }) =>
    key.state === 'published' ? { ...members, nbf } : members,
  )
  return store.replace(textOf(signing))
}

async function readKeys(store: SigningKeyStore, now: number): Promise<readonly KeyInSet[]> {
  const text = await store.read()
  if (text === undefined) return []
  const { place } = store
  const members = membersOfSet(place, text)
  const stored = await parseKeySet(place, text)
  const { current } = keysAt(place, stored, now)
  const stateOf = ({ kid, signsFrom, endsAt }: StoredKey): ListedKey => {
    if (kid === current.kid) return { kid, state: 'signs' }
    if (signsFrom > now) return { kid, state: 'published', until: signsFrom }
    return { kid, state: 'verifies', ...(endsAt === Infinity ? {} : { until: endsAt }) }
  }
  return stored.flatMap((key, at) =>
    key.endsAt > now ? [{ key: stateOf(key), members: members[at]! }] : [],
  )
}
