/** An activity as a line of audit: OpenShift's names of operations and fields, one line for each thing that was done. */
import type { Activity, Deed, ImageAction, ImageTarget } from '../activity.ts'

/** Of what a client says of itself. */
const MOST_CHARACTERS = 256

type Fields = Readonly<Record<string, string | number | undefined>>

const OPERATIONS: Readonly<
  Record<ImageTarget['what'], Readonly<Partial<Record<ImageAction, string>>>>
> = {
  manifest: {
    push: 'ManifestService.Put',
    pull: 'ManifestService.Get',
    delete: 'ManifestService.Delete',
  },
  blob: {
    push: 'BlobWriter.Commit',
    pull: 'BlobStore.ServeBlob',
    mount: 'BlobStore.Mount',
    delete: 'BlobStore.Delete',
  },
  tag: { push: 'TagService.Tag', delete: 'TagService.Untag' },
  repository: { delete: 'Repository.Delete' },
}

/** No token, no password, no query of the request is in it; whoever writes it escapes what could forge a line. */
export function auditLine({ id, deed, actor, request }: Activity): {
  readonly message: string
  readonly fields: Fields
} {
  const { message, fields } = told(deed)
  return {
    message,
    fields: {
      'openshift.logger': 'audit',
      'openshift.request.status': deed.kind === 'login' ? 'error' : 'success',
      'openshift.auth.user': actor?.user,
      'openshift.auth.userid': actor?.uid,
      'openshift.auth.impersonator': actor?.impersonator,
      ...fields,
      'http.request.id': request.id,
      'http.request.method': request.method,
      'http.request.host': short(request.host),
      'http.request.remoteaddr': request.addr,
      'http.request.useragent': short(request.userAgent),
      'event.id': id,
    },
  }
}

function told(deed: Deed): { readonly message: string; readonly fields: Fields } {
  if (deed.kind === 'login') {
    const user = deed.user === undefined ? undefined : short(deed.user)
    const fields = { 'openshift.auth.user': user, 'openshift.request.error': deed.refused }
    return { message: 'login', fields }
  }
  if (deed.kind === 'object') {
    const { resource, namespace, name, role, subjects } = deed.target
    const fields = {
      'object.resource': resource,
      'object.namespace': namespace,
      'object.name': name,
      'object.role': role,
      'object.subjects': subjects?.join(','),
    }
    return { message: `${deed.action} ${resource}`, fields }
  }
  const { what, repository, digest, tag, mediaType, size, fromRepository } = deed.target
  const fields = {
    'vars.name': repository,
    'vars.reference': tag,
    'vars.digest': digest,
    'vars.mediatype': mediaType,
    'vars.size': size,
    'vars.from': fromRepository,
  }
  return { message: OPERATIONS[what][deed.action] ?? `${what} ${deed.action}`, fields }
}

const short = (text: string): string =>
  text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}...`
