import { curlPatch } from './curl.ts'
import type { RunningPeer } from './peers/peer.ts'
import { closeUpload, openUpload, uploadAt } from './push-image.ts'
import type { RandomLayer } from './random-layer.ts'

/** POST, PATCH with the whole layer, PUT with an empty body. Returns the client's seconds for all three. */
export async function pushLayer(
  server: RunningPeer,
  repository: string,
  layer: RandomLayer,
  digest: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const began = performance.now()
  const upload = await openUpload(server, repository, headers)
  const location = await curlPatch(upload, layer.path, headers)
  await closeUpload(uploadAt(location, upload), digest, headers)
  return (performance.now() - began) / 1000
}
