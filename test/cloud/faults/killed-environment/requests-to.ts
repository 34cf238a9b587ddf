import type { Access } from '@sluice/core/access'
import { ADMIN_USER } from '@sluice/adapters/identity/admin-identity-provider'
import { ADMINISTRATORS } from '@sluice/core/services/rights'
import type { KillableCloud } from './killable-cloud.ts'
import type { Push } from './pushes.ts'
import { StruckRequests, type Target } from './struck-requests.ts'

/** The requests of one run of a push, by a client that has all rights that it needs. */
export function requestsTo(
  cloud: KillableCloud,
  { shared }: Push,
  repository: string,
  target?: Target,
): StruckRequests {
  const identity = { user: ADMIN_USER, groups: [ADMINISTRATORS] }
  const names = shared === undefined ? [repository, `${repository}-other`] : [shared]
  const access = names.map((name): Access => {
    return { type: 'repository', name, actions: ['pull', 'push'] }
  })
  const authorization = async (): Promise<string> => {
    const { token } = await cloud.wing.tokens.issue({ identity, access })
    return `Bearer ${token}`
  }
  return new StruckRequests(cloud, authorization, target)
}
