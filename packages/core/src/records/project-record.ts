/** A project (`project#<project> meta`, and `projects <project>` for listing). */
import { ProjectLimits } from '../limits/project-limits.ts'
import type { Item } from '../ports/table.ts'

export interface ProjectRecord {
  /** Anyone may pull. */
  readonly public: boolean
  /** Repositories of more than two levels are allowed. */
  readonly deepNames: boolean
  /** The upstream that it caches; such a project takes no pushes. */
  readonly upstream: string | undefined
  readonly createdAt: number
  readonly uid: string
  /** Grows with every change. */
  readonly version: number
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** `undefined`: everything is let in. */
  readonly limits: ProjectLimits | undefined
  /** Random, and another after each push that a quota counts (`services/limits.ts`); empty where there never was a limit. */
  readonly turn: string
}

type Texts = Readonly<Record<string, string>>

/** Records of before there were rights have neither uid nor version. */
export const projectRecord = (item: Item): ProjectRecord => ({
  public: item.public === true,
  deepNames: item.deepNames === true,
  upstream: item.upstream as string | undefined,
  createdAt: item.createdAt as number,
  uid: (item.uid as string | undefined) ?? '',
  version: (item.version as number | undefined) ?? 0,
  labels: (item.labels as Texts | undefined) ?? {},
  annotations: (item.annotations as Texts | undefined) ?? {},
  limits: ProjectLimits.of(item),
  turn: (item.turn as string | undefined) ?? '',
})
