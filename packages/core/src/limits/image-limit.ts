/** The most bytes that one image may have, and so one blob of it: `max.storage` of the type `openshift.io/Image`. */
import type { RepositoryName } from '../repository-name.ts'
import { LimitError } from './limit-error.ts'
import { IMAGE_LIMIT, STORAGE } from './limit-range.ts'
import type { Limit, ProjectLimits } from './project-limits.ts'
import { quantityText } from './quantity.ts'

export const imageLimit = (limits: ProjectLimits | undefined): Limit | undefined =>
  limits?.max(IMAGE_LIMIT, STORAGE)

export function refuseBlob(limit: Limit | undefined, size: number): void {
  if (!limit || size <= limit.most) return
  const told = `refusing to write blob exceeding limit range ${limit.object}`
  throw new LimitError(exceeds(limit, size), told)
}

export function refuseImage(
  limit: Limit | undefined,
  repository: RepositoryName,
  size: number,
): void {
  if (limit && size > limit.most) throw new LimitError(exceeds(limit, size), creating(repository))
}

/** What OpenShift's registry logs when its API refuses an image. */
export const creating = (repository: RepositoryName): string =>
  `CreateImageStreamMapping: quota exceeded during creation of ${repository} ImageStreamMapping`

const exceeds = ({ text }: Limit, size: number): string =>
  `requested usage of ${STORAGE} exceeds the maximum limit per ${IMAGE_LIMIT} (${quantityText(size)} > ${text})`
