import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { toolPath } from '../tools/require-tools.ts'
import { writeBuildContext } from './build-context.ts'
import type { ClientUnderTest } from './client.ts'
import { readPulledFiles } from './read-pulled-files.ts'
import { runCommand } from './run-command.ts'
import { startConnectProxy } from './start-connect-proxy.ts'
import { startDaemon } from './start-daemon.ts'

const NO_REFERRERS = 'docker has no command for referrers'

/** No DNS knows it; the certificate does. */
const NAME = 'registry.test'

/**
 * An engine of its own on a socket of its own, without a network. An engine takes every loopback address for insecure, verifies
 * nothing there and prefers plain HTTP; so over TLS it knows the registry by a name, which a proxy leads home.
 */
export const docker: ClientUnderTest = {
  name: 'docker',
  tools: ['docker', 'dockerd'],
  saysRefused: /unauthorized|incorrect username or password/i,
  cannot: {
    tags: 'docker has no command that lists tags',
    remove: 'docker has no command that deletes in a registry',
    attach: NO_REFERRERS,
    referrers: NO_REFERRERS,
  },
  async create({ server, tls, caFile, dir, registryMirror }) {
    const port = Number(new URL(server.url).port)
    const proxy = tls ? await startConnectProxy(port) : undefined
    const host = proxy === undefined ? server.host : `${NAME}:${port}`
    const socket = `unix://${join(dir, 'd.sock')}`
    const net = { HOME: dir, SSL_CERT_FILE: caFile, HTTPS_PROXY: proxy?.url ?? '' }
    const env = {
      ...net,
      DOCKER_CONFIG: join(dir, 'config'),
      DOCKER_HOST: socket,
      DOCKER_BUILDKIT: '0',
    }
    mkdirSync(env.DOCKER_CONFIG)
    const run = async (args: readonly string[], input?: string): Promise<string> =>
      (
        await runCommand(toolPath('docker'), args, { env, ...(input !== undefined && { input }) })
      ).trim()
    const places = ['--data-root', `${dir}/data`, '--exec-root', `${dir}/exec`]
    const mirrors = registryMirror === undefined ? [] : ['--registry-mirror', registryMirror]
    const alone = ['--iptables=false', '--ip6tables=false', '--bridge=none', '--experimental']
    const stop = await startDaemon(
      toolPath('dockerd'),
      ['--host', socket, ...places, '--pidfile', `${dir}/d.pid`, ...alone, ...mirrors],
      net,
      join(dir, 'dockerd.log'),
      () => run(['version']),
    )
    const partsOf = new Map<string, readonly string[]>()
    return {
      host,
      async close() {
        await stop()
        await proxy?.close()
      },
      async login(user, password) {
        await run(['login', '--username', user, '--password-stdin', host], password)
      },
      logout: async () => void (await run(['logout', host])),
      // An index is made in the registry, of images that were pushed before it.
      async build(image, texts, ballast) {
        const several = Object.keys(texts).length > 1
        const parts: string[] = []
        for (const [platform, text] of Object.entries(texts)) {
          const part = several ? `${image}-${platform.split('/')[1]}` : image
          const what = ['--network', 'none', '--platform', platform, '--tag', part]
          await run(['build', ...what, writeBuildContext(dir, text, ballast)])
          parts.push(part)
        }
        partsOf.set(image, parts)
      },
      async push(image) {
        const parts = partsOf.get(image) ?? [image]
        for (const part of parts) await run(['push', part])
        if (parts.length === 1) return
        const trust = tls ? [] : ['--insecure']
        await run(['manifest', 'create', ...trust, image, ...parts])
        await run(['manifest', 'push', ...trust, image])
      },
      async pull(image, platform) {
        await run(['image', 'prune', '--all', '--force'])
        await run(['pull', '--platform', platform, image])
        const container = await run(['create', '--platform', platform, image])
        const copied = mkdtempSync(join(dir, 'pulled-'))
        await run(['cp', `${container}:/.`, copied])
        await run(['rm', container])
        const known = await run(['image', 'inspect', '--format', '{{.RepoDigests}}', image])
        const digests = known.match(/sha256:[0-9a-f]{64}/g) ?? []
        return { ...(await readPulledFiles(copied)), digests }
      },
      async copy(from, to) {
        await run(['tag', from, to])
        await run(['push', to])
      },
    }
  },
}
