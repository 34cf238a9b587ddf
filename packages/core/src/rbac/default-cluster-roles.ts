/**
 * The ClusterRoles that every registry has: OpenShift's, as far as they concern images, projects, metrics and bindings.
 * https://docs.openshift.com/container-platform/latest/authentication/using-rbac.html#default-roles_using-rbac
 */
import { IMAGE_GROUP, PROJECT_GROUP, RBAC_GROUP } from './attributes.ts'
import type { RoleContent } from './binding.ts'
import { EVERY_RIGHT } from './every-right.ts'
import type { Rule } from './rule.ts'

export interface DefaultClusterRole extends RoleContent {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly description?: string
}

export const BOOTSTRAPPING = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }

const IMAGE = ['', IMAGE_GROUP]
const PROJECT = ['', PROJECT_GROUP]
const AUTHORIZATION = ['', 'authorization.openshift.io']
const READ = ['get', 'list', 'watch']
const EVERY_VERB = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
]
const STREAMS = [
  'imagestreamimages',
  'imagestreammappings',
  'imagestreams',
  'imagestreamtags',
  'imagetags',
]
const LAYERS = 'imagestreams/layers'

const rule = (
  apiGroups: readonly string[],
  resources: readonly string[],
  verbs: readonly string[],
): Rule => ({
  verbs,
  apiGroups,
  resources,
})

const READ_STREAMS = rule(IMAGE, STREAMS, READ)
const PULL = rule(IMAGE, [LAYERS], ['get'])
const PUSH = rule(IMAGE, [LAYERS], ['get', 'update'])
const SEE_LIMITS = rule([''], ['limitranges', 'resourcequotas'], READ)
const SEE_PROJECT = [rule([''], ['namespaces'], ['get']), rule(PROJECT, ['projects'], ['get'])]
const EDIT_STREAMS = [
  rule(IMAGE, [...STREAMS, 'imagestreams/secrets'], EVERY_VERB),
  rule(IMAGE, ['imagestreamimports'], ['create']),
  PUSH,
  rule([''], ['serviceaccounts', 'secrets'], EVERY_VERB),
  rule([''], ['serviceaccounts/token'], ['create']),
]

const aggregatesTo = (...roles: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    roles.map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, 'true']),
  )

const aggregated = (
  name: string,
  description: string,
  ...to: readonly string[]
): DefaultClusterRole => ({
  name,
  labels: { ...BOOTSTRAPPING, ...aggregatesTo(...to) },
  description,
  rules: [],
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregatesTo(name) }] },
})

const role = (
  name: string,
  rules: readonly Rule[],
  { to = [], description }: { readonly to?: readonly string[]; readonly description?: string } = {},
): DefaultClusterRole => ({
  name,
  labels: { ...BOOTSTRAPPING, ...aggregatesTo(...to) },
  ...(description === undefined ? {} : { description }),
  rules,
})

export const DEFAULT_CLUSTER_ROLES: readonly DefaultClusterRole[] = [
  aggregated(
    'admin',
    'A user that has edit rights within the project and can change the project’s membership.',
  ),
  role(
    'basic-user',
    [
      { ...rule(['', 'user.openshift.io'], ['users'], ['get']), resourceNames: ['~'] },
      rule(PROJECT, ['projectrequests'], ['list']),
      rule([...AUTHORIZATION, RBAC_GROUP], ['clusterroles'], ['get', 'list']),
      rule(PROJECT, ['projects'], ['list', 'watch']),
      rule(AUTHORIZATION, ['selfsubjectrulesreviews'], ['create']),
      rule(
        ['authorization.k8s.io'],
        ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
        ['create'],
      ),
      rule(['authentication.k8s.io'], ['selfsubjectreviews'], ['create']),
    ],
    { description: 'A user that can get basic information about projects.' },
  ),
  role('cluster-admin', EVERY_RIGHT, {
    description:
      'A super-user that can perform any action in the registry. Bound to a user within a project, full control over everything in it.',
  }),
  role('cluster-reader', [
    rule(IMAGE, ['images', 'imagesignatures', ...STREAMS], READ),
    PULL,
    rule([''], ['namespaces', 'pods', 'pods/log', 'serviceaccounts'], READ),
    rule(['apps'], ['deployments'], READ),
    rule(PROJECT, ['projects'], READ),
    SEE_LIMITS,
    rule(
      [...AUTHORIZATION, RBAC_GROUP],
      ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'],
      READ,
    ),
    rule(
      [...AUTHORIZATION, 'authorization.k8s.io'],
      [
        'localresourceaccessreviews',
        'localsubjectaccessreviews',
        'resourceaccessreviews',
        'selfsubjectaccessreviews',
        'selfsubjectrulesreviews',
        'subjectaccessreviews',
        'subjectrulesreviews',
      ],
      ['create'],
    ),
  ]),
  aggregated(
    'edit',
    'A user that can create and edit most objects in a project, but can not update the project’s membership.',
    'admin',
  ),
  role(
    'registry-admin',
    [
      ...EDIT_STREAMS,
      rule([...AUTHORIZATION, RBAC_GROUP], ['rolebindings', 'roles'], EVERY_VERB),
      rule(
        AUTHORIZATION,
        [
          'localresourceaccessreviews',
          'localsubjectaccessreviews',
          'subjectrulesreviews',
          'resourceaccessreviews',
          'subjectaccessreviews',
        ],
        ['create'],
      ),
      rule(['authorization.k8s.io'], ['localsubjectaccessreviews'], ['create']),
      rule([''], ['namespaces'], ['get']),
      rule(PROJECT, ['projects'], ['delete', 'get']),
    ],
    { to: ['admin'] },
  ),
  role('registry-editor', [...EDIT_STREAMS, ...SEE_PROJECT], { to: ['edit'] }),
  role('registry-monitoring', [rule([IMAGE_GROUP], ['registry/metrics'], ['get'])]),
  role('registry-viewer', [READ_STREAMS, PULL, ...SEE_PROJECT], { to: ['view'] }),
  role('self-access-reviewer', [
    rule(AUTHORIZATION, ['selfsubjectrulesreviews'], ['create']),
    rule(
      ['authorization.k8s.io'],
      ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      ['create'],
    ),
  ]),
  role('self-provisioner', [rule(PROJECT, ['projectrequests'], ['create'])], {
    description: 'A user that can request projects.',
  }),
  role('system:deployer', [rule(IMAGE, ['imagestreamtags', 'imagetags'], ['create', 'update'])], {
    description: 'Grants the right to deploy within a project.',
  }),
  role('system:image-auditor', [rule(IMAGE, ['images'], [...READ, 'patch', 'update'])]),
  role('system:image-builder', [PUSH, rule(IMAGE, ['imagestreams'], ['create'])], {
    to: ['admin', 'edit'],
    description: 'Grants the right to build, push and pull images from within a project.',
  }),
  role('system:image-pruner', [
    rule(IMAGE, ['images'], ['delete']),
    rule(IMAGE, ['images', 'imagestreams'], READ),
    rule(IMAGE, ['imagestreams/status'], ['update']),
    rule([''], ['limitranges'], ['list']),
  ]),
  role('system:image-puller', [PULL], {
    description: 'Grants the right to pull images from within a project.',
  }),
  role('system:image-pusher', [PUSH], {
    description: 'Grants the right to push and pull images from within a project.',
  }),
  role('system:image-signer', [
    rule(IMAGE, ['images', LAYERS], ['get']),
    rule(IMAGE, ['imagesignatures'], ['create', 'delete']),
  ]),
  role(
    'system:openshift:aggregate-to-admin',
    [rule(PROJECT, ['projects'], ['delete', 'get', 'patch', 'update'])],
    { to: ['admin'] },
  ),
  role('system:openshift:aggregate-to-view', [SEE_LIMITS], { to: ['view'] }),
  role('system:registry', [
    rule(IMAGE, ['imagestreamimages', LAYERS, 'imagestreams/secrets'], ['get']),
    rule(IMAGE, ['imagestreams'], ['get', 'update']),
    rule(IMAGE, ['imagestreamtags'], ['delete']),
    rule(IMAGE, ['images'], ['create', 'get', 'update']),
    rule(IMAGE, ['imagestreammappings'], ['create']),
    rule([''], ['limitranges', 'resourcequotas'], ['list']),
    rule(['authorization.k8s.io'], ['subjectaccessreviews'], ['create']),
  ]),
  aggregated(
    'view',
    'A user who can not make any modifications, but can see most objects in a project.',
    'edit',
  ),
]
