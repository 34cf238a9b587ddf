/** Requests of the admin API that only answer: reviews, tokens, who one is, the wish for a project. */
import { ObjectError } from '@sluice/core/object-error'
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { ResourceAttributes } from '@sluice/core/rbac/attributes'
import type { AppContext, Parts } from '../app-environment.ts'
import { baseUrl } from '../base-url.ts'
import { note } from '../note.ts'
import { answerJson } from './answer-json.ts'
import type { ApiPath } from './api-path.ts'
import { CACHE_ANSWERING, isCacheRequest, readCacheRequest } from './cache-requests.ts'
import { DEAD_LETTER_RETRIES, readDeadLetterRetry } from './dead-letter-retries.ts'
import type { Answering } from './discovery.ts'
import { forbidden } from './forbidden.ts'
import { IMAGE_STREAM_IMPORTS, importImages } from './image-stream-imports.ts'
import { LOGIN_ISSUERS, loginIssuers } from './login-issuers.ts'
import { notAllowed } from './not-allowed.ts'
import { projectWire, REQUESTER, validName } from './project-store.ts'
import { objectBody, optionalBody } from './request-object.ts'
import { qualified } from './resource.ts'
import { asksForOther, REVIEWS } from './reviews.ts'
import { answerPodLog } from './pod-log.ts'
import { success } from './status.ts'
import { requestToken } from './token-request.ts'
import { draftOf, textOf, type Members } from './wire-object.ts'

const PROJECT = { apiVersion: 'project.openshift.io/v1', kind: 'Project', plural: 'projects' }

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

export const ANSWERING: readonly Answering[] = [
  ...Object.keys(REVIEWS).map(answering),
  ...CACHE_ANSWERING,
  DEAD_LETTER_RETRIES,
  LOGIN_ISSUERS,
  IMAGE_STREAM_IMPORTS,
  {
    group: '',
    version: 'v1',
    plural: 'serviceaccounts/token',
    kind: 'TokenRequest',
    namespaced: true,
    verbs: ['create'],
  },
  {
    group: '',
    version: 'v1',
    plural: 'pods/log',
    kind: 'Pod',
    namespaced: true,
    verbs: ['get'],
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

const isDryRun = (c: AppContext, { dryRun }: Readonly<Record<string, unknown>> = {}): boolean =>
  c.req.query('dryRun') !== undefined || (Array.isArray(dryRun) && dryRun.length > 0)

export class SpecialRequests {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** What is no object that is kept. */
  async answer(c: AppContext, path: ApiPath, by: Identity): Promise<Response | undefined> {
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
      return answerJson(c, 201, {
        kind: KINDS[plural],
        apiVersion,
        metadata: {},
        ...(await review(registry, request)),
      })
    }
    if (name === undefined && namespace !== undefined && isCacheRequest(group, plural)) {
      if (c.req.method !== 'POST') throw notAllowed()
      const { right, answer } = readCacheRequest(plural, namespace, await objectBody(c))
      return this.#made(c, path, by, right, () => answer(registry))
    }
    if (
      name === undefined &&
      group === DEAD_LETTER_RETRIES.group &&
      plural === DEAD_LETTER_RETRIES.plural
    ) {
      if (c.req.method !== 'POST') throw notAllowed()
      const { right, answer } = readDeadLetterRetry(await objectBody(c))
      return this.#made(c, path, by, right, () => answer(registry))
    }
    if (
      plural === 'serviceaccounts' &&
      subresource === 'token' &&
      namespace !== undefined &&
      name !== undefined
    ) {
      if (c.req.method !== 'POST') throw notAllowed()
      const right = { ...asked, subresource, name }
      return this.#made(c, path, by, right, async () =>
        requestToken(c, this.#parts, namespace, name, await objectBody(c)),
      )
    }
    if (
      group === '' &&
      plural === 'pods' &&
      subresource === 'log' &&
      namespace !== undefined &&
      name !== undefined
    ) {
      if (c.req.method !== 'GET') throw notAllowed()
      const check = { ...asked, verb: 'get', subresource, name }
      if (!(await registry.rights.may(by, check, { fresh: true }))) throw forbidden(by, check)
      return answerPodLog(c, this.#parts, namespace, name)
    }
    if (
      group === IMAGE_STREAM_IMPORTS.group &&
      plural === IMAGE_STREAM_IMPORTS.plural &&
      namespace !== undefined &&
      name === undefined
    ) {
      if (c.req.method !== 'POST') throw notAllowed()
      return this.#made(c, path, by, asked, async () => {
        const object = await objectBody(c)
        const { host } = new URL(baseUrl(c, this.#parts))
        return importImages(registry, by, namespace, object, host)
      })
    }
    if (
      group === '' &&
      plural === 'secrets' &&
      namespace === 'kube-system' &&
      name === 'kubeadmin'
    ) {
      return this.#administrator(c, path, by)
    }
    if (group === LOGIN_ISSUERS.group && plural === LOGIN_ISSUERS.plural && name === undefined) {
      if (c.req.method !== 'GET' && c.req.method !== 'HEAD') throw notAllowed()
      return answerJson(c, 200, loginIssuers(this.#parts.issuers))
    }
    if (group === 'user.openshift.io' && plural === 'users' && name !== undefined) {
      return this.#user(c, by, name)
    }
    if (group === 'project.openshift.io' && plural === 'projectrequests' && name === undefined) {
      return this.#projectRequest(c, path, by)
    }
    return undefined
  }

  /** What is done at once, by making an object that nobody keeps: it cannot be only tried. */
  async #made(
    c: AppContext,
    path: ApiPath,
    by: Identity,
    right: ResourceAttributes,
    make: () => Promise<Members>,
  ): Promise<Response> {
    const may = await this.#parts.registry.rights.may(by, right, { fresh: true })
    if (!may) throw forbidden(by, right)
    if (isDryRun(c)) throw new ObjectError('BadRequest', `${path.plural} know no dryRun`)
    const made = await make()
    await this.#note(c, path, by, 'create')
    return answerJson(c, 201, made)
  }

  /** Tells of what is no object that is kept: a token, a project that somebody wished for, an administrator who is gone. */
  async #note(
    c: AppContext,
    { group, plural, subresource, namespace, name = '' }: ApiPath,
    by: Identity,
    action: 'create' | 'delete',
  ): Promise<void> {
    const what = subresource === undefined ? plural : `${plural}/${subresource}`
    const resource = qualified({ plural: what, group })
    const target = { resource, ...(namespace === undefined ? {} : { namespace }), name }
    await note(c, this.#parts, by, { kind: 'object', action, target })
  }

  async #user(c: AppContext, by: Identity, name: string): Promise<Response> {
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
    return answerJson(c, 200, { ...user, identities: null, groups: by.groups })
  }

  /** OpenShift keeps the password there, and has its owner delete it once somebody else administrates. */
  async #administrator(c: AppContext, path: ApiPath, by: Identity): Promise<Response> {
    if (c.req.method !== 'DELETE') throw notAllowed()
    const where = { group: '', resource: 'secrets', namespace: 'kube-system', name: 'kubeadmin' }
    const check = { verb: 'delete', ...where }
    if (!(await this.#parts.registry.rights.may(by, check, { fresh: true })))
      throw forbidden(by, check)
    const dryRun = isDryRun(c, await optionalBody(c))
    await this.#parts.registry.administrator.remove(dryRun)
    if (!dryRun) await this.#note(c, path, by, 'delete')
    return answerJson(c, 200, success({ name: 'kubeadmin', kind: 'secrets' }))
  }

  /** GET asks whether one may: OpenShift's clients do so before they offer it. */
  async #projectRequest(c: AppContext, path: ApiPath, by: Identity): Promise<Response> {
    const { registry } = this.#parts
    const reads = c.req.method === 'GET'
    if (!reads && c.req.method !== 'POST') throw notAllowed()
    const check = { verb: 'create', group: 'project.openshift.io', resource: 'projectrequests' }
    if (!(await registry.rights.may(by, check, { fresh: true }))) {
      throw new ObjectError('Forbidden', 'You may not request a new project via this API.')
    }
    if (reads) return answerJson(c, 200, success({}))
    const object = await objectBody(c)
    if (isDryRun(c)) throw new ObjectError('BadRequest', 'a project request knows no dryRun')
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
    // Who asks for a project is anybody; who creates one has been given that right.
    if (await registry.caches?.isUsedAtRoot(project)) {
      const detail = `"${name}/..." is what some pull from the root upstream, which a project of that name would hide: choose another name, or have an administrator create the project`
      throw new ObjectError('Forbidden', detail)
    }
    if (!(await registry.projects.create(project, settings, by.user))) {
      throw new ObjectError(
        'AlreadyExists',
        `project.project.openshift.io "${name}" already exists`,
      )
    }
    const record = await registry.projects.find(project)
    if (!record)
      throw new ObjectError('Conflict', `project "${name}" was removed while it was made`)
    await this.#note(c, path, by, 'create')
    return answerJson(c, 201, projectWire(PROJECT, name, record))
  }
}
