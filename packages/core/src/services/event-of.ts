/**
 * An activity as distribution writes an event, in JSON, which leaves out what is `undefined`; what sends it puts it into an
 * envelope.
 * https://distribution.github.io/distribution/about/notifications/
 */
import type { Activity, Deed, ImageTarget } from '../activity.ts'

export const EVENTS_MEDIA_TYPE = 'application/vnd.docker.distribution.events.v2+json'

export interface EventSource {
  /** The machine or function that answered the request. */
  readonly addr: string
  /** Another one after each start. */
  readonly instanceID: string
}

export interface ImageActivity extends Activity {
  readonly deed: Extract<Deed, { readonly kind: 'image' }>
}

export function eventOf({ id, at, deed, actor, request }: ImageActivity, source: EventSource) {
  const { repository, digest, tag, mediaType, size, fromRepository } = deed.target
  return {
    id,
    timestamp: new Date(at).toISOString(),
    action: deed.action,
    target: {
      mediaType,
      digest,
      size,
      length: size,
      repository,
      fromRepository,
      url: urlOf(deed.action, deed.target, request.baseUrl),
      tag,
    },
    request: {
      id: request.id,
      addr: request.addr,
      host: request.host,
      method: request.method,
      useragent: request.userAgent,
    },
    actor: actor ? { name: actor.user } : {},
    source,
  }
}

/** What is gone has no address. */
function urlOf(
  action: string,
  { what, repository, digest }: ImageTarget,
  baseUrl: string,
): string | undefined {
  if (action === 'delete' || digest === undefined) return undefined
  return `${baseUrl}/v2/${repository}/${what === 'blob' ? 'blobs' : 'manifests'}/${digest}`
}
