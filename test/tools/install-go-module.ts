import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { requireGo } from './install-go-tool.ts'
import { runInstaller } from './run-installer.ts'
import { toolCache } from './tool-cache.ts'
import type { Tool } from './tools.ts'

type GoModule = Extract<Tool, { kind: 'go-module' }>

export const goModulePath = (name: string, tool: GoModule): string =>
  join(toolCache(), `${name}-${tool.version}`, tool.program)

/** Builds a module that lies beside this file, with the versions of its go.sum; aside, and renamed when it is finished. */
export async function installGoModule(name: string, tool: GoModule): Promise<void> {
  await requireGo()
  mkdirSync(toolCache(), { recursive: true })
  const building = mkdtempSync(join(toolCache(), '.building-'))
  try {
    const variables = Object.entries(tool.variables).map(([path, text]) => `-X ${path}=${text}`)
    const out = join(building, tool.program)
    const folder = join(import.meta.dirname, name)
    await runInstaller('go', [
      'build',
      '-C',
      folder,
      '-o',
      out,
      '-ldflags',
      variables.join(' '),
      '.',
    ])
    const finished = join(toolCache(), `${name}-${tool.version}`)
    if (!existsSync(finished)) renameSync(building, finished)
  } finally {
    rmSync(building, { recursive: true, force: true })
  }
}
