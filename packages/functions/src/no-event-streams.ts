/**
 * Takes the place of the SDK's event streams in a function's bundle (`infra/bundle-options.ts`). No operation that is
 * used here has one, and because the SDK loads them late, esbuild would keep all that they share with the rest whole.
 */

/** As `@smithy/core/event-streams` exports it; the client of S3 asks for one when it is made. */
export const eventStreamSerdeProvider = (): undefined => undefined

export const resolveEventStreamSerdeConfig = <T>(input: T): T => input

export function EventStreamSerde(): never {
  throw new Error('this bundle has no event streams')
}
