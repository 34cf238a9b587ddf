import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { runInstaller } from './run-installer.ts'

const POLICY = '/usr/sbin/policy-rc.d'

/** Debian starts what it installs. A registry on port 5000 or a second engine would be taken for the one under test. */
async function withoutStartingServices(install: () => Promise<unknown>): Promise<void> {
  if (existsSync(POLICY)) {
    await install()
    return
  }
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await install()
  } finally {
    rmSync(POLICY, { force: true })
  }
}

/** Also at the next boot nothing may start that nobody asked for. */
async function keepFromStarting(services: readonly string[]): Promise<void> {
  for (const service of services) {
    if (existsSync('/run/systemd/system')) {
      await runInstaller('systemctl', ['disable', '--now', service])
    } else if (existsSync(`/etc/init.d/${service}`)) {
      await runInstaller('update-rc.d', [service, 'disable'])
    }
  }
}

async function isInstalled(name: string): Promise<boolean> {
  try {
    const status = await runInstaller('dpkg-query', ['-W', '-f=${db:Status-Status}', name])
    return status === 'installed'
  } catch {
    return false
  }
}

let listsAreFresh = false

/** `services` are those of the packages; one that stood here before is somebody's own and is left alone. */
export async function installDebianPackages(
  wanted: readonly string[],
  services: readonly string[],
): Promise<void> {
  const missing: string[] = []
  for (const name of wanted) if (!(await isInstalled(name))) missing.push(name)
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`
  if (missing.length === 0) return
  if (!existsSync('/usr/bin/apt-get')) {
    throw new Error(`this is no Debian (no apt-get): install by hand what "${command}" would`)
  }
  if (process.getuid?.() !== 0) throw new Error(`only root may install: run "sudo ${command}"`)

  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const patience = ['-o', 'DPkg::Lock::Timeout=600']
  if (!listsAreFresh) await runInstaller('apt-get', [...patience, 'update'], env)
  listsAreFresh = true
  const install = ['install', '-y', '--no-install-recommends', ...missing]
  await withoutStartingServices(() => runInstaller('apt-get', [...patience, ...install], env))
  await keepFromStarting(services)
}
