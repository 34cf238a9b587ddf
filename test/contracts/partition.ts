import { randomUUID } from 'node:crypto'

/** A partition that no other test has. */
export const partition = (): string => `test#${randomUUID()}`
