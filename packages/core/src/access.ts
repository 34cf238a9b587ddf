/** What a caller may do where, as the token specification of distribution words it. */

export type Action = 'pull' | 'push' | 'delete' | '*'

export interface Access {
  readonly type: 'repository' | 'registry'
  readonly name: string
  readonly actions: readonly Action[]
}

export function allows(
  access: readonly Access[],
  type: Access['type'],
  name: string,
  action: Action,
): boolean {
  return access.some(
    (grant) =>
      grant.type === type &&
      grant.name === name &&
      (grant.actions.includes(action) || grant.actions.includes('*')),
  )
}
