import type { Answer } from '../answer.ts'
import type { DoorUnderTest } from '../door-under-test.ts'
import { JSON_TYPE } from './wire.ts'

/** Sends what has a body as JSON, unless told otherwise. */
export const sender =
  (door: DoorUnderTest) =>
  (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = JSON_TYPE,
  ): Promise<Answer> =>
    door.ask({
      method,
      path,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers }),
    })
