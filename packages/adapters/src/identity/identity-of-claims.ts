/** Who a verified token speaks of, by the claims that its issuer's owner mapped. */
import type { JWTPayload } from 'jose'
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { ClaimMapping, Issuer } from './issuer.ts'

/** Names that mean something to the registry itself: nobody else may give them. */
const RESERVED = /^(?:system|kube):/i
const MAX_NAME = 512
const MAX_GROUPS = 512

/** What is wrong with it is a text. */
export function identityOfClaims(payload: JWTPayload, issuer: Issuer): Identity | string {
  for (const [claim, value] of Object.entries(issuer.required)) {
    if (payload[claim] !== value) return `its ${claim} is not the one that is required`
  }
  const { claim, prefix } = issuer.username
  const named = payload[claim]
  if (typeof named !== 'string' || named === '') return `it has no ${claim}, which names the user`
  if (claim === 'email' && payload['email_verified'] !== true) return 'its email is not verified'
  const user = prefix + named
  const groups = issuer.groups ? groupsOf(payload, issuer.groups) : []
  if (typeof groups === 'string') return groups
  const wrong = [user, ...groups].map(problemOf).find((problem) => problem !== undefined)
  if (wrong !== undefined) return wrong
  const people = issuer.clientId === undefined ? [] : ['system:authenticated:oauth']
  const { sub } = payload
  return {
    user,
    groups: [...new Set([...groups, ...people, 'system:authenticated'])],
    ...(sub === undefined ? {} : { uid: sub }),
  }
}

function groupsOf(
  payload: JWTPayload,
  { claim, prefix }: ClaimMapping,
): readonly string[] | string {
  const value: unknown = payload[claim] ?? []
  const list: readonly unknown[] =
    typeof value === 'string' ? [value] : Array.isArray(value) ? value : [undefined]
  if (list.length > MAX_GROUPS) return `it names more than ${MAX_GROUPS} groups`
  if (!list.every((one) => typeof one === 'string' && one !== ''))
    return `its ${claim} are not all names`
  return list.map((one) => prefix + String(one))
}

function problemOf(name: string): string | undefined {
  if (RESERVED.test(name)) return 'it gives a name that only the registry gives (system:, kube:)'
  if (name.length > MAX_NAME) return `it gives a name of more than ${MAX_NAME} characters`
  // Controls, line ends, marks that turn the direction of a line, halves of characters.
  return /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)
    ? 'it gives a name with characters that are not seen'
    : undefined
}
