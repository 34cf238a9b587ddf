import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { UPSTREAM_PRESETS } from '@sluice/core/upstream/upstream-presets'
import { mirrorLines } from '@sluice/server/mirror-lines'
import { FileBlobStore } from '@sluice/adapters/local/file-blob-store'
import { RawConnection } from './raw-connection.ts'
import { selfSigned } from './self-signed.ts'
import { ServerProcess } from './server-process.ts'

const basic = (password: string): { headers: { authorization: string } } => ({
  headers: { authorization: `Basic ${Buffer.from(`kubeadmin:${password}`).toString('base64')}` },
})

const refusedWith = (line: string) => ({ code: 1, said: '', line: `sluice: ${line}\n` })

const tls = (cert: string, key: string) => ['--tls-cert', cert, '--tls-key', key]

/** An upload of six bytes of which three are on their way. */
async function halfUpload(server: ServerProcess, password: string): Promise<RawConnection> {
  const url = await server.url()
  const { headers } = basic(password)
  const begun = await fetch(`${url}/v2/default/app/blobs/uploads/`, { method: 'POST', headers })
  expect(begun.status).toBe(202)
  const location = new URL(begun.headers.get('location') ?? '', url)
  const client = await RawConnection.open(url)
  client.send(
    `PATCH ${location.pathname}${location.search} HTTP/1.1\nHost: ${location.host}\n` +
      `Authorization: ${headers.authorization}\nContent-Length: 6\n\nabc`,
  )
  await new Promise((resolve) => setTimeout(resolve, 200))
  return client
}

/** Whoever is left of it. */
function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const PRESETS = Object.keys(UPSTREAM_PRESETS).toSorted()

describe('npm start', { timeout: 60_000 }, () => {
  let directory: string
  let dataDir: string
  let servers: ServerProcess[]

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-start-'))
    dataDir = join(directory, 'data')
    servers = []
  })
  afterEach(async () => {
    for (const server of servers) server.kill('SIGKILL')
    await Promise.all(servers.map((server) => server.exitCode()))
    rmSync(directory, { recursive: true })
  })

  const start = (args: string[] = [], env: Record<string, string> = {}): ServerProcess => {
    const server = new ServerProcess(['--port', '0', '--data-dir', dataDir, ...args], env)
    servers.push(server)
    return server
  }
  const failure = async (args: string[] = [], env: Record<string, string> = {}) => {
    const server = start(args, env)
    const code = await server.exitCode()
    return { code, said: server.said, line: server.logged }
  }

  it('shows the password at the first start only, and a line that logs in', async () => {
    const first = start()
    const url = await first.url()
    const { host } = new URL(url)
    const password = /its password is (\S+)\n/.exec(first.said)?.[1] ?? ''
    expect(first.said).toBe(
      `The administrator is kubeadmin, its password is ${password}\n` +
        'It is shown this once: only a hash of it is kept.\n' +
        `Sluice is listening on ${url}\n` +
        'Log in with:\n' +
        `  podman login -u kubeadmin -p ${password} ${host} --tls-verify=false\n` +
        mirrorLines({ host, secure: false, upstreams: PRESETS, root: 'docker.io' }),
    )
    expect((await fetch(`${url}/token?service=sluice`, basic(password))).status).toBe(200)
    expect((await fetch(`${url}/token?service=sluice`, basic('wrong'))).status).toBe(401)
    first.kill('SIGTERM')
    expect(await first.exitCode()).toBe(0)
    for (const file of readdirSync(dataDir)) {
      expect(readFileSync(join(dataDir, file), 'latin1')).not.toContain(password)
    }

    const second = start()
    const secondUrl = await second.url()
    expect(second.said).not.toContain('password')
    expect(second.said).toContain(`podman login -u kubeadmin ${new URL(secondUrl).host} --tls`)
    expect((await fetch(`${secondUrl}/token?service=sluice`, basic(password))).status).toBe(200)
  })

  it('ends with the npm that started it', async () => {
    const npm = spawn('npm', ['start', '--', '--port', '0', '--data-dir', dataDir], {
      cwd: import.meta.dirname,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    try {
      const closed = once(npm, 'close')
      let said = ''
      const read = (chunk: Buffer) => void (said += chunk.toString())
      npm.stdout.on('data', read)
      npm.stderr.on('data', read)
      await vi.waitFor(() => expect(said).toContain('listening on'), { timeout: 30_000 })
      npm.kill('SIGTERM')
      await closed
      expect(said).toContain('server shutdown, bye.')
    } finally {
      if (npm.pid !== undefined) endGroup(npm.pid)
    }
  })

  it('keeps nothing of its own where the blob store finds objects', async () => {
    const server = start()
    await server.url()
    server.kill('SIGTERM')
    await server.exitCode()
    expect(readdirSync(dataDir)).toContain('keys.json')
    const page = await new FileBlobStore(dataDir).list({ limit: 100 })
    expect(page.objects).toEqual([])
  })

  it('takes the password from the environment at the first start and does not repeat it', async () => {
    const first = start([], { SLUICE_ADMIN_PASSWORD: 'from-outside' })
    const url = await first.url()
    expect(first.said).toContain('its password was set from SLUICE_ADMIN_PASSWORD')
    expect(first.said + first.logged).not.toContain('from-outside')
    expect((await fetch(`${url}/token?service=sluice`, basic('from-outside'))).status).toBe(200)
    first.kill('SIGTERM')
    await first.exitCode()
    const second = start([], { SLUICE_ADMIN_PASSWORD: 'another' })
    await second.url()
    await second.untilLogged('SLUICE_ADMIN_PASSWORD is not the password')
  })

  it('prints the public host, and asks for no exception when that speaks TLS', async () => {
    const server = start(['--public-url', 'https://registry.example.org'])
    await server.url()
    expect(server.said).toContain('Clients reach it at https://registry.example.org\n')
    expect(server.said).toMatch(/podman login -u kubeadmin -p \S+ registry\.example\.org\n/)
  })

  it('serves TLS', async () => {
    const { cert, key } = selfSigned(directory)
    const server = start(['--tls-cert', cert, '--tls-key', key])
    const client = await RawConnection.open(await server.url())
    client.send('GET /v2/ HTTP/1.1\nHost: a\n\n')
    await client.until(/^HTTP\/1.1 401 /)
    expect(client.received).toContain('realm="https://a/token"')
    client.socket.destroy()
    expect(server.said).not.toContain('--tls-verify')
  })

  it('explains itself and does nothing else with --help', async () => {
    const { code, said, line } = await failure(['--help'])
    expect([code, line]).toEqual([0, ''])
    expect(said).toContain('--tls-cert FILE')
    expect(existsSync(dataDir)).toBe(false)
  })

  it('goes on when nobody reads its greeting any more', async () => {
    const first = start()
    const url = await first.url()
    first.closeOutput()
    expect((await fetch(`${url}/v2/`)).status).toBe(401)
    first.kill('SIGTERM')
    expect(await first.exitCode()).toBe(0)
  })

  describe('fails in one line', () => {
    it('for a flag it does not know and a value it cannot use', async () => {
      expect((await failure(['--prot', '1'])).line).toMatch(/^sluice: .*--prot.*\n$/)
      expect(await failure(['--port', 'x'])).toEqual(
        refusedWith('--port (SLUICE_PORT) must be a whole number from 0 to 65535, not "x"'),
      )
    })

    it('for a port in use, and then shows the password all the same', async () => {
      const other = createServer().listen(0, '127.0.0.1')
      await once(other, 'listening')
      const address = other.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      const { code, said, line } = await failure(['--port', String(port)])
      other.close()
      expect([code, line]).toEqual([
        1,
        `sluice: port ${port} on 127.0.0.1 is in use: choose another with --port or SLUICE_PORT\n`,
      ])
      expect(said).toMatch(/its password is \S+\n/)
    })

    it('for an address of another machine', async () => {
      expect((await failure(['--address', '192.0.2.1'])).line).toMatch(
        /^sluice: port 0 on 192\.0\.2\.1 cannot be opened: the address is not one of this machine\n$/,
      )
    })

    it('for a data directory that cannot be made or written', async () => {
      writeFileSync(join(directory, 'file'), '')
      const below = join(directory, 'file', 'data')
      expect(await failure(['--data-dir', below])).toEqual(
        refusedWith(`data directory ${below} is not a directory`),
      )
      expect(await failure(['--data-dir', join(directory, 'file')])).toEqual(
        refusedWith(`data directory ${join(directory, 'file')} is not a directory`),
      )
      expect((await failure(['--data-dir', '/proc'])).line).toMatch(
        /^sluice: data directory \/proc is not writable \(.+\)\n$/,
      )
    })

    it('for a data directory that another process uses, until that one dies', async () => {
      const first = start()
      await first.url()
      expect(await failure()).toEqual(
        refusedWith(`data directory ${dataDir} is in use by another server process`),
      )
      first.kill('SIGKILL')
      await first.exitCode()
      await start().url()
    })

    it('for a data directory of a newer version', async () => {
      mkdirSync(dataDir)
      writeFileSync(join(dataDir, 'layout.version'), '2\n')
      expect((await failure()).line).toMatch(
        /^sluice: data directory .* has layout version 2, this program knows up to 1: run .*\n$/,
      )
      expect(readdirSync(dataDir).toSorted()).toEqual(['layout.version', 'server.lock'])
      writeFileSync(join(dataDir, 'layout.version'), 'two\n')
      expect(await failure()).toEqual(
        refusedWith(`${join(dataDir, 'layout.version')} holds no version number`),
      )
    })

    it('for a table of a newer version, and for one that is broken', async () => {
      mkdirSync(dataDir)
      const file = join(dataDir, 'sluice.db')
      const database = new DatabaseSync(file)
      database.exec('PRAGMA user_version = 99')
      database.close()
      expect((await failure()).line).toMatch(/^sluice: .*sluice\.db has data version 99.*\n$/)
      writeFileSync(file, 'this is no database, and long enough to be seen as none'.repeat(100))
      expect((await failure()).line).toMatch(/^sluice: .*sluice\.db cannot be opened: .*\n$/)
    })

    it('for broken signing keys', async () => {
      mkdirSync(dataDir)
      writeFileSync(join(dataDir, 'keys.json'), '{"keys":')
      expect(await failure()).toEqual(
        refusedWith(`signing keys file ${join(dataDir, 'keys.json')}: is not JSON`),
      )
    })

    it('for certificates and keys that are missing, broken or strangers to each other', async () => {
      const one = selfSigned(directory, 'one')
      const two = selfSigned(directory, 'two')
      const broken = join(directory, 'broken.pem')
      writeFileSync(broken, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
      const missing = join(directory, 'missing.pem')
      const needed = '--tls-cert and --tls-key (SLUICE_TLS_CERT, SLUICE_TLS_KEY) need each other'
      expect(await failure(['--tls-cert', one.cert])).toEqual(refusedWith(needed))
      expect(await failure(tls(missing, one.key))).toEqual(
        refusedWith(`certificate ${missing} does not exist`),
      )
      expect(await failure(tls(one.cert, directory))).toEqual(
        refusedWith(`key ${directory} is a directory`),
      )
      expect(await failure(tls(broken, one.key))).toEqual(
        refusedWith(`certificate ${broken} is not a certificate in PEM form`),
      )
      expect(await failure(tls(one.cert, broken))).toEqual(
        refusedWith(`key ${broken} is not an unencrypted private key in PEM form`),
      )
      expect(await failure(tls(one.cert, two.key))).toEqual(
        refusedWith(`key ${two.key} is not the key of certificate ${one.cert}`),
      )
      expect(existsSync(dataDir)).toBe(false)
    })
  })

  it('logs its start in the words of OpenShift', async () => {
    const server = start(['--public-url', 'https://registry.example.org'])
    const { port } = new URL(await server.url())
    await server.untilLogged(`listening on 127.0.0.1:${port}`)
    const messages = [...server.logged.matchAll(/ level=info msg=("(?:[^"\\]|\\.)*"|\S+)/g)]
    expect(messages.map(([, message = '']) => message.replace(/^"|"$/g, '')).slice(0, 4)).toEqual([
      'start registry',
      'redis not configured',
      'Using \\"registry.example.org\\" as Docker Registry URL',
      `listening on 127.0.0.1:${port}`,
    ])
    expect(server.logged).toMatch(/msg="start registry" sluice_version=\S+ node_version=24\./)
  })

  describe('at SIGTERM', () => {
    it('lets an upload finish and ends with 0', async () => {
      const server = start([], { SLUICE_ADMIN_PASSWORD: 'secret' })
      const client = await halfUpload(server, 'secret')
      server.kill('SIGTERM')
      await server.untilLogged('shutting down image registry server')
      await expect(fetch(await server.url())).rejects.toThrow('fetch failed')
      client.send('def')
      await client.until(/^HTTP\/1.1 202 [^]*\r\n\r\n/)
      expect(client.received).toMatch(/range: 0-5\r\n/i)
      expect(await server.exitCode()).toBe(0)
      expect(server.logged).toMatch(/msg="server shutdown, bye."\n$/)
    })

    it('ends at once when asked a second time', async () => {
      const server = start([], { SLUICE_ADMIN_PASSWORD: 'secret' })
      const client = await halfUpload(server, 'secret')
      server.kill('SIGTERM')
      await server.untilLogged('shutting down image registry server')
      server.kill('SIGINT')
      expect(await server.exitCode()).toBe(130)
      client.socket.destroy()
    })
  })
})
