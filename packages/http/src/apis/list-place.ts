/** How much of a list is asked for, and where it goes on. https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks */
import { ObjectError } from '@sluice/core/object-error'
import { badRequest } from './wire-object.ts'

export interface ListPlace {
  /** In a list of all projects: the one to go on in. */
  readonly namespace?: string | undefined
  /** What its store calls the last object of the page before; absent at the beginning. */
  readonly after?: string | undefined
}

const DEFAULT_LIMIT = 1_000_000

export function limitOf(text: string | undefined): number {
  const limit = Number(text ?? 0)
  if (!Number.isInteger(limit) || limit < 0) throw badRequest('limit must be a whole number')
  return limit === 0 ? DEFAULT_LIMIT : limit
}

export const continueText = (place: ListPlace): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url')

export function placeOf(text: string | undefined): ListPlace {
  if (!text) return {}
  try {
    const place = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as ListPlace
    const named = [place.namespace, place.after].filter((one) => one !== undefined)
    if (named.length > 0 && named.every((one) => typeof one === 'string')) return place
  } catch {
    // Told below.
  }
  throw expired()
}

/** A place that no answer named, or that is none any more. */
export const expired = (): ObjectError =>
  new ObjectError('Expired', 'The provided continue parameter is not valid: start the list anew')
