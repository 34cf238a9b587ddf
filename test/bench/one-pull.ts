import { OCI_MANIFEST } from '@sluice/core/media-type'
import { curlTimes } from './curl.ts'
import { expectStatus } from './http-exchange.ts'

/** One way to the images of an upstream. */
export interface Way {
  readonly name: string
  readonly url: string
  readonly repository: string
  authorize(): Promise<Readonly<Record<string, string>>>
}

/** Manifest by tag, then the layer. `first`: seconds to the layer's first byte from when it was asked for. */
export async function onePull(
  way: Way,
  tag: string,
  digest: string,
  size: number,
): Promise<{ readonly first: number; readonly whole: number }> {
  const headers = await way.authorize()
  const base = `${way.url}/v2/${way.repository}`
  const began = performance.now()
  const accept = { ...headers, accept: OCI_MANIFEST }
  await expectStatus(200, 'GET', `${base}/manifests/${tag}`, { headers: accept })
  const manifest = (performance.now() - began) / 1000
  const { first, whole } = await curlTimes(`${base}/blobs/${digest}`, size, headers)
  return { first, whole: manifest + whole }
}
