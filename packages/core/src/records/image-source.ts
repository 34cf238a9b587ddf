/** Where a repository of images of its own has something from that was imported (`services/imports.ts`). */
import type { Item, Value } from '../ports/table.ts'
import type { Tag } from '../reference.ts'

export interface ImageSource {
  /** The upstream's name, and what it calls the repository. */
  readonly upstream: string
  readonly repository: string
}

/** What a tag follows. */
export interface TagSource extends ImageSource {
  readonly tag: Tag
  /** It is asked for anew, now and then. */
  readonly scheduled: boolean
}

export const imageSource = (value: Value | undefined): ImageSource | undefined =>
  value as unknown as ImageSource | undefined

export const tagSource = (value: Value | undefined): TagSource | undefined =>
  value as unknown as TagSource | undefined

/** Without what more a tag's says. */
export const sourceItem = ({ upstream, repository }: ImageSource): Item => ({
  upstream,
  repository,
})
