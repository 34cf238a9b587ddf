import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toolPath } from '../tools/require-tools.ts'
import { writeBuildContext } from './build-context.ts'
import type { ClientUnderTest } from './client.ts'
import { readPulledFiles } from './read-pulled-files.ts'
import { runCommand } from './run-command.ts'

const NO_REFERRERS = 'podman has no command for referrers'

/** podman as root, with stores of its own: vfs, which also works where the kernel refuses overlay. */
export const podman: ClientUnderTest = {
  name: 'podman',
  tools: ['podman'],
  saysRefused: /invalid username\/password/,
  cannot: {
    remove: 'podman has no command that deletes in a registry',
    attach: NO_REFERRERS,
    referrers: NO_REFERRERS,
  },
  async create({ server, tls, caDir, caFile, dir }) {
    const trust = tls ? ['--cert-dir', caDir] : ['--tls-verify=false']
    // Locks in files: those in shared memory are one set for all of the machine's podmans.
    const settings = '[engine]\nlock_type = "file"\ncgroup_manager = "cgroupfs"\n'
    // Before a first login it wants the file of logins to be there all the same.
    writeFileSync(join(dir, 'auth.json'), '{}')
    writeFileSync(join(dir, 'containers.conf'), `${settings}events_logger = "none"\n`)
    const env = {
      HOME: dir,
      TMPDIR: dir,
      XDG_RUNTIME_DIR: dir,
      REGISTRY_AUTH_FILE: join(dir, 'auth.json'),
      CONTAINERS_CONF: join(dir, 'containers.conf'),
    }
    const store = () => {
      const its = mkdtempSync(join(dir, 'store-'))
      const where = ['--root', `${its}/root`, '--runroot', `${its}/run`, '--tmpdir', `${its}/tmp`]
      return (args: readonly string[], input?: string, extra: Record<string, string> = {}) =>
        runCommand(toolPath('podman'), [...where, '--storage-driver', 'vfs', ...args], {
          env: { ...env, ...extra },
          ...(input !== undefined && { input }),
        })
    }
    const run = store()
    const indexes = new Set<string>()
    const push = async (image: string): Promise<void> => {
      const list = indexes.has(image) ? ['manifest', 'push', '--all'] : ['push']
      await run([...list, ...trust, image, `docker://${image}`])
    }
    return {
      async login(user, password) {
        const who = ['--username', user, '--password-stdin']
        await run(['login', ...trust, ...who, server.host], password)
      },
      logout: async () => void (await run(['logout', server.host])),
      async build(image, texts, ballast) {
        const several = Object.keys(texts).length > 1
        if (several) indexes.add(image)
        for (const [platform, text] of Object.entries(texts)) {
          const what = ['--platform', platform, several ? '--manifest' : '--tag', image]
          const context = writeBuildContext(dir, text, ballast)
          await run(['build', '--network', 'none', ...what, context])
        }
      },
      push,
      async pull(image, platform) {
        const clean = store()
        await clean(['pull', ...trust, '--platform', platform, image])
        const mounted = (await clean(['image', 'mount', image])).trim()
        const files = await readPulledFiles(mounted)
        await clean(['image', 'unmount', image])
        const known = await clean(['image', 'inspect', '--format', '{{.RepoDigests}}', image])
        return { ...files, digests: known.match(/sha256:[0-9a-f]{64}/g) ?? [] }
      },
      async copy(from, to) {
        await run(['tag', from, to])
        await push(to)
      },
      async tags(repository) {
        // Of podman's commands this one alone takes no folder of certificates.
        const how = tls ? [] : trust
        const list = ['search', '--list-tags', ...how, '--format', 'json', repository]
        const answer = await run(list, undefined, { SSL_CERT_FILE: caFile })
        return (JSON.parse(answer) as { Tags: string[] }[])[0]?.Tags ?? []
      },
    }
  },
}
