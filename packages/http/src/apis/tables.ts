/** Lists as tables, for clients that show them: `Accept: application/json;as=Table;v=v1;g=meta.k8s.io`. */
import { ageOf } from './age.ts'
import type { Resource } from './resource.ts'
import type { WireObject } from './wire-object.ts'

export const asksForTable = (accept: string): boolean =>
  /application\/json\s*;[^,]*\bas=Table\b/.test(accept)

export function tableOf(
  { columns }: Pick<Resource, 'columns'>,
  items: readonly WireObject[],
  metadata: object,
  now: number,
): object {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(({ name, priority = 0 }) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: name,
      priority,
    })),
    rows: items.map((item) => ({
      cells: columns.map(({ name, type, cell }) =>
        type === 'date' && name === 'Age' ? ageOf(cell(item), now) : cell(item),
      ),
      object: {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: item.metadata,
      },
    })),
  }
}
