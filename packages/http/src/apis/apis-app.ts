/** The admin API: Kubernetes' own, as far as it concerns projects, roles, bindings and service accounts, for its own clients. */
import { ObjectError } from '@sluice/core/object-error'
import type { AppContext, Parts } from '../app-environment.ts'
import { readBody } from '../request-body.ts'
import { apiCaller } from './api-caller.ts'
import { PATCH_TYPES } from './patch.ts'
import { decodeProtobuf, PROTOBUF } from './protobuf.ts'
import { apiPath, type ApiPath } from './api-path.ts'
import { discovery, type Answering } from './discovery.ts'
import { forbidden } from './forbidden.ts'
import { projectWire, REQUESTER, validName } from './project-store.ts'
import { ResourceRequests, type Listed, type ResourceRequest } from './resource-requests.ts'
import { apiVersionOf, type Resource } from './resource.ts'
import { resourcesOf } from './resources.ts'
import { asksForOther, REVIEWS } from './reviews.ts'
import { statusOf, success } from './status.ts'
import { asksForTable, tableOf } from './tables.ts'
import { requestToken } from './token-request.ts'
import {
  badRequest,
  draftOf,
  isMembers,
  textOf,
  type Members,
  type WireObject,
} from './wire-object.ts'

const MAX_BODY = 1024 * 1024

const KINDS: Readonly<Record<string, string>> = {
  selfsubjectaccessreviews: 'SelfSubjectAccessReview',
  subjectaccessreviews: 'SubjectAccessReview',
  localsubjectaccessreviews: 'LocalSubjectAccessReview',
  selfsubjectrulesreviews: 'SelfSubjectRulesReview',
  selfsubjectreviews: 'SelfSubjectReview',
  resourceaccessreviews: 'ResourceAccessReviewResponse',
  localresourceaccessreviews: 'ResourceAccessReviewResponse',
  accessexplanations: 'AccessExplanation',
}

const answering = (name: string): Answering => {
  const [group = '', plural = ''] = name.split('/')
  return {
    group,
    version: 'v1',
    plural,
    kind: KINDS[plural] ?? '',
    namespaced: plural.startsWith('local'),
    verbs: ['create'],
  }
}

const ANSWERING: readonly Answering[] = [
  ...Object.keys(REVIEWS).map(answering),
  {
    group: '',
    version: 'v1',
    plural: 'serviceaccounts/token',
    kind: 'TokenRequest',
    namespaced: true,
    verbs: ['create'],
  },
  {
    group: 'project.openshift.io',
    version: 'v1',
    plural: 'projectrequests',
    kind: 'ProjectRequest',
    namespaced: false,
    verbs: ['create', 'list'],
  },
  {
    group: 'user.openshift.io',
    version: 'v1',
    plural: 'users',
    kind: 'User',
    namespaced: false,
    verbs: ['get'],
  },
]

/** Whoever speaks to a registry may know of what version it is; Kubernetes' clients ask for the version of that. */
const VERSION = { major: '1', minor: '34', gitVersion: 'v1.34.0+sluice', platform: 'sluice' }

const PROJECT = { apiVersion: 'project.openshift.io/v1', kind: 'Project', plural: 'projects' }

export class ApisApp {
  readonly #parts: Parts
  readonly #resources: readonly Resource[]
  readonly #requests: ResourceRequests

  constructor(parts: Parts) {
    this.#parts = parts
    this.#resources = resourcesOf(parts.registry)
    this.#requests = new ResourceRequests(parts.registry)
  }

  async answer(c: AppContext): Promise<Response> {
    const path = apiPath(c.req.path)
    const subject = path && {
      ...(path.name === undefined ? {} : { name: path.name }),
      ...(path.group === '' ? {} : { group: path.group }),
      kind: path.plural,
    }
    try {
      return await this.#answer(c, path)
    } catch (error) {
      const { code, headers, body, failure } = statusOf(error, subject)
      if (failure !== undefined)
        this.#parts.onFailure?.(failure, { method: c.req.method, path: c.req.path })
      return json(c, code, body, headers)
    }
  }

  async #answer(c: AppContext, path: ApiPath | undefined): Promise<Response> {
    const known = c.req.path.replace(/\/$/, '')
    if (known === '/version') return json(c, 200, VERSION)
    if (known === '/openapi/v2') return openApi(c)
    if (known === '/openapi/v3') return json(c, 200, { paths: {} })
    const found = discovery(known, [...this.#resources, ...ANSWERING])
    if (found) {
      if (c.req.method !== 'GET' && c.req.method !== 'HEAD') throw notAllowed()
      return json(c, 200, found)
    }
    const by = await apiCaller(c, this.#parts)
    if (!path) throw new ObjectError('NotFound', 'the server could not find the requested resource')
    const special = await this.#special(c, path, by)
    if (special) return special
    const resource = this.#resources.find(
      (one) =>
        one.group === path.group && one.version === path.version && one.plural === path.plural,
    )
    const fits =
      resource &&
      path.subresource === undefined &&
      (resource.namespaced || path.namespace === undefined)
    if (!fits) throw new ObjectError('NotFound', 'the server could not find the requested resource')
    return this.#resource(c, { resource, path, by, query: (name) => c.req.query(name) })
  }

  async #resource(c: AppContext, request: ResourceRequest): Promise<Response> {
    const { resource, path } = request
    const named = path.name !== undefined
    switch (`${c.req.method} ${named ? 'object' : 'list'}`) {
      case 'GET object':
      case 'HEAD object':
        return this.#shown(c, resource, await this.#requests.get(request))
      case 'GET list':
      case 'HEAD list':
        if (c.req.query('watch') === 'true' || c.req.query('watch') === '1') {
          throw new ObjectError(
            'MethodNotAllowed',
            'watch is not supported: list again when you want to know',
          )
        }
        return this.#listed(c, resource, await this.#requests.list(request))
      case 'POST list': {
        const { made, warnings } = await this.#requests.create(request, await objectBody(c))
        return this.#shown(c, resource, made, 201, warnings)
      }
      case 'PUT object': {
        const { made, warnings } = await this.#requests.replace(request, await objectBody(c))
        return this.#shown(c, resource, made, 200, warnings)
      }
      case 'PATCH object': {
        const patch = await bodyOf(c, PATCH_TYPES)
        const { made, warnings } = await this.#requests.patch(request, mediaType(c), patch)
        return this.#shown(c, resource, made, 200, warnings)
      }
      case 'DELETE object': {
        const gone = await this.#requests.remove(request, await optionalBody(c))
        const { name, uid } = gone.metadata
        const what = { name: textOf(name, 'name'), kind: resource.plural, uid: textOf(uid, 'uid') }
        return json(
          c,
          200,
          success(resource.group === '' ? what : { ...what, group: resource.group }),
        )
      }
      case 'DELETE list':
        return this.#listed(
          c,
          resource,
          await this.#requests.removeAll(request, await optionalBody(c)),
        )
      default:
        throw notAllowed()
    }
  }

  /** What is no object that is kept. */
  async #special(
    c: AppContext,
    path: ApiPath,
    by: ResourceRequest['by'],
  ): Promise<Response | undefined> {
    const { registry } = this.#parts
    const { group, plural, name, namespace, subresource } = path
    const asked = {
      verb: 'create',
      group,
      resource: plural,
      ...(namespace === undefined ? {} : { namespace }),
    }
    const review = name === undefined ? REVIEWS[`${group}/${plural}`] : undefined
    if (review) {
      if (c.req.method !== 'POST') throw notAllowed()
      const object = await objectBody(c)
      const request = { by, namespace, object }
      const self = group === 'sluice.dev' && !asksForOther(request)
      const check =
        group === 'sluice.dev'
          ? { ...asked, group: 'authorization.k8s.io', resource: 'subjectaccessreviews' }
          : asked
      if (!self && !(await registry.rights.may(by, check, { fresh: true })))
        throw forbidden(by, check)
      const apiVersion = `${group}/${path.version}`
      return json(c, 201, {
        kind: KINDS[plural],
        apiVersion,
        metadata: {},
        ...(await review(registry, request)),
      })
    }
    if (
      plural === 'serviceaccounts' &&
      subresource === 'token' &&
      namespace !== undefined &&
      name !== undefined
    ) {
      if (c.req.method !== 'POST') throw notAllowed()
      const check = { ...asked, subresource: 'token', name }
      if (!(await registry.rights.may(by, check, { fresh: true }))) throw forbidden(by, check)
      return json(c, 201, await requestToken(c, this.#parts, namespace, name, await objectBody(c)))
    }
    if (group === 'user.openshift.io' && plural === 'users' && name !== undefined) {
      return this.#user(c, by, name)
    }
    if (group === 'project.openshift.io' && plural === 'projectrequests' && name === undefined) {
      return this.#projectRequest(c, by)
    }
    return undefined
  }

  async #user(c: AppContext, by: ResourceRequest['by'], name: string): Promise<Response> {
    if (c.req.method !== 'GET') throw notAllowed()
    const check = { verb: 'get', group: 'user.openshift.io', resource: 'users', name }
    if (!(await this.#parts.registry.rights.may(by, check, { fresh: true })))
      throw forbidden(by, check)
    if (name !== '~' && name !== by.user) {
      throw new ObjectError('NotFound', `users.user.openshift.io "${name}" not found`)
    }
    const metadata = {
      name: by.user,
      ...(by.uid === undefined ? {} : { uid: by.uid }),
      creationTimestamp: null,
    }
    const user = { kind: 'User', apiVersion: 'user.openshift.io/v1', metadata }
    return json(c, 200, { ...user, identities: null, groups: by.groups })
  }

  /** GET asks whether one may: OpenShift's clients do so before they offer it. */
  async #projectRequest(c: AppContext, by: ResourceRequest['by']): Promise<Response> {
    const { registry } = this.#parts
    const reads = c.req.method === 'GET'
    if (!reads && c.req.method !== 'POST') throw notAllowed()
    const check = { verb: 'create', group: 'project.openshift.io', resource: 'projectrequests' }
    if (!(await registry.rights.may(by, check, { fresh: true }))) {
      throw new ObjectError('Forbidden', 'You may not request a new project via this API.')
    }
    if (reads) return json(c, 200, success({}))
    const object = await objectBody(c)
    const { name, labels = {}, annotations = {} } = draftOf(object, {})
    const told = (field: string) => {
      const text = textOf(object[field], field)
      return text === ''
        ? {}
        : {
            [field === 'displayName' ? 'openshift.io/display-name' : 'openshift.io/description']:
              text,
          }
    }
    const settings = {
      labels,
      annotations: {
        ...annotations,
        ...told('displayName'),
        ...told('description'),
        [REQUESTER]: by.user,
      },
    }
    const project = validName(name, PROJECT)
    if (!(await registry.projects.create(project, settings, by.user))) {
      throw new ObjectError(
        'AlreadyExists',
        `project.project.openshift.io "${name}" already exists`,
      )
    }
    const record = await registry.projects.find(project)
    if (!record)
      throw new ObjectError('Conflict', `project "${name}" was removed while it was made`)
    return json(c, 201, projectWire(PROJECT, name, record))
  }

  #shown(
    c: AppContext,
    resource: Resource,
    object: WireObject,
    code = 200,
    warnings: readonly string[] = [],
  ): Response {
    const headers: Record<string, string> =
      warnings.length === 0
        ? {}
        : { Warning: warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ') }
    if (!asksForTable(c.req.header('accept') ?? '')) return json(c, code, object, headers)
    const { resourceVersion = '' } = object.metadata
    return json(c, code, tableOf(resource, [object], { resourceVersion }, Date.now()), headers)
  }

  #listed(c: AppContext, resource: Resource, { items, metadata }: Listed): Response {
    if (asksForTable(c.req.header('accept') ?? '')) {
      return json(c, 200, tableOf(resource, items, metadata, Date.now()))
    }
    const kind = { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource) }
    // In a list the items need not say what they are.
    return json(c, 200, { ...kind, metadata, items })
  }
}

/** An empty document: clients then check nothing by themselves, and the registry checks all. */
function openApi(c: AppContext): Response {
  const protobuf = (c.req.header('accept') ?? '').includes('protobuf')
  const type = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
  if (protobuf)
    return new Response(new Uint8Array(), {
      headers: { 'content-type': type, 'content-length': '0' },
    })
  return json(c, 200, { swagger: '2.0', info: { title: 'Sluice', version: 'v1' }, paths: {} })
}

const notAllowed = (): ObjectError =>
  new ObjectError(
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
  )

/** JSON, or Kubernetes' protobuf; `undefined` for an empty body. */
async function bodyOf(c: AppContext, types: readonly string[]): Promise<unknown> {
  const bytes = await readBody(c, MAX_BODY, 'REQUEST_INVALID')
  if (bytes.byteLength === 0) return undefined
  const type = mediaType(c)
  if (type === PROTOBUF && types.includes(type)) return decodeProtobuf(bytes)
  if (type !== '' && !types.includes(type)) {
    const known = types.join(', ')
    const message = `the body of the request was in an unknown format - accepted media types include: ${known}`
    throw new ObjectError('UnsupportedMediaType', message)
  }
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    throw badRequest('the body of the request is not JSON')
  }
}

const mediaType = (c: AppContext): string =>
  (c.req.header('content-type') ?? '').split(';')[0]?.trim() ?? ''

const OBJECT_TYPES = ['application/json', PROTOBUF]

async function objectBody(c: AppContext): Promise<Members> {
  const object = await bodyOf(c, OBJECT_TYPES)
  if (isMembers(object)) return object
  throw badRequest('the body of the request is no object')
}

/** DeleteOptions, which need not be. */
async function optionalBody(c: AppContext): Promise<Members> {
  const object = await bodyOf(c, OBJECT_TYPES)
  return isMembers(object) ? object : {}
}

function json(
  c: AppContext,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const text = `${JSON.stringify(body)}\n`
  const all = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  }
  return new Response(c.req.method === 'HEAD' ? null : text, { status, headers: all })
}
