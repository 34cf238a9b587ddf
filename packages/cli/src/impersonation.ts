/** For whom somebody acts. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
export interface Actor {
  readonly user: string | undefined
  readonly groups: readonly string[]
}

export const impersonation = ({ user, groups }: Actor = { user: undefined, groups: [] }) => ({
  ...(user === undefined ? {} : { 'Impersonate-User': user }),
  ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups.join(', ') }),
})
