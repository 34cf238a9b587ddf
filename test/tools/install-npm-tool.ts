import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installDebianPackages } from './install-debian-packages.ts'
import { runInstaller } from './run-installer.ts'
import { toolCache } from './tool-cache.ts'
import type { Tool } from './tools.ts'

type NpmTool = Extract<Tool, { kind: 'npm' }>

export const npmToolPath = (name: string, tool: NpmTool): string =>
  join(toolCache(), `${name}-${tool.version}`, 'node_modules', tool.package, tool.file)

/** For what compiles when it is installed: too much to ask of everyone who runs `npm ci` here. */
export async function installNpmTool(name: string, tool: NpmTool): Promise<void> {
  const missing = tool.compilers.filter((compiler) => !existsSync(`/usr/bin/${compiler.program}`))
  await installDebianPackages(
    missing.map((compiler) => compiler.package),
    [],
  )
  mkdirSync(toolCache(), { recursive: true })
  const building = mkdtempSync(join(toolCache(), '.building-'))
  try {
    const allowScripts = { [tool.package]: true }
    writeFileSync(join(building, 'package.json'), JSON.stringify({ private: true, allowScripts }))
    const what = `${tool.package}@${tool.version}`
    await runInstaller('npm', ['install', '--prefix', building, '--no-audit', '--no-fund', what])
    const finished = join(toolCache(), `${name}-${tool.version}`)
    if (!existsSync(finished)) renameSync(building, finished)
  } finally {
    rmSync(building, { recursive: true, force: true })
  }
}
