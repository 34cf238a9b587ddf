/** Tells of a change of an object: of an image stream or a tag as of what it is, a thing of the registry. */
import type { Deed, ObjectTarget } from '@sluice/core/activity'
import { IMAGE_GROUP } from '@sluice/core/rbac/attributes'
import type { AppContext, Parts } from '../app-environment.ts'
import { note } from '../note.ts'
import { repositoryOf, streamTagOf } from './image-names.ts'
import type { ResourceRequest } from './resource-request.ts'
import { qualified, type Resource } from './resource.ts'
import { isMembers, shownText, type Json, type Members, type WireObject } from './wire-object.ts'

type Action = Extract<Deed, { readonly kind: 'object' }>['action']

/**
 * `object`: as it is now, or was before it was removed; `options`: of its removal. What only tries (`dryRun`) is nothing
 * that was done.
 */
export async function noteObject(
  c: AppContext,
  parts: Parts,
  { resource, by }: ResourceRequest,
  action: Action,
  object: WireObject,
  options: Members = {},
): Promise<void> {
  if (c.req.query('dryRun') !== undefined || options['dryRun'] !== undefined) return
  await note(c, parts, by, deedOf(resource, action, object))
}

function deedOf(resource: Resource, action: Action, object: WireObject): Deed {
  const { metadata } = object
  const name = shownText(metadata['name'])
  const namespace = metadata['namespace']
  const project = typeof namespace === 'string' ? namespace : undefined
  if (action === 'delete' && resource.group === IMAGE_GROUP) {
    const repository = resource.plural === 'imagestreams' && repositoryOf(project, name)
    if (repository) return { kind: 'image', action, target: { what: 'repository', repository } }
    const named = resource.plural === 'imagestreamtags' && streamTagOf(project, name)
    if (named) return { kind: 'image', action, target: { what: 'tag', ...named } }
  }
  const target: ObjectTarget = {
    resource: qualified(resource),
    ...(project === undefined ? {} : { namespace: project }),
    name,
    ...grantOf(object),
  }
  return { kind: 'object', action, target }
}

/** Of a binding. */
function grantOf({ roleRef, subjects }: WireObject): Pick<ObjectTarget, 'role' | 'subjects'> {
  if (!isMembers(roleRef) || !Array.isArray(subjects)) return {}
  return {
    role: `${shownText(roleRef['kind'])}/${shownText(roleRef['name'])}`,
    subjects: subjects.map(subjectText),
  }
}

function subjectText(subject: Json): string {
  if (!isMembers(subject)) return ''
  const { kind, namespace, name } = subject
  const where = typeof namespace === 'string' && namespace !== '' ? `${namespace}/` : ''
  return `${shownText(kind)}:${where}${shownText(name)}`
}
