/** What every project has from its beginning, as OpenShift gives it: service accounts, and what they and its owner may. */
import type { BindingContent, Subject } from '../rbac/binding.ts'
import type { Write } from '../ports/table.ts'
import type { ObjectDraft } from '../stored-object.ts'
import type { ServiceAccountContent } from './service-account-kind.ts'
import type { StoredObjects } from './stored-objects.ts'

const AUTHENTICATED = 'system:authenticated'
/** By it whoever is logged in may pull from a shared project. */
export const SHARED_BINDING = 'pull-through'

const ACCOUNTS = ['builder', 'default', 'deployer']

export interface ProjectCollections {
  readonly roleBindings: StoredObjects<BindingContent>
  readonly serviceAccounts: StoredObjects<ServiceAccountContent>
}

const bound = (name: string, role: string, subject: Subject): ObjectDraft<BindingContent> => ({
  name,
  content: { roleRef: { kind: 'ClusterRole', name: role }, subjects: [subject] },
})

/** `owner`: becomes the project's administrator. `shared`: whoever is logged in may pull. */
export function projectObjects(
  { roleBindings, serviceAccounts }: ProjectCollections,
  project: string,
  owner: string | undefined,
  shared = false,
): Write[] {
  const account = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: project })
  const bindings = [
    bound('system:deployers', 'system:deployer', account('deployer')),
    bound('system:image-builders', 'system:image-builder', account('builder')),
    bound('system:image-pullers', 'system:image-puller', {
      kind: 'Group',
      name: `system:serviceaccounts:${project}`,
    }),
    ...(shared
      ? [bound(SHARED_BINDING, 'system:image-puller', { kind: 'Group', name: AUTHENTICATED })]
      : []),
    ...(owner === undefined ? [] : [bound('admin', 'admin', { kind: 'User', name: owner })]),
  ]
  return [
    ...ACCOUNTS.flatMap((name) =>
      serviceAccounts.birth(serviceAccounts.newObject(project, { name, content: {} })),
    ),
    ...bindings.flatMap((draft) => roleBindings.birth(roleBindings.newObject(project, draft))),
  ]
}
