import { LightHeaders } from './light-headers.ts'
import { LightResponse } from './light-response.ts'

/**
 * Puts this room's own `Response` and `Headers` in the place of Node's, for the whole process. Node's come with all that
 * `fetch` needs, which nobody here calls, and which takes a sixth of a cold start to load. For a door, before its first
 * request: an event carries whole bodies and plain headers, and nothing of them needs more than these can.
 */
export function useLightFetch(): void {
  // Assigned, not defined: to define a property Node looks at the one before, and loads its own.
  Object.assign(globalThis, { Response: LightResponse, Headers: LightHeaders })
}
