/** Questions about rights, which are asked by making an object that nobody keeps. */
import { ObjectError } from '@sluice/core/object-error'
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { Attributes } from '@sluice/core/rbac/attributes'
import type { Registry } from '@sluice/core/registry'
import { ruleWire } from './rbac-forms.ts'
import { badRequest, isMembers, membersOf, textOf, textsOf, type Members } from './wire-object.ts'

export interface ReviewRequest {
  readonly by: Identity
  readonly namespace: string | undefined
  readonly object: Members
}

export type Review = (registry: Registry, request: ReviewRequest) => Promise<Members>

export const REVIEWS: Readonly<Record<string, Review>> = {
  'authorization.k8s.io/selfsubjectaccessreviews': async (registry, { by, object }) => {
    const spec = membersOf(object['spec'], 'spec')
    return accessReview(registry, by, attributesOf(spec), spec)
  },
  'authorization.k8s.io/subjectaccessreviews': async (registry, { object }) => {
    const spec = membersOf(object['spec'], 'spec')
    return accessReview(registry, subjectOf(spec), attributesOf(spec), spec)
  },
  'authorization.k8s.io/localsubjectaccessreviews': async (registry, { namespace, object }) => {
    const spec = membersOf(object['spec'], 'spec')
    const asked = attributesOf(spec)
    if ('path' in asked || asked.namespace !== namespace) {
      throw new ObjectError(
        'BadRequest',
        'spec.resourceAttributes.namespace must match the namespace of the review',
      )
    }
    return accessReview(registry, subjectOf(spec), asked, spec)
  },
  'authorization.k8s.io/selfsubjectrulesreviews': async (registry, { by, object }) => {
    const spec = membersOf(object['spec'], 'spec')
    const namespace = textOf(spec['namespace'], 'spec.namespace')
    if (namespace === '') throw badRequest('no namespace on request')
    const rules = await registry.rights.rulesOf(by, namespace)
    return {
      spec: {},
      status: {
        resourceRules: rules.filter(({ resources }) => resources).map(ruleWire),
        nonResourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs).map(ruleWire),
        incomplete: false,
      },
    }
  },
  'authentication.k8s.io/selfsubjectreviews': async (_, { by }) => ({
    status: {
      userInfo: {
        username: by.user,
        groups: by.groups,
        ...(by.uid === undefined ? {} : { uid: by.uid }),
      },
    },
  }),
  'authorization.openshift.io/resourceaccessreviews': (registry, request) =>
    whoCan(registry, request),
  'authorization.openshift.io/localresourceaccessreviews': (registry, request) =>
    whoCan(registry, request),
  'sluice.dev/accessexplanations': async (registry, { by, object }) => {
    const spec = membersOf(object['spec'], 'spec')
    const who = asksForOther({ by, object }) ? subjectOf(spec) : by
    const decision = await registry.rights.why(who, attributesOf(spec))
    return {
      spec,
      status: JSON.parse(
        JSON.stringify({ user: who.user, groups: who.groups, ...decision }),
      ) as Members,
    }
  },
}

/** Of these whoever asks is asked about himself, which everybody may who may ask for anything at all. */
export const asksForOther = ({ object, by }: Pick<ReviewRequest, 'object' | 'by'>): boolean => {
  const spec = membersOf(object['spec'], 'spec')
  const user = textOf(spec['user'], 'spec.user')
  // In groups of one's choice one is another.
  const groups = textsOf(spec['groups'], 'spec.groups')
  return groups.length > 0 || (user !== '' && user !== by.user)
}

async function accessReview(
  registry: Registry,
  identity: Identity,
  asked: Attributes,
  spec: Members,
): Promise<Members> {
  const { allowed, reason } = await registry.rights.why(identity, asked)
  return { spec, status: allowed ? { allowed, reason } : { allowed } }
}

async function whoCan(registry: Registry, { namespace, object }: ReviewRequest): Promise<Members> {
  const text = (name: string): string => textOf(object[name], name)
  const [resource = '', subresource] = text('resource').split('/')
  const name = text('resourceName')
  const where = namespace ?? text('namespace')
  const { users, groups } = await registry.rights.whoCan({
    verb: text('verb'),
    group: text('resourceAPIGroup'),
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(where === '' ? {} : { namespace: where }),
    ...(name === '' ? {} : { name }),
  })
  return { namespace: where, users, groups, evalutionError: '' }
}

function subjectOf(spec: Members): Identity {
  const user = textOf(spec['user'], 'spec.user')
  const groups = textsOf(spec['groups'], 'spec.groups')
  if (user === '' && groups.length === 0) throw badRequest('spec.user or spec.groups must be set')
  return { user, groups }
}

const of = (members: Members, name: string): string => textOf(members[name], name)

function attributesOf(spec: Members): Attributes {
  const path = spec['nonResourceAttributes']
  if (isMembers(path)) return { verb: of(path, 'verb'), path: of(path, 'path') }
  const resource = spec['resourceAttributes']
  if (!isMembers(resource)) {
    throw badRequest(
      'exactly one of spec.resourceAttributes and spec.nonResourceAttributes must be set',
    )
  }
  const [main = '', below = ''] = of(resource, 'resource').split('/')
  const subresource = of(resource, 'subresource') || below
  const [namespace, name] = [of(resource, 'namespace'), of(resource, 'name')]
  return {
    verb: of(resource, 'verb'),
    group: of(resource, 'group'),
    resource: main,
    ...(subresource === '' ? {} : { subresource }),
    ...(namespace === '' ? {} : { namespace }),
    ...(name === '' ? {} : { name }),
  }
}
