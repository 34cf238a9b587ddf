import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { runInstaller } from './run-installer.ts'
import { toolCache } from './tool-cache.ts'
import type { Tool } from './tools.ts'

type GoTool = Extract<Tool, { kind: 'go' }>

export const goToolPath = (name: string, tool: GoTool): string =>
  join(toolCache(), `${name}-${tool.version}`, basename(tool.package))

export async function requireGo(): Promise<void> {
  await runInstaller('go', ['version']).catch((cause: unknown) => {
    throw new Error('Go is not on this machine: install it (https://go.dev/dl), then try again', {
      cause,
    })
  })
}

/** Builds aside and renames, so that a build cut short is never taken for a finished one. */
export async function installGoTool(name: string, tool: GoTool): Promise<void> {
  await requireGo()
  mkdirSync(toolCache(), { recursive: true })
  const building = mkdtempSync(join(toolCache(), '.building-'))
  try {
    await runInstaller('go', ['install', `${tool.package}@${tool.version}`], { GOBIN: building })
    const finished = join(toolCache(), `${name}-${tool.version}`)
    if (!existsSync(finished)) renameSync(building, finished)
  } finally {
    rmSync(building, { recursive: true, force: true })
  }
}
