import { accessSync, constants } from 'node:fs'
import { installDebianPackages } from './install-debian-packages.ts'
import { goModulePath, installGoModule } from './install-go-module.ts'
import { goToolPath, installGoTool } from './install-go-tool.ts'
import { withInstallLock } from './install-lock.ts'
import { installMavenArchive, mavenArchivePath } from './install-maven-archive.ts'
import { installMavenTool, mavenToolPath } from './install-maven-tool.ts'
import { installNpmTool, npmToolPath } from './install-npm-tool.ts'
import { installPypiTool, pypiToolPath } from './install-pypi-tool.ts'
import { TOOLS, type Tool, type ToolName } from './tools.ts'

function pathOf(name: ToolName, tool: Tool): string {
  switch (tool.kind) {
    case 'go':
      return goToolPath(name, tool)
    case 'go-module':
      return goModulePath(name, tool)
    case 'debian':
      return tool.path
    case 'maven':
      return mavenToolPath(name, tool)
    case 'maven-archive':
      return mavenArchivePath(name, tool)
    case 'npm':
      return npmToolPath(name, tool)
    case 'pypi':
      return pypiToolPath(name, tool)
  }
}

function installTool(name: ToolName, tool: Tool): Promise<void> {
  switch (tool.kind) {
    case 'go':
      return installGoTool(name, tool)
    case 'go-module':
      return installGoModule(name, tool)
    case 'debian':
      return installDebianPackages(tool.packages, tool.services ?? [])
    case 'maven':
      return installMavenTool(name, tool)
    case 'maven-archive':
      return installMavenArchive(name, tool)
    case 'npm':
      return installNpmTool(name, tool)
    case 'pypi':
      return installPypiTool(name, tool)
  }
}

/** A jar or a script for Node is read, not run. */
const READ: ReadonlySet<Tool['kind']> = new Set(['maven', 'maven-archive', 'npm'])

function isThere(path: string, { kind }: Tool): boolean {
  try {
    accessSync(path, READ.has(kind) ? constants.R_OK : constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function install(name: ToolName, tool: Tool): Promise<void> {
  const began = performance.now()
  console.error(`tools: installing ${name}`)
  try {
    await installTool(name, tool)
    if (!isThere(pathOf(name, tool), tool))
      throw new Error(`${pathOf(name, tool)} is still missing`)
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
  const missing = (): ToolName[] => names.filter((name) => !isThere(toolPath(name), TOOLS[name]))
  if (missing().length === 0) return
  await withInstallLock(async () => {
    for (const name of missing()) await install(name, TOOLS[name])
  })
}
