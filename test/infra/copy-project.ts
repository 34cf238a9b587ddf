import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const REPOSITORY = join(import.meta.dirname, '../..')

const COPIED = ['sst.config.ts', 'package.json', 'tsconfig.json', 'infra', 'packages']

const SETTINGS = 'infra/settings.ts'

/** Files by path from the root, each a function from its text to another; absent for a file that is to go. */
export type Edits = Readonly<Record<string, ((text: string) => string) | undefined>>

/** What SST needs of the repository, under `root`, edited; its settings with a host name, as an owner would. */
export function copyProject(root: string, edits: Edits = {}): void {
  for (const name of COPIED) {
    cpSync(join(REPOSITORY, name), join(root, name), {
      recursive: true,
      filter: (path) => !path.endsWith('node_modules'),
    })
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'))
  applyEdit(join(root, SETTINGS), (text) => text.replaceAll('example.com', 'sluice.test'))
  for (const [path, edit] of Object.entries(edits)) applyEdit(join(root, path), edit)
}

function applyEdit(path: string, edit: Edits[string]): void {
  if (!edit) {
    rmSync(path)
    return
  }
  const before = readFileSync(path, 'utf8')
  const after = edit(before)
  if (after === before) throw new Error(`the edit changes nothing in ${path}`)
  writeFileSync(path, after)
}
