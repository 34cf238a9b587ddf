/** What must stop a deployment does: each of these checks bites. */
import { describe, expect, it } from 'vitest'
import type { Edits } from './copy-project.ts'
import { diffStage } from './diff-stage.ts'
import { expectGrants, expectTrust } from './expect-roles.ts'
import { openSstProject, type Ended, type SstProject } from './sst-project.ts'

const PATIENCE = 300_000

const inProject = async (
  edits: Edits,
  work: (project: SstProject) => Promise<Ended>,
): Promise<Ended> => {
  const project = await openSstProject(edits)
  try {
    return await work(project)
  } finally {
    project.close()
  }
}

const appended = (text: string) => (before: string) => `${before}\n${text}\n`

const spoilt = (settings: string): string =>
  settings
    .replace("region: 'eu-west-1'", "region: 'Ireland'")
    .replace('sweepMinutes: 60', 'sweepMinutes: 0')

describe('the configuration', () => {
  it(
    "holds SST's own types",
    async () => {
      const checked = await inProject({}, (project) => project.typeCheck())
      expect(checked).toEqual({ code: 0, output: '' })
    },
    PATIENCE,
  )

  it(
    'does not pass with an error of types, wherever it stands',
    async () => {
      const { code, output } = await inProject(
        {
          'infra/table.ts': appended("new sst.aws.Dynamo('Planted', { fields: { pk: 'text' } })"),
          'infra/settings.ts': appended("export const planted: Settings['stages'] = { x: {} }"),
          'sst.config.ts': appended('export const planted: number = $app.stage'),
        },
        (project) => project.typeCheck(),
      )
      expect(code).not.toBe(0)
      expect(output).toMatch(/^infra\/table\.ts.*TS2322/m)
      expect(output).toMatch(/^infra\/settings\.ts.*TS2322/m)
      expect(output).toMatch(/^sst\.config\.ts.*TS2322/m)
    },
    PATIENCE,
  )

  it.for<[what: string, path: string, edit: Edits[string], message: string]>([
    [
      'without the file of a handler',
      'packages/functions/src/sweep.ts',
      undefined,
      'Could not resolve "packages/functions/src/sweep.ts"',
    ],
    [
      'a function that imports what is not there',
      'packages/functions/src/api.ts',
      appended("import './planted.ts'"),
      'Could not resolve "./planted.ts"',
    ],
  ])('does not deploy %s', { timeout: PATIENCE }, async ([, path, edit, message]) => {
    const { code, output } = await inProject({ [path]: edit }, (project) =>
      project.diffInWords('dev'),
    )
    expect(code).not.toBe(0)
    expect(output).toContain(message)
  })

  it(
    'says all that is wrong with the settings, a line each',
    async () => {
      const { code, output } = await inProject({ 'infra/settings.ts': spoilt }, (project) =>
        project.diffInWords('dev'),
      )
      expect(code).not.toBe(0)
      expect(output).toContain(
        'infra/settings.ts cannot be deployed:\n' +
          '  region is "Ireland": wanted is a region such as eu-west-1\n' +
          '  sweepMinutes is 0: wanted is a whole number from 5 to 1440\n',
      )
    },
    PATIENCE,
  )

  it(
    'does not pass with a grant too many, or a role that trusts too many',
    async () => {
      const graph = await diffStage('dev', {
        'infra/grants.ts': (text) => text.replace("'dynamodb:Scan'", "'dynamodb:*'"),
        'infra/functions.ts': (text) => text.replace('args.assumeRolePolicy =', 'void'),
      })
      expect(() => expectGrants(graph, 'dev')).toThrow(/SweepRole/)
      expect(() => expectTrust(graph)).toThrow(/Role/)
    },
    PATIENCE,
  )
})
