import { join } from 'node:path'
import { toolPath } from '../tools/require-tools.ts'
import type { ClientUnderTest } from './client.ts'
import { createLayoutShelf } from './layout-shelf.ts'
import { readOciLayout } from './oci-layout.ts'
import { runCommand } from './run-command.ts'

const NO_REFERRERS = 'skopeo has no command for referrers'

/** skopeo trusts a folder of certificates, given for each end of a command. */
export const skopeo: ClientUnderTest = {
  name: 'skopeo',
  tools: ['skopeo'],
  saysRefused: /invalid username\/password/,
  cannot: { attach: NO_REFERRERS, referrers: NO_REFERRERS },
  async create({ server, tls, caDir, dir }) {
    const flags = (end: '' | 'src-' | 'dest-'): string[] =>
      tls ? [`--${end}cert-dir`, caDir] : [`--${end}tls-verify=false`]
    const env = { HOME: dir, XDG_RUNTIME_DIR: dir, REGISTRY_AUTH_FILE: join(dir, 'auth.json') }
    const run = (args: readonly string[], input?: string): Promise<string> =>
      runCommand(toolPath('skopeo'), args, { env, ...(input !== undefined && { input }) })
    const shelf = createLayoutShelf(dir)
    return {
      async login(user, password) {
        const who = ['--username', user, '--password-stdin']
        await run(['login', ...flags(''), ...who, server.host], password)
      },
      logout: async () => void (await run(['logout', server.host])),
      build: async (image, texts) => void shelf.build(image, texts),
      async push(image) {
        const layout = `oci:${shelf.of(image)}:latest`
        await run(['copy', '--all', ...flags('dest-'), layout, `docker://${image}`])
      },
      async pull(image, platform) {
        const layout = shelf.empty()
        const [os = '', arch = ''] = platform.split('/')
        const choice = ['--override-os', os, '--override-arch', arch]
        const from = [...flags('src-'), `docker://${image}`]
        await run([...choice, 'copy', ...from, `oci:${layout}:latest`])
        return readOciLayout(layout, platform)
      },
      async copy(from, to) {
        const ends = [`docker://${from}`, `docker://${to}`]
        await run(['copy', '--all', ...flags('src-'), ...flags('dest-'), ...ends])
      },
      async tags(repository) {
        const answer = await run(['list-tags', ...flags(''), `docker://${repository}`])
        return (JSON.parse(answer) as { Tags: string[] }).Tags
      },
      remove: async (image) => void (await run(['delete', ...flags(''), `docker://${image}`])),
    }
  },
}
