import { accessSync, constants } from 'node:fs'
import { installDebianPackages } from './install-debian-packages.ts'
import { goToolPath, installGoTool } from './install-go-tool.ts'
import { withInstallLock } from './install-lock.ts'
import { TOOLS, type Tool, type ToolName } from './tools.ts'

const pathOf = (name: ToolName, tool: Tool): string =>
  tool.kind === 'go' ? goToolPath(name, tool) : tool.path

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function install(name: ToolName, tool: Tool): Promise<void> {
  const began = performance.now()
  console.error(`tools: installing ${name}`)
  try {
    if (tool.kind === 'go') await installGoTool(name, tool)
    else await installDebianPackages(tool.packages, tool.services ?? [])
    if (!isExecutable(pathOf(name, tool))) throw new Error(`${pathOf(name, tool)} is still missing`)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${name} cannot be installed: ${why}`, { cause })
  }
  console.error(`tools: ${name} took ${((performance.now() - began) / 1000).toFixed(1)} s`)
}

/** Where each tool of the table is, once it is installed. */
export const toolPath = (name: ToolName): string => pathOf(name, TOOLS[name])

/** Installs what is missing; rejects with the name of the first that cannot be had, and why. */
export async function requireTools(names: readonly ToolName[]): Promise<void> {
  const missing = (): ToolName[] => names.filter((name) => !isExecutable(toolPath(name)))
  if (missing().length === 0) return
  await withInstallLock(async () => {
    for (const name of missing()) await install(name, TOOLS[name])
  })
}
