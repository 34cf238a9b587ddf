import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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
    const pom = join(building, 'pom.xml')
    writeFileSync(pom, POM)
    const unpacked = join(building, 'unpacked')
    const what = `-Dartifact=${group}:${artifact}:${version}:zip`
    const unpack = ['dependency:unpack', what, `-DoutputDirectory=${unpacked}`]
    await runInstaller('mvn', ['--batch-mode', '--quiet', '--file', pom, ...unpack])
    await runInstaller(join(unpacked, prepare.file), prepare.args)
    const finished = join(toolCache(), `${name}-${version}`)
    if (!existsSync(finished)) renameSync(unpacked, finished)
  } finally {
    rmSync(building, { recursive: true, force: true })
  }
}

/** Without a project Maven would leave its marks where it was called. */
const POM =
  `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>` +
  `<groupId>local</groupId><artifactId>tools</artifactId><version>1</version></project>\n`
