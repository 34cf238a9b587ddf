import { expect } from 'vitest'
import { json, type Answer } from './answer.ts'

export interface Refusal {
  readonly status: number
  readonly code: string
  /** One for each error of the answer. */
  readonly details: readonly unknown[]
}

interface WireError {
  readonly code: string
  readonly message: string
  readonly detail: unknown
}

/** Reads an error as the specification words it; fails where it is worded otherwise or does not help. */
export function refusal(answer: Answer): Refusal {
  expect(answer.headers['content-type']).toBe('application/json')
  const { errors } = json(answer) as { readonly errors: readonly WireError[] }
  expect(errors.length).toBeGreaterThan(0)
  for (const error of errors) {
    expect(Object.keys(error)).toEqual(['code', 'message', 'detail'])
    expect(error.code).toMatch(/^[A-Z_]+$/)
    expect(error.message).not.toBe('')
    expect(JSON.stringify(error.detail).length).toBeGreaterThan(10)
  }
  const codes = new Set(errors.map((error) => error.code))
  expect(codes.size).toBe(1)
  return {
    status: answer.status,
    code: errors[0]?.code ?? '',
    details: errors.map((error) => error.detail),
  }
}

/** The refusal is this one; answers what it says. */
export function expectRefusal(answer: Answer, status: number, code: string): readonly unknown[] {
  const { details, ...refused } = refusal(answer)
  expect(refused).toEqual({ status, code })
  return details
}
