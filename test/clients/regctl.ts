import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { toolPath } from '../tools/require-tools.ts'
import type { ClientUnderTest } from './client.ts'
import { createLayoutShelf } from './layout-shelf.ts'
import { readOciLayout } from './oci-layout.ts'
import { runCommand } from './run-command.ts'

/** regctl keeps plain HTTP and the authority in its own configuration, for each registry. */
export const regctl: ClientUnderTest = {
  name: 'regctl',
  tools: ['regctl'],
  saysRefused: /unauthorized/i,
  cannot: {},
  async create({ server, tls, caFile, dir }) {
    const env = { HOME: dir, DOCKER_CONFIG: dir, REGCTL_CONFIG: join(dir, 'regctl.json') }
    const run = (args: readonly string[], input?: string): Promise<string> =>
      runCommand(toolPath('regctl'), args, { env, ...(input !== undefined && { input }) })
    const trust = tls ? ['--cacert', readFileSync(caFile, 'utf8')] : ['--tls', 'disabled']
    await run(['registry', 'set', '--skip-check', ...trust, server.host])
    const shelf = createLayoutShelf(dir)
    return {
      async login(user, password) {
        await run(['registry', 'login', server.host, '--user', user, '--pass-stdin'], password)
      },
      logout: async () => void (await run(['registry', 'logout', server.host])),
      build: async (image, texts) => void shelf.build(image, texts),
      push: async (image) =>
        void (await run(['image', 'copy', `ocidir://${shelf.of(image)}:latest`, image])),
      async pull(image, platform) {
        const layout = shelf.empty()
        await run(['image', 'copy', '--platform', platform, image, `ocidir://${layout}:latest`])
        return readOciLayout(layout, platform)
      },
      copy: async (from, to) => void (await run(['image', 'copy', from, to])),
      tags: async (repository) => (await run(['tag', 'ls', repository])).trim().split('\n'),
      remove: async (image) =>
        void (await run([image.includes('@') ? 'manifest' : 'tag', 'delete', image])),
      async attach(image, artifactType, text) {
        await run(['artifact', 'put', '--artifact-type', artifactType, '--subject', image], text)
      },
      async referrers(image) {
        const format = '{{range .Descriptors}}{{println .ArtifactType}}{{end}}'
        return (await run(['artifact', 'list', image, '--format', format])).trim().split('\n')
      },
    }
  },
}
