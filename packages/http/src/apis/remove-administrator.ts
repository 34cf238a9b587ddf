import type { Identity } from '@sluice/core/ports/identity-provider'
import type { AppContext, Parts } from '../app-environment.ts'
import { answerJson } from './answer-json.ts'
import type { ApiPath } from './api-path.ts'
import { forbidden } from './forbidden.ts'
import { isDryRun } from './is-dry-run.ts'
import { notAllowed } from './not-allowed.ts'
import { noteRequest } from './note-request.ts'
import { optionalBody } from './request-object.ts'
import { success } from './status.ts'

/**
 * The secret `kubeadmin` in `kube-system`: OpenShift keeps the password there, and has its owner delete it once somebody else
 * administrates.
 */
export async function removeAdministrator(
  c: AppContext,
  parts: Parts,
  path: ApiPath,
  by: Identity,
): Promise<Response> {
  const { administrator, rights } = parts.registry
  if (c.req.method !== 'DELETE') throw notAllowed()
  const where = { group: '', resource: 'secrets', namespace: 'kube-system', name: 'kubeadmin' }
  const check = { verb: 'delete', ...where }
  if (!(await rights.may(by, check, { fresh: true }))) throw forbidden(by, check)
  const dryRun = isDryRun(c, await optionalBody(c))
  await administrator.remove(dryRun)
  if (!dryRun) await noteRequest(c, parts, path, by, 'delete')
  return answerJson(c, 200, success({ name: 'kubeadmin', kind: 'secrets' }))
}
