import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { readFileSync } from 'node:fs'
import type { Setting } from './client.ts'

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

/** What the registry itself says an image is, asked without any client's help; nothing when it has no such image. */
export function manifestDigest(
  { server, tls, caFile }: Setting,
  image: string,
): Promise<string | undefined> {
  const [, name = '', reference = ''] = /^[^/]+\/(.+?)[:@]((?<=@).+|[^/:@]+)$/.exec(image) ?? []
  const options = {
    method: 'HEAD',
    auth: `${server.user}:${server.password}`,
    headers: { accept: ACCEPT.join(', ') },
    ...(tls && { ca: readFileSync(caFile) }),
  }
  const url = `${server.url}/v2/${name}/manifests/${reference}`
  return new Promise((resolve, reject) => {
    const request = (tls ? requestHttps : requestHttp)(url, options, (response) => {
      response.resume()
      const digest = response.headers['docker-content-digest']
      if (response.statusCode === 200) resolve(String(digest))
      else if (response.statusCode === 404) resolve(undefined)
      else reject(new Error(`HEAD ${url} answered ${response.statusCode}`))
    })
    request.on('error', reject).end()
  })
}
