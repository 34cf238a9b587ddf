import { expect } from 'vitest'
import type { Sluice } from '../openshift/sluice-command.ts'

export interface Found {
  readonly probe: string
  readonly outcome: 'fails' | 'holds' | 'left out'
  readonly detail: string
  readonly fix?: string
}

/** What `sluice doctor` finds, whether it ends with 0 or with 1. */
export async function examine(sluice: Sluice, ...args: string[]): Promise<readonly Found[]> {
  const command = ['doctor', ...args, '-o', 'json']
  const { said, ended } = await sluice(command).then(
    (text) => ({ said: text, ended: 0 }),
    (error: Error) => {
      expect(error.message).toMatch(/ended with 1:\nerror: \d+ hold, /)
      return { said: error.message.slice(error.message.indexOf('\n{')), ended: 1 }
    },
  )
  const { holds, findings } = JSON.parse(said) as {
    readonly holds: boolean
    readonly findings: readonly Found[]
  }
  expect(holds).toBe(ended === 0)
  expect(findings.every(({ outcome, fix }) => (outcome === 'fails') === (fix !== undefined))).toBe(
    true,
  )
  return findings
}

export const named = (findings: readonly Found[], outcome: Found['outcome']): readonly string[] =>
  findings.filter((one) => one.outcome === outcome).map(({ probe }) => probe)
