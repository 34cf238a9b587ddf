/** Real clients, and the way each of them comes to a cache of Docker Hub. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClientUnderTest } from '../../clients/client.ts'
import { containerd } from '../../clients/containerd.ts'
import { crane } from '../../clients/crane.ts'
import { docker } from '../../clients/docker.ts'
import { oras } from '../../clients/oras.ts'
import { podman } from '../../clients/podman.ts'
import { regctl } from '../../clients/regctl.ts'
import type { CacheSetting } from './open-cache-setting.ts'

export interface CacheClient {
  readonly under: ClientUnderTest
  readonly way: string
  /** The name by which the client's user asks for `<name>` of Docker Hub, as in `library/hello:v1`. */
  imageName(host: string, name: string): string
  /** What must be among the client's requests, to be sure that it went that way. */
  readonly asks: RegExp
  /** Writes what its user would configure, before or after it has started. */
  configure?(setting: CacheSetting): void
  /** How its user logs in to the cache, when that is not as to any registry. */
  login?(setting: CacheSetting): void
}

const withinThePath = (host: string, name: string): string => `${host}/docker.io/${name}`
const asDockerHubs = (_: string, name: string): string => `docker.io/${name}`
const PATH = /^GET \/v2\/docker\.io\/library\/hello\/manifests\/v1 -> 200$/m

export const CACHE_CLIENTS: readonly CacheClient[] = [
  {
    under: podman,
    way: 'registries.conf',
    imageName: asDockerHubs,
    asks: PATH,
    configure({ dir, server }) {
      const directory = join(dir, '.config/containers')
      mkdirSync(directory, { recursive: true })
      const mirror = `[[registry.mirror]]\nlocation = "${server.host}/docker.io"\ninsecure = true\n`
      const hub = '[[registry]]\nlocation = "docker.io"\n'
      writeFileSync(join(directory, 'registries.conf'), hub + mirror)
    },
  },
  {
    under: containerd,
    way: 'hosts.toml and ?ns=',
    imageName: asDockerHubs,
    asks: /^HEAD \/v2\/library\/hello\/manifests\/v1\?ns=docker\.io -> 200$/m,
    configure({ dir, server }) {
      const directory = join(dir, 'hosts/docker.io')
      mkdirSync(directory, { recursive: true })
      const mirror = `[host."${server.url}"]\n  capabilities = ["pull", "resolve"]\n`
      writeFileSync(join(directory, 'hosts.toml'), `server = "${server.url}"\n${mirror}`)
    },
  },
  {
    under: docker,
    way: '--registry-mirror',
    imageName: (_, name) => name.replace('library/', ''),
    asks: /^HEAD \/v2\/library\/hello\/manifests\/v1 -> 200$/m,
    // The engine shows a mirror whatever login it has for Docker Hub, and has no other for it.
    login({ dir, server }) {
      const auth = Buffer.from(`${server.user}:${server.password}`).toString('base64')
      const auths = { 'https://index.docker.io/v1/': { auth } }
      writeFileSync(join(dir, 'config/config.json'), JSON.stringify({ auths }))
    },
  },
  { under: crane, way: 'its name', imageName: withinThePath, asks: PATH },
  {
    under: oras,
    way: 'its name',
    imageName: withinThePath,
    asks: /^(HEAD|GET) \/v2\/docker\.io\/library\/hello\/manifests\/v1 -> 200$/m,
  },
  {
    under: regctl,
    way: 'its name',
    imageName: withinThePath,
    asks: /^(HEAD|GET) \/v2\/docker\.io\/library\/hello\/manifests\/v1 -> 200$/m,
  },
]
