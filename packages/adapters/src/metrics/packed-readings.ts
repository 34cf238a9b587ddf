import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Readings } from './readings.ts'

/** A third of the text, and what a record takes is what its writes cost. */
export const packReadings = (readings: Readings): Uint8Array =>
  new Uint8Array(deflateRawSync(JSON.stringify(readings)))

export const unpackReadings = (packed: Uint8Array): Readings =>
  JSON.parse(inflateRawSync(packed).toString('utf8')) as Readings
