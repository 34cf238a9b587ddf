import { createHash } from 'node:crypto'

/** Bytes that do not compress and are the same for the same name. */
export const contentOf = (name: string, length: number): Buffer =>
  createHash('shake256', { outputLength: length }).update(name).digest()
