/**
 * What a door that nobody can ask has counted since its last line, as a property of a line of its log. Environments are told
 * apart by an id that each draws, and their lines by numbers without a gap, so that a line can be counted once however often it
 * comes.
 */
import { jsonObject } from '../shared/json-object.ts'
import { READINGS_VERSION, type Readings } from './readings.ts'

/** The name of the property. */
export const METER_PROPERTY = 'meter'

export interface MeteredLine {
  /** 32 hex digits. */
  readonly environment: string
  /** From 1. */
  readonly sequence: number
  /** When it was written; milliseconds since the epoch. */
  readonly at: number
  readonly readings: Readings
}

/** `undefined` for what is no such line, or cannot be counted. */
export function parseMeteredLine(text: string): MeteredLine | undefined {
  const { [METER_PROPERTY]: meter, _aws: aws } = jsonObject(text)
  if (!isObject(meter) || !isObject(aws)) return undefined
  const { environment, sequence, readings } = meter
  const at = aws['Timestamp']
  if (typeof environment !== 'string' || !/^[0-9a-f]{32}$/.test(environment)) return undefined
  if (!Number.isSafeInteger(sequence) || (sequence as number) < 1) return undefined
  if (typeof at !== 'number' || !Number.isFinite(at) || !isReadings(readings)) return undefined
  return { environment, sequence: sequence as number, at, readings }
}

const isReadings = (value: unknown): value is Readings =>
  isObject(value) &&
  value['version'] === READINGS_VERSION &&
  isObject(value['families']) &&
  Object.values(value['families']).every((rows) => Array.isArray(rows) && rows.every(isRow))

const isRow = (row: unknown): boolean =>
  Array.isArray(row) &&
  Array.isArray(row[0]) &&
  row[0].every((label) => typeof label === 'string') &&
  // Nothing that is counted ever goes back.
  isNumber(row[1]) &&
  (row[1] as number) >= 0 &&
  (row[2] === undefined || isNumber(row[2])) &&
  (row[3] === undefined || (Array.isArray(row[3]) && row[3].every(isSlot)))

const isSlot = (slot: unknown): boolean =>
  Array.isArray(slot) &&
  Number.isSafeInteger(slot[0]) &&
  Array.isArray(slot[1]) &&
  slot[1].every((cell) =>
    Array.isArray(cell) ? cell.length === 2 && cell.every(isNumber) : isNumber(cell),
  )

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
