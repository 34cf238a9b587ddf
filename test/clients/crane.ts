import { toolPath } from '../tools/require-tools.ts'
import type { ClientUnderTest } from './client.ts'
import { createLayoutShelf } from './layout-shelf.ts'
import { readOciLayout } from './oci-layout.ts'
import { runCommand } from './run-command.ts'

/** crane takes a loopback address without TLS for plain HTTP, and an authority only from SSL_CERT_FILE. */
export const crane: ClientUnderTest = {
  name: 'crane',
  tools: ['crane'],
  saysRefused: /UNAUTHORIZED|401/,
  cannot: {
    attach: 'crane has no command for referrers',
    referrers: 'crane has no command for referrers',
  },
  async create({ server, caFile, dir }) {
    const env = { HOME: dir, DOCKER_CONFIG: dir, SSL_CERT_FILE: caFile }
    const run = (args: readonly string[], input?: string): Promise<string> =>
      runCommand(toolPath('crane'), args, { env, ...(input !== undefined && { input }) })
    const shelf = createLayoutShelf(dir)
    const partsOf = new Map<string, readonly string[]>()
    return {
      // Its login only writes the password down; the first command that asks the registry is the judge.
      async login(user, password) {
        await run(['auth', 'login', server.host, '-u', user, '--password-stdin'], password)
        await run(['catalog', server.host])
      },
      logout: async () => void (await run(['auth', 'logout', server.host])),
      // An index is made in the registry, of images that were pushed before it.
      async build(image, texts) {
        const names = Object.keys(texts).map((platform) => `${image}-${platform.split('/')[1]}`)
        const parts = names.length === 1 ? [image] : names
        Object.entries(texts).forEach(([platform, text], nth) => {
          shelf.build(parts[nth] ?? image, { [platform]: text })
        })
        partsOf.set(image, parts)
      },
      async push(image) {
        const parts = partsOf.get(image) ?? []
        for (const part of parts) await run(['push', shelf.of(part), part])
        const manifests = parts.flatMap((part) => ['-m', part])
        if (parts.length > 1) await run(['index', 'append', ...manifests, '-t', image])
      },
      async pull(image, platform) {
        const layout = shelf.empty()
        await run(['pull', '--format=oci', '--platform', platform, image, layout])
        return readOciLayout(layout, platform)
      },
      copy: async (from, to) => void (await run(['copy', from, to])),
      tags: async (repository) => (await run(['ls', repository])).trim().split('\n'),
      remove: async (image) => void (await run(['delete', image])),
    }
  },
}
