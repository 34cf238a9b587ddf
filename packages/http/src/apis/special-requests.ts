/** Requests of the admin API that only answer: reviews, tokens, who one is, the wish for a project. */
import { ObjectError } from '@sluice/core/object-error'
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { ResourceAttributes } from '@sluice/core/rbac/attributes'
import type { AppContext, Parts } from '../app-environment.ts'
import { baseUrl } from '../base-url.ts'
import { answerJson } from './answer-json.ts'
import type { ApiPath } from './api-path.ts'
import { CACHE_ANSWERING, isCacheRequest, readCacheRequest } from './cache-requests.ts'
import { DEAD_LETTER_RETRIES, readDeadLetterRetry } from './dead-letter-retries.ts'
import type { Answering } from './discovery.ts'
import { forbidden } from './forbidden.ts'
import { IMAGE_STREAM_IMPORTS, importImages } from './image-stream-imports.ts'
import { isDryRun } from './is-dry-run.ts'
import { LOGIN_ISSUERS, loginIssuers } from './login-issuers.ts'
import { notAllowed } from './not-allowed.ts'
import { noteRequest } from './note-request.ts'
import { answerPodLog } from './pod-log.ts'
import { requestProject } from './project-requests.ts'
import { removeAdministrator } from './remove-administrator.ts'
import { objectBody } from './request-object.ts'
import { asksForOther, REVIEWS } from './reviews.ts'
import { showUser } from './show-user.ts'
import { requestToken } from './token-request.ts'
import type { Members } from './wire-object.ts'

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
      return removeAdministrator(c, this.#parts, path, by)
    }
    if (group === LOGIN_ISSUERS.group && plural === LOGIN_ISSUERS.plural && name === undefined) {
      if (c.req.method !== 'GET' && c.req.method !== 'HEAD') throw notAllowed()
      return answerJson(c, 200, loginIssuers(this.#parts.issuers))
    }
    if (group === 'user.openshift.io' && plural === 'users' && name !== undefined) {
      return showUser(c, this.#parts, by, name)
    }
    if (group === 'project.openshift.io' && plural === 'projectrequests' && name === undefined) {
      return requestProject(c, this.#parts, path, by)
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
    await noteRequest(c, this.#parts, path, by, 'create')
    return answerJson(c, 201, made)
  }
}
