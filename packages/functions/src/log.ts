import { functionLog } from './function-log.ts'

/** Of all that runs in this environment. */
export const log = functionLog()
