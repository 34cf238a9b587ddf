import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toolPath } from '../tools/require-tools.ts'
import type { Client, ClientUnderTest } from './client.ts'
import { createLayoutShelf } from './layout-shelf.ts'
import { readPulledFiles } from './read-pulled-files.ts'
import { runCommand } from './run-command.ts'
import { startDaemon } from './start-daemon.ts'

const NO_REFERRERS = 'ctr has no command for referrers'

/** A containerd of its own with its client ctr, which takes the password with every command and trust from a hosts.toml. */
export const containerd: ClientUnderTest = {
  name: 'containerd',
  tools: ['containerd', 'ctr'],
  saysRefused: /401 Unauthorized|authorization failed/,
  cannot: {
    tags: 'ctr has no command that lists tags',
    remove: 'ctr has no command that deletes in a registry',
    attach: NO_REFERRERS,
    referrers: NO_REFERRERS,
  },
  async create({ server, caFile, dir }) {
    const hosts = join(dir, 'hosts', server.host.replace(/:(\d+)$/, '_$1_'))
    mkdirSync(hosts, { recursive: true })
    const trust = `server = "${server.url}"\n[host."${server.url}"]\n  ca = "${caFile}"\n`
    writeFileSync(join(hosts, 'hosts.toml'), trust)
    const config = join(dir, 'config.toml')
    writeFileSync(config, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n')

    const socket = join(dir, 'c.sock')
    const run = (args: readonly string[]): Promise<string> =>
      runCommand(toolPath('ctr'), ['--address', socket, ...args], { env: { HOME: dir } })
    const places = ['--root', `${dir}/root`, '--state', `${dir}/state`]
    const close = await startDaemon(
      toolPath('containerd'),
      ['--config', config, '--address', socket, ...places],
      { HOME: dir },
      join(dir, 'containerd.log'),
      () => run(['version']),
    )
    let who: readonly string[] = []
    const remote = (): string[] => ['--hosts-dir', join(dir, 'hosts'), ...who]
    const shelf = createLayoutShelf(dir)
    const build: Client['build'] = async (image, texts, ballast) => {
      const layout = shelf.build(image, texts, ballast)
      await runCommand('tar', ['-cf', `${layout}.tar`, '-C', layout, '.'])
      const all = ['--all-platforms', '--no-unpack']
      await run(['images', 'import', ...all, `${layout}.tar`])
    }
    const push = async (image: string): Promise<void> =>
      void (await run(['images', 'push', ...remote(), image]))
    return {
      close,
      build,
      push,
      // Nothing is kept anywhere; the first command that asks the registry is the judge.
      async login(user, password) {
        who = ['--user', `${user}:${password}`]
        const probe = `${server.host}/default/probe:v1`
        await build(probe, { 'linux/amd64': 'may I?' })
        await push(probe)
      },
      async logout() {
        who = []
      },
      async pull(image, platform) {
        const before = (await run(['images', 'ls', '--quiet'])).trim().split('\n')
        await run(['images', 'rm', '--sync', ...before])
        const native = ['--platform', platform, '--snapshotter', 'native']
        await run(['images', 'pull', ...remote(), ...native, image])
        const mounted = mkdtempSync(join(dir, 'mounted-'))
        await run(['images', 'mount', ...native, image, mounted])
        const files = await readPulledFiles(mounted)
        await run(['images', 'unmount', '--snapshotter', 'native', '--rm', mounted])
        const known = await run(['images', 'ls', `name==${image}`])
        return { ...files, digests: known.match(/sha256:[0-9a-f]{64}/g) ?? [] }
      },
      // Only of what it has pulled does containerd know where else it stands, and can have it mounted.
      async copy(from, to) {
        await run(['images', 'pull', ...remote(), '--snapshotter', 'native', from])
        await run(['images', 'tag', from, to])
        await push(to)
      },
    }
  },
}
