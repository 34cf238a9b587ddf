/** What a request of the admin API brings. */
import { isDeeperThan } from '@sluice/core/is-deeper-than'
import { ObjectError } from '@sluice/core/object-error'
import type { AppContext } from '../app-environment.ts'
import { readBody } from '../request-body.ts'
import { decodeProtobuf, PROTOBUF } from './protobuf.ts'
import { badRequest, isMembers, type Members } from './wire-object.ts'

const MAX_BODY = 1024 * 1024
const MAX_LEVELS = 64
const JSON_TYPE = 'application/json'

/** JSON, or Kubernetes' protobuf; `undefined` for an empty body. */
export async function bodyOf(c: AppContext, types: readonly string[]): Promise<unknown> {
  const bytes = await readBody(c, MAX_BODY, 'REQUEST_INVALID')
  if (bytes.byteLength === 0) return undefined
  const type = mediaType(c) || typeOfUntyped(c)
  if (type === PROTOBUF && types.includes(type)) return decodeProtobuf(bytes)
  if (!types.includes(type)) {
    const known = types.join(', ')
    const message = `the body of the request was in an unknown format - accepted media types include: ${known}`
    throw new ObjectError('UnsupportedMediaType', message)
  }
  if (isDeeperThan(bytes, MAX_LEVELS))
    throw badRequest(`the body of the request has more than ${MAX_LEVELS} levels`)
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    throw badRequest('the body of the request is not JSON')
  }
}

/**
 * kubectl 1.20 sends accounts without a type. So can a page of another site, with the credentials that a browser keeps, and it could
 * not name a type that is taken here; but a browser says where its requests come from.
 */
const typeOfUntyped = (c: AppContext): string =>
  c.req.header('origin') === undefined && c.req.header('sec-fetch-site') === undefined
    ? JSON_TYPE
    : ''

export const mediaType = (c: AppContext): string =>
  (c.req.header('content-type') ?? '').split(';')[0]?.trim() ?? ''

const OBJECT_TYPES = [JSON_TYPE, PROTOBUF]

export async function objectBody(c: AppContext): Promise<Members> {
  const object = await bodyOf(c, OBJECT_TYPES)
  if (isMembers(object)) return object
  throw badRequest('the body of the request is no object')
}

/** DeleteOptions, which need not be. */
export async function optionalBody(c: AppContext): Promise<Members> {
  const object = await bodyOf(c, OBJECT_TYPES)
  return isMembers(object) ? object : {}
}
