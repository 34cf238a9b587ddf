import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toolPath } from '../tools/require-tools.ts'
import type { ClientUnderTest } from './client.ts'
import { createLayoutShelf } from './layout-shelf.ts'
import { readOciLayout } from './oci-layout.ts'
import { runCommand } from './run-command.ts'

const REFUSED = /401|unauthorized/i

/** oras is told of plain HTTP and of an authority by a flag for each end of a command; it copies between a layout and a registry. */
export const oras: ClientUnderTest = {
  name: 'oras',
  tools: ['oras'],
  saysRefused: REFUSED,
  cannot: {},
  async create({ server, tls, caFile, dir }) {
    const flags = (end: '' | 'from-' | 'to-'): string[] =>
      tls ? [`--${end}ca-file`, caFile] : [`--${end}plain-http`]
    const run = (args: readonly string[], input?: string): Promise<string> =>
      runCommand(toolPath('oras'), args, {
        cwd: dir,
        env: { HOME: dir, DOCKER_CONFIG: dir },
        ...(input !== undefined && { input }),
      })
    const shelf = createLayoutShelf(dir)
    return {
      async login(user, password) {
        const who = ['--username', user, '--password-stdin']
        await run(['login', ...flags(''), ...who, server.host], password)
      },
      logout: async () => void (await run(['logout', server.host])),
      build: async (image, texts) => void shelf.build(image, texts),
      async push(image) {
        const from = ['--from-oci-layout', `${shelf.of(image)}:latest`]
        await run(['cp', ...from, ...flags('to-'), image])
      },
      async pull(image, platform) {
        const layout = shelf.empty()
        const to = ['--to-oci-layout', `${layout}:latest`]
        await run(['cp', ...flags('from-'), '--platform', platform, image, ...to])
        return readOciLayout(layout, platform)
      },
      copy: async (from, to) =>
        void (await run(['cp', ...flags('from-'), from, ...flags('to-'), to])),
      tags: async (repository) =>
        (await run(['repo', 'tags', ...flags(''), repository])).trim().split('\n'),
      remove: async (image) =>
        void (await run(['manifest', 'delete', '--force', ...flags(''), image])),
      async attach(image, artifactType, text) {
        writeFileSync(join(dir, 'artifact.txt'), text)
        const what = ['--artifact-type', artifactType, image, 'artifact.txt:text/plain']
        await run(['attach', '--distribution-spec', 'v1.1-referrers-api', ...flags(''), ...what])
      },
      async referrers(image) {
        const api = ['--distribution-spec', 'v1.1-referrers-api', '--format', 'json']
        const answer = await run(['discover', ...api, ...flags(''), image])
        return [...answer.matchAll(/"artifactType": "([^"]+)"/g)].map(([, type = '']) => type)
      },
    }
  },
}
