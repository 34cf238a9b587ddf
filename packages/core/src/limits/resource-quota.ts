/** What a project's ResourceQuota says: the most that all of the project may come to. */
import type { Quantities } from './limit-range.ts'

export const STREAMS = 'openshift.io/imagestreams'

export interface ResourceQuotaContent {
  readonly hard: Quantities
}
