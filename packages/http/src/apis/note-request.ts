import type { Identity } from '@sluice/core/ports/identity-provider'
import type { AppContext, Parts } from '../app-environment.ts'
import { note } from '../note.ts'
import type { ApiPath } from './api-path.ts'
import { qualified } from './resource.ts'

/** Tells of what is no object that is kept: a token, a project that somebody wished for, an administrator who is gone. */
export async function noteRequest(
  c: AppContext,
  parts: Parts,
  { group, plural, subresource, namespace, name = '' }: ApiPath,
  by: Identity,
  action: 'create' | 'delete',
): Promise<void> {
  const what = subresource === undefined ? plural : `${plural}/${subresource}`
  const resource = qualified({ plural: what, group })
  const target = { resource, ...(namespace === undefined ? {} : { namespace }), name }
  await note(c, parts, by, { kind: 'object', action, target })
}
