import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { runInstaller } from './run-installer.ts'
import { toolCache } from './tool-cache.ts'
import type { Tool } from './tools.ts'

type PypiTool = Extract<Tool, { kind: 'pypi' }>

export const pypiToolPath = (name: string, { version, program }: PypiTool): string =>
  join(toolCache(), `${name}-${version}`, 'bin', program)

/** A virtual environment cannot be moved once it is made: a link is what names the finished one. */
export async function installPypiTool(name: string, tool: PypiTool): Promise<void> {
  mkdirSync(toolCache(), { recursive: true })
  const environment = mkdtempSync(join(toolCache(), `${name}-environment-`))
  try {
    await runInstaller('python3', ['-m', 'venv', environment]).catch((cause: unknown) => {
      throw new Error('needs Python 3 with venv (Debian: python3-venv)', { cause })
    })
    const pip = join(environment, 'bin', 'pip')
    await runInstaller(pip, ['install', '--quiet', `${tool.package}==${tool.version}`])
    const finished = join(toolCache(), `${name}-${tool.version}`)
    if (!existsSync(finished)) symlinkSync(environment, finished)
  } catch (error) {
    rmSync(environment, { recursive: true, force: true })
    throw error
  }
}
