/**
 * An object of the admin API (`cluster` or `project#<project>`, `<kind>#<name>`). One that is `gone` stands in the place
 * of one that every registry has, and says that this registry has it no more.
 */
import type { Item, Value } from '../ports/table.ts'
import type { ObjectMeta, StoredObject } from '../stored-object.ts'

export function objectItem(meta: ObjectMeta, content: object): Item {
  const { uid, createdAt, labels, annotations } = meta
  const kept = JSON.parse(JSON.stringify(content)) as Value
  return {
    version: Number(meta.resourceVersion),
    uid,
    createdAt,
    labels,
    annotations,
    content: kept,
  }
}

export const goneItem = (version: number): Item => ({ version, gone: true })

export const isGone = (item: Item): boolean => item.gone === true

export const versionOf = (item: Item): number => item.version as number

export function objectRecord<Content>(
  item: Item,
  name: string,
  namespace: string | undefined,
): StoredObject<Content> {
  return {
    meta: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: item.uid as string,
      resourceVersion: String(versionOf(item)),
      createdAt: item.createdAt as number,
      labels: item.labels as Record<string, string>,
      annotations: item.annotations as Record<string, string>,
    },
    content: item.content as unknown as Content,
  }
}
