import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installDebianPackages } from './install-debian-packages.ts'
import { runInstaller } from './run-installer.ts'
import { toolCache } from './tool-cache.ts'
import type { Tool } from './tools.ts'

type MavenTool = Extract<Tool, { kind: 'maven' }>

/** The artifact itself; all that it needs lies beside it. */
export const mavenToolPath = (name: string, { artifact, version }: MavenTool): string =>
  join(toolCache(), `${name}-${version}`, `${artifact}-${version}.jar`)

/** Copies aside and renames, so that a copy cut short is never taken for a finished one. */
export async function installMavenTool(name: string, tool: MavenTool): Promise<void> {
  const { group, artifact, version } = tool
  if (!existsSync('/usr/bin/java')) await installDebianPackages(['default-jre-headless'], [])
  if (!existsSync('/usr/bin/mvn')) await installDebianPackages(['maven'], [])
  mkdirSync(toolCache(), { recursive: true })
  const building = mkdtempSync(join(toolCache(), '.building-'))
  try {
    const pom = join(building, 'pom.xml')
    writeFileSync(pom, pomOf(group, artifact, version))
    const jars = join(building, 'jars')
    const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${jars}`]
    await runInstaller('mvn', ['--batch-mode', '--quiet', '--file', pom, ...copy])
    const finished = join(toolCache(), `${name}-${version}`)
    if (!existsSync(finished)) renameSync(jars, finished)
  } finally {
    rmSync(building, { recursive: true, force: true })
  }
}

const pomOf = (group: string, artifact: string, version: string): string =>
  `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>` +
  `<groupId>local</groupId><artifactId>tools</artifactId><version>1</version>` +
  `<dependencies><dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>` +
  `<version>${version}</version></dependency></dependencies></project>\n`
