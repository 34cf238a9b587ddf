/** The admin API: Kubernetes' own, as far as it concerns projects, roles, bindings and service accounts, for its own clients. */
import { ObjectError } from '@sluice/core/object-error'
import type { AppContext, Parts } from '../app-environment.ts'
import { baseUrl } from '../base-url.ts'
import { failedRequest } from '../failed-request.ts'
import { answerJson } from './answer-json.ts'
import { answerOpenApi2 } from './answer-openapi2.ts'
import { apiCaller } from './api-caller.ts'
import { apiPath, type ApiPath } from './api-path.ts'
import { discovery } from './discovery.ts'
import { noteObject } from './note-object.ts'
import { notAllowed } from './not-allowed.ts'
import { openApi3 } from './openapi.ts'
import { PATCH_TYPES } from './patch.ts'
import { bodyOf, mediaType, objectBody, optionalBody } from './request-object.ts'
import type { Listed } from './resource-lists.ts'
import type { ResourceRequest } from './resource-request.ts'
import { ResourceRequests } from './resource-requests.ts'
import { apiVersionOf, type Resource } from './resource.ts'
import { resourcesOf } from './resources.ts'
import { ANSWERING, SpecialRequests } from './special-requests.ts'
import { statusOf, success } from './status.ts'
import { asksForTable, tableOf } from './tables.ts'
import { warningHeader } from './warning-header.ts'
import { textOf, type Members, type WireObject } from './wire-object.ts'

/** Whoever speaks to a registry may know of what version it is; Kubernetes' clients ask for the version of that. */
const VERSION = { major: '1', minor: '34', gitVersion: 'v1.34.0+sluice', platform: 'sluice' }

export class ApisApp {
  readonly #parts: Parts
  readonly #requests: ResourceRequests
  readonly #special: SpecialRequests

  constructor(parts: Parts) {
    this.#parts = parts
    this.#requests = new ResourceRequests(parts.registry)
    this.#special = new SpecialRequests(parts)
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
      if (failure !== undefined) this.#parts.onFailure?.(failure, failedRequest(c))
      return answerJson(c, code, body, headers)
    }
  }

  async #answer(c: AppContext, path: ApiPath | undefined): Promise<Response> {
    // Strangers may know what there is; whoever says who he is must be it, whatever he asks.
    const by = await apiCaller(c, this.#parts)
    const known = c.req.path.replace(/\/$/, '')
    const { host } = new URL(baseUrl(c, this.#parts))
    const resources = resourcesOf(this.#parts.registry, host, this.#parts.parts)
    if (known === '/version') return answerJson(c, 200, VERSION)
    if (known === '/openapi/v2') return answerOpenApi2(c, resources)
    const document = known.startsWith('/openapi/v3') && openApi3(known, resources)
    if (document) return answerJson(c, 200, document)
    const found = discovery(known, [...resources, ...ANSWERING])
    if (found) {
      if (c.req.method !== 'GET' && c.req.method !== 'HEAD') throw notAllowed()
      return answerJson(c, 200, found)
    }
    if (!path) throw new ObjectError('NotFound', 'the server could not find the requested resource')
    const special = await this.#special.answer(c, path, by)
    if (special) return special
    const resource = resources.find(
      (one) =>
        one.group === path.group && one.version === path.version && one.plural === path.plural,
    )
    const fits =
      resource &&
      path.subresource === undefined &&
      // Of all projects at once there is the list alone.
      (resource.namespaced
        ? path.namespace !== undefined || path.name === undefined
        : path.namespace === undefined)
    if (!fits) throw new ObjectError('NotFound', 'the server could not find the requested resource')
    return this.#resource(c, { resource, path, by, query: (name) => c.req.query(name) })
  }

  async #resource(c: AppContext, request: ResourceRequest): Promise<Response> {
    const { resource, path } = request
    if (request.query('watch') === 'true' || request.query('watch') === '1') {
      const message = 'watch is not supported: list again when you want to know'
      throw new ObjectError('MethodNotAllowed', message)
    }
    const named = path.name !== undefined
    const everywhere = resource.namespaced && path.namespace === undefined
    if (everywhere && c.req.method !== 'GET' && c.req.method !== 'HEAD') throw notAllowed()
    switch (`${c.req.method} ${named ? 'object' : 'list'}`) {
      case 'GET object':
      case 'HEAD object':
        return this.#shown(c, resource, await this.#requests.get(request))
      case 'GET list':
      case 'HEAD list':
        return this.#listed(c, resource, await this.#requests.list(request))
      case 'POST list': {
        const { made, warnings } = await this.#requests.create(request, () => objectBody(c))
        await noteObject(c, this.#parts, request, 'create', made)
        return this.#shown(c, resource, made, 201, warnings)
      }
      case 'PUT object': {
        const { made, warnings } = await this.#requests.replace(request, () => objectBody(c))
        await noteObject(c, this.#parts, request, 'update', made)
        return this.#shown(c, resource, made, 200, warnings)
      }
      case 'PATCH object': {
        const read = () => bodyOf(c, PATCH_TYPES)
        const { made, warnings } = await this.#requests.patch(request, mediaType(c), read)
        await noteObject(c, this.#parts, request, 'update', made)
        return this.#shown(c, resource, made, 200, warnings)
      }
      case 'DELETE object': {
        let options: Members = {}
        const gone = await this.#requests.remove(
          request,
          async () => (options = await optionalBody(c)),
        )
        await noteObject(c, this.#parts, request, 'delete', gone, options)
        const { name, uid } = gone.metadata
        const what = { name: textOf(name, 'name'), kind: resource.plural, uid: textOf(uid, 'uid') }
        return answerJson(
          c,
          gone.metadata['deletionTimestamp'] === undefined ? 200 : 202,
          success(resource.group === '' ? what : { ...what, group: resource.group }),
        )
      }
      case 'DELETE list': {
        let options: Members = {}
        const gone = await this.#requests.removeAll(
          request,
          async () => (options = await optionalBody(c)),
        )
        for (const one of gone.items) {
          await noteObject(c, this.#parts, request, 'delete', one, options)
        }
        return this.#listed(c, resource, gone)
      }
      default:
        throw notAllowed()
    }
  }

  #shown(
    c: AppContext,
    resource: Resource,
    object: WireObject,
    code = 200,
    warnings: readonly string[] = [],
  ): Response {
    const headers = warningHeader(warnings)
    if (!asksForTable(c.req.header('accept') ?? '')) return answerJson(c, code, object, headers)
    const { resourceVersion = '' } = object.metadata
    return answerJson(
      c,
      code,
      tableOf(resource, [object], { resourceVersion }, Date.now()),
      headers,
    )
  }

  #listed(c: AppContext, resource: Resource, { items, metadata }: Listed): Response {
    if (asksForTable(c.req.header('accept') ?? '')) {
      return answerJson(c, 200, tableOf(resource, items, metadata, Date.now()))
    }
    const kind = { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource) }
    // In a list the items need not say what they are.
    return answerJson(c, 200, { ...kind, metadata, items })
  }
}
