/** Columns that tables of most kinds have. */
import type { Column } from './resource.ts'
import { textOf } from './wire-object.ts'

export const NAME: Column = {
  name: 'Name',
  cell: ({ metadata }) => textOf(metadata['name'], 'name'),
}
export const CREATED: Column = {
  name: 'Created At',
  type: 'date',
  cell: ({ metadata }) => textOf(metadata['creationTimestamp'], 'created') || '<unknown>',
}
export const AGE: Column = { ...CREATED, name: 'Age' }
