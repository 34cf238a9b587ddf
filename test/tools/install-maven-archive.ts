import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { installDebianPackages } from './install-debian-packages.ts'
import { runInstaller } from './run-installer.ts'
import { toolCache } from './tool-cache.ts'
import type { Tool } from './tools.ts'

type MavenArchive = Extract<Tool, { kind: 'maven-archive' }>

export const mavenArchivePath = (name: string, { version, file }: MavenArchive): string =>
  join(toolCache(), `${name}-${version}`, file)

/** Unpacks and prepares aside and renames, so that what was cut short is never taken for finished. */
export async function installMavenArchive(name: string, tool: MavenArchive): Promise<void> {
  const { group, artifact, version, prepare } = tool
  if (!existsSync('/usr/bin/java')) await installDebianPackages(['default-jre-headless'], [])
  if (!existsSync('/usr/bin/mvn')) await installDebianPackages(['maven'], [])
  mkdirSync(toolCache(), { recursive: true })
  const building = mkdtempSync(join(toolCache(), '.building-'))
  try {
    const what = `-Dartifact=${group}:${artifact}:${version}:zip`
    const unpack = ['dependency:unpack', what, `-DoutputDirectory=${building}`]
    await runInstaller('mvn', ['--batch-mode', '--quiet', ...unpack])
    await runInstaller(join(building, prepare.file), prepare.args)
    const finished = join(toolCache(), `${name}-${version}`)
    if (!existsSync(finished)) renameSync(building, finished)
  } finally {
    rmSync(building, { recursive: true, force: true })
  }
}
