/** How far a check is, in the form of V8's own structured clone: Maps and Sets stay what they are, in their order. */
import type { CheckStateForm } from '@sluice/core/services/check-steps'
import { deserialize, serialize } from 'node:v8'

export const checkStateForm: CheckStateForm = {
  write: (state) => serialize(state),
  read: (bytes) => {
    try {
      return deserialize(bytes) as unknown
    } catch {
      // Cut short, or of a runtime that is newer than this one: the check begins anew.
      return undefined
    }
  },
}
