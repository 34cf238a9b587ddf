/** `projectrequests` of `project.openshift.io`: a project for whoever asks for one, and is to be its administrator. */
import { ObjectError } from '@sluice/core/object-error'
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { AppContext, Parts } from '../app-environment.ts'
import { answerJson } from './answer-json.ts'
import type { ApiPath } from './api-path.ts'
import { isDryRun } from './is-dry-run.ts'
import { notAllowed } from './not-allowed.ts'
import { noteRequest } from './note-request.ts'
import { CACHES, DEEP_NAMES, projectWire, PUBLIC, REQUESTER, validName } from './project-store.ts'
import { objectBody } from './request-object.ts'
import { success } from './status.ts'
import { draftOf, textOf, type Members } from './wire-object.ts'

const PROJECT = { apiVersion: 'project.openshift.io/v1', kind: 'Project', plural: 'projects' }

/** GET asks whether one may: OpenShift's clients do so before they offer it. */
export async function requestProject(
  c: AppContext,
  parts: Parts,
  path: ApiPath,
  by: Identity,
): Promise<Response> {
  const { rights, projects, caches } = parts.registry
  const reads = c.req.method === 'GET'
  if (!reads && c.req.method !== 'POST') throw notAllowed()
  const check = { verb: 'create', group: 'project.openshift.io', resource: 'projectrequests' }
  if (!(await rights.may(by, check, { fresh: true }))) {
    throw new ObjectError('Forbidden', 'You may not request a new project via this API.')
  }
  if (reads) return answerJson(c, 200, success({}))
  const object = await objectBody(c)
  if (isDryRun(c)) throw new ObjectError('BadRequest', 'a project request knows no dryRun')
  const { name, labels = {}, annotations = {} } = draftOf(object, {})
  // What would pass for a setting is none here: whoever may change projects sets it then.
  const { [PUBLIC]: _, [DEEP_NAMES]: __, [CACHES]: ___, ...noted } = annotations
  const told = {
    ...noted,
    ...textIn(object, 'displayName', 'openshift.io/display-name'),
    ...textIn(object, 'description', 'openshift.io/description'),
    [REQUESTER]: by.user,
  }
  const project = validName(name, PROJECT)
  // Who asks for a project is anybody; who creates one has been given that right.
  if (await caches?.isUsedAtRoot(project)) {
    const detail = `"${name}/..." is what some pull from the root upstream, which a project of that name would hide: choose another name, or have an administrator create the project`
    throw new ObjectError('Forbidden', detail)
  }
  if (!(await projects.create(project, { labels, annotations: told }, by.user))) {
    throw new ObjectError('AlreadyExists', `project.project.openshift.io "${name}" already exists`)
  }
  const record = await projects.find(project)
  if (!record) throw new ObjectError('Conflict', `project "${name}" was removed while it was made`)
  await noteRequest(c, parts, path, by, 'create')
  return answerJson(c, 201, projectWire(PROJECT, name, record))
}

function textIn(object: Members, field: string, annotation: string): Record<string, string> {
  const text = textOf(object[field], field)
  return text === '' ? {} : { [annotation]: text }
}
