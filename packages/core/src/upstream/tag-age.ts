import type { Tag } from '../reference.ts'
import { matchesPattern } from './matches-pattern.ts'
import type { UpstreamSettings } from './upstream-settings.ts'

/** How long a tag is believed, in seconds: by the first pattern that matches it; not at all where none does. */
export const tagAge = ({ tagAges }: Pick<UpstreamSettings, 'tagAges'>, tag: Tag): number =>
  tagAges.find(({ pattern }) => matchesPattern(pattern, tag))?.seconds ?? 0
