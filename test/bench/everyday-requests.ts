/** What users do with a registry of any size, each timed as a client sees it. */
import { expectStatus } from './http-exchange.ts'
import { digestOf, IMAGE_MANIFEST, randomImage } from './image.ts'
import type { RunningPeer } from './peers/peer.ts'
import { pushImage } from './push-image.ts'

export const PAGE = 100

interface Manifest {
  readonly config: { readonly digest: string }
  readonly layers: readonly { readonly digest: string }[]
}

type Headers = Readonly<Record<string, string>>
export type Request = (server: RunningPeer, headers: Headers) => Promise<number>

async function timed<T>(work: () => Promise<T>): Promise<readonly [number, T]> {
  const began = performance.now()
  const result = await work()
  return [performance.now() - began, result]
}

/** A page that is not full would be compared with one that is: it is refused. */
function page(path: string, list: 'tags' | 'repositories', last?: string): Request {
  return async (server, headers) => {
    const after = last === undefined ? '' : `&last=${encodeURIComponent(last)}`
    const url = `${server.url}/v2/${path}?n=${PAGE}${after}`
    const [took, { body }] = await timed(() => expectStatus(200, 'GET', url, { headers }))
    const lists: Partial<Record<typeof list, string[]>> = JSON.parse(body.toString())
    const entries = lists[list]?.length ?? 0
    if (entries !== PAGE) throw new Error(`${entries} entries, not ${PAGE}, from ${url}`)
    return took
  }
}

export const tagPage = (repository: string, last?: string): Request =>
  page(`${repository}/tags/list`, 'tags', last)

export const cataloguePage = (last?: string): Request => page('_catalog', 'repositories', last)

/** A new image of two blobs under a new tag, with the requests of an ordinary client. */
export const push =
  (repository: string): Request =>
  async (server, headers) => {
    const image = randomImage(1, 4096)
    const tag = digestOf(image.manifest).slice(-16)
    return (await timed(() => pushImage(server, repository, `p${tag}`, image, headers)))[0]
  }

/** The manifest by its tag, then both blobs that it names. */
export const pull =
  (repository: string, tag: string): Request =>
  async (server, headers) => {
    const [took] = await timed(async () => {
      const at = `${server.url}/v2/${repository}`
      const { body } = await expectStatus(200, 'GET', `${at}/manifests/${tag}`, {
        headers: { ...headers, accept: IMAGE_MANIFEST },
      })
      const { config, layers }: Manifest = JSON.parse(body.toString())
      for (const { digest } of [config, ...layers]) {
        await expectStatus(200, 'GET', `${at}/blobs/${digest}`, { headers })
      }
    })
    return took
  }
