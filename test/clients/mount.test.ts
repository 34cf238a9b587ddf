import { describe, expect, it } from 'vitest'
import { buildah } from './buildah.ts'
import { containerd } from './containerd.ts'
import { crane } from './crane.ts'
import { docker } from './docker.ts'
import { freePort } from '../free-port.ts'
import { openSetting } from './open-setting.ts'
import { oras } from './oras.ts'
import { podman } from './podman.ts'
import { regctl } from './regctl.ts'
import { skopeo } from './skopeo.ts'
import { startRecorder } from './start-recorder.ts'

const clients = [buildah, containerd, crane, docker, oras, podman, regctl, skopeo]

/** Some clients escape the query, some do not; some mount the configuration too. */
const MOUNTED =
  /^POST [^ ]*\/default\/to\/blobs\/uploads\/\?(?=.*mount=sha256).*from=default(%2F|\/)from.* -> 201$/

describe('end-11: a copy within the registry mounts its layer', () => {
  it.for(clients)('with $name', async (under, { onTestFailed }) => {
    // Some clients trust no challenge that names another host than the one they asked.
    const port = await freePort()
    const setting = await openSetting(under.tools, false, { publicUrl: `http://127.0.0.1:${port}` })
    const { server } = setting
    const recorder = await startRecorder(Number(new URL(server.url).port), port)
    onTestFailed(() => console.error(`Heard:\n${recorder.exchanges.join('\n')}\n${server.log()}`))
    const { host } = recorder
    const client = await under.create({
      ...setting,
      server: { ...server, host, url: `http://${host}` },
    })
    try {
      await client.login(server.user, server.password)
      await client.build(`${host}/default/from:v1`, { 'linux/amd64': 'carried once' })
      await client.push(`${host}/default/from:v1`)
      const before = recorder.exchanges.length
      await client.copy(`${host}/default/from:v1`, `${host}/default/to:v1`)
      const heard = recorder.exchanges.slice(before)
      expect(heard).toContainEqual(expect.stringMatching(MOUNTED))
    } finally {
      await client.close?.()
      await recorder.close()
      await setting.close()
    }
  })
})
