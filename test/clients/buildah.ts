import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toolPath } from '../tools/require-tools.ts'
import type { ClientUnderTest } from './client.ts'
import { readPulledFiles } from './read-pulled-files.ts'
import { runCommand } from './run-command.ts'

const NO_REFERRERS = 'buildah has no command for referrers'

/** buildah as root, with stores of its own: vfs, which also works where the kernel refuses overlay. It builds step by step. */
export const buildah: ClientUnderTest = {
  name: 'buildah',
  tools: ['buildah'],
  saysRefused: /invalid username\/password/,
  cannot: {
    tags: 'buildah has no command that lists tags',
    remove: 'buildah has no command that deletes in a registry',
    attach: NO_REFERRERS,
    referrers: NO_REFERRERS,
  },
  async create({ server, tls, caDir, dir }) {
    const trust = tls ? ['--cert-dir', caDir] : ['--tls-verify=false']
    const env = {
      HOME: dir,
      TMPDIR: dir,
      XDG_RUNTIME_DIR: dir,
      REGISTRY_AUTH_FILE: join(dir, 'auth.json'),
      BUILDAH_ISOLATION: 'chroot',
    }
    const store = () => {
      const its = mkdtempSync(join(dir, 'store-'))
      const where = ['--root', `${its}/root`, '--runroot', `${its}/run`]
      return async (args: readonly string[], input?: string) =>
        (
          await runCommand(toolPath('buildah'), [...where, '--storage-driver', 'vfs', ...args], {
            env,
            ...(input !== undefined && { input }),
          })
        ).trim()
    }
    const run = store()
    const indexes = new Set<string>()
    const heavy = new Set<string>()
    const commit = async (
      image: string,
      platform: string,
      text: string,
      ballast?: string,
    ): Promise<void> => {
      const [os = '', arch = ''] = platform.split('/')
      writeFileSync(join(dir, 'hello.txt'), text)
      const working = await run(['from', 'scratch'])
      await run(['copy', working, join(dir, 'hello.txt'), '/hello.txt'])
      if (ballast !== undefined) await run(['copy', working, ballast, '/ballast'])
      await run(['config', '--os', os, '--arch', arch, '--cmd', '/hello.txt', working])
      await run(['commit', '--rm', working, image])
    }
    const push = async (image: string): Promise<void> => {
      const list = indexes.has(image) ? ['manifest', 'push', '--all'] : ['push']
      // Ballast is noise, which takes time to compress and gets no smaller.
      const fast = heavy.has(image) ? ['--disable-compression'] : []
      await run([...list, ...trust, ...fast, image, `docker://${image}`])
    }
    return {
      async login(user, password) {
        const who = ['--username', user, '--password-stdin']
        await run(['login', ...trust, ...who, server.host], password)
      },
      logout: async () => void (await run(['logout', server.host])),
      async build(image, texts, ballast) {
        if (ballast !== undefined) heavy.add(image)
        const parts = Object.entries(texts)
        const [only] = parts
        if (parts.length === 1 && only !== undefined) return commit(image, ...only, ballast)
        indexes.add(image)
        await run(['manifest', 'create', image])
        for (const [platform, text] of parts) {
          const part = `${image}-${platform.replace('/', '-')}`
          await commit(part, platform, text)
          await run(['manifest', 'add', image, `containers-storage:${part}`])
        }
      },
      push,
      async pull(image, platform) {
        const clean = store()
        await clean(['pull', ...trust, '--platform', platform, image])
        const working = await clean(['from', '--pull-never', ...trust, image])
        const mounted = await clean(['mount', working])
        const files = await readPulledFiles(mounted)
        await clean(['rm', working])
        const known = await clean(['images', '--digests', '--json'])
        return { ...files, digests: known.match(/sha256:[0-9a-f]{64}/g) ?? [] }
      },
      async copy(from, to) {
        await run(['tag', from, to])
        await push(to)
      },
    }
  },
}
