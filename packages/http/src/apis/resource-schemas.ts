/** The fields of each kind, beside its metadata. */
import {
  ANYTHING,
  described,
  LIST,
  listOfObjects,
  objectOf,
  TEXT,
  TEXT_MAP,
  TEXTS,
  TRUTH,
  wholeSchema,
  type Schema,
} from './schema.ts'

const RULES = described(
  'What may be done; a request needs one rule that allows it.',
  listOfObjects(
    {
      verbs: described('get, list, create, update, patch, delete, ..., or * for all.', TEXTS),
      apiGroups: described('Groups of the resources; "" is the core group, * are all.', TEXTS),
      resources: described(
        'In the plural; imagestreams/layers is to pull and push, * are all.',
        TEXTS,
      ),
      resourceNames: described('The objects for which it holds; all where there is none.', TEXTS),
      nonResourceURLs: described('Paths, in a ClusterRole alone; a last * takes all below.', TEXTS),
    },
    ['verbs'],
  ),
)

export const ROLE = wholeSchema('Rules that hold within a project.', {
  properties: { rules: RULES },
})

export const CLUSTER_ROLE = wholeSchema(
  'Rules that a binding gives everywhere, or in its project.',
  {
    properties: {
      rules: RULES,
      aggregationRule: described(
        'Roles whose rules this one has as well.',
        objectOf({ clusterRoleSelectors: listOfObjects({ matchLabels: TEXT_MAP }) }),
      ),
    },
  },
)

const BINDING: Pick<Schema, 'properties' | 'required'> = {
  properties: {
    roleRef: described(
      'The role; it cannot be changed.',
      objectOf({ apiGroup: TEXT, kind: described('ClusterRole or Role.', TEXT), name: TEXT }, [
        'kind',
        'name',
      ]),
    ),
    subjects: described(
      'Who has it.',
      listOfObjects(
        {
          apiGroup: TEXT,
          kind: described('User, Group or ServiceAccount.', TEXT),
          name: TEXT,
          namespace: described('Of a service account: its project.', TEXT),
        },
        ['kind', 'name'],
      ),
    ),
  },
  required: ['roleRef'],
}

export const ROLE_BINDING = wholeSchema('Gives a role to somebody within a project.', BINDING)
export const CLUSTER_ROLE_BINDING = wholeSchema(
  'Gives a ClusterRole to somebody everywhere.',
  BINDING,
)

/** Kubernetes' own fields mean nothing here: no secret is ever made for an account. */
export const SERVICE_ACCOUNT = wholeSchema('An account for programs, whose tokens are passwords.', {
  properties: { secrets: LIST, imagePullSecrets: LIST, automountServiceAccountToken: TRUTH },
})

export const PROJECT = wholeSchema('Repositories with the roles, bindings and accounts for them.', {
  properties: { spec: ANYTHING, status: ANYTHING },
})

export const NAMESPACE = wholeSchema('A project, as Kubernetes calls it.', {})

const IMAGE_FIELDS: NonNullable<Schema['properties']> = {
  dockerImageReference: described('Where it is pulled from.', TEXT),
  dockerImageManifestMediaType: TEXT,
  dockerImageMetadata: ANYTHING,
  dockerImageMetadataVersion: TEXT,
  dockerImageLayers: described('From the lowest to the highest.', LIST),
  dockerImageManifests: described('Of an index: the manifests that it names.', LIST),
}
const IMAGE_OF = objectOf({ metadata: ANYTHING, ...IMAGE_FIELDS })

export const IMAGE = wholeSchema('A manifest, however many repositories hold it.', {
  properties: IMAGE_FIELDS,
})

export const IMAGE_STREAM = wholeSchema('A repository.', {
  properties: {
    spec: ANYTHING,
    status: described(
      'Where it is, and its tags.',
      objectOf({ dockerImageRepository: TEXT, tags: LIST }),
    ),
  },
})

export const IMAGE_STREAM_TAG = wholeSchema('A tag of a repository.', {
  properties: {
    tag: ANYTHING,
    generation: { type: 'integer', format: 'int64' },
    lookupPolicy: ANYTHING,
    image: IMAGE_OF,
  },
})

export const IMAGE_STREAM_IMAGE = wholeSchema('A manifest of one repository.', {
  properties: { image: IMAGE_OF },
})
