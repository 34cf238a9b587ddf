/** Layers that never touch the client's disk, in either direction. */
import { expectStatus } from './http-exchange.ts'
import { Keystream } from './keystream.ts'
import type { RunningPeer } from './peers/peer.ts'
import { closeUpload, openUpload, scopeOf, uploadAt } from './push-image.ts'

/** Pushes a layer that is made on the way, and returns its digest. */
export async function streamIn(
  server: Pick<RunningPeer, 'url' | 'authorize'>,
  repository: string,
  bytes: number,
): Promise<string> {
  const headers = await server.authorize(scopeOf(repository))
  const content = new Keystream(bytes)
  const upload = await openUpload(server, repository, headers)
  const { location } = await expectStatus(202, 'PATCH', upload, {
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body: content,
  })
  const digest = content.digest()
  await closeUpload(uploadAt(location, upload), digest, await server.authorize(scopeOf(repository)))
  return digest
}

/** Pulls a layer and throws it away. */
export async function streamOut(
  server: RunningPeer,
  repository: string,
  digest: string,
  bytes: number,
): Promise<void> {
  const headers = await server.authorize(scopeOf(repository))
  let received = 0
  await expectStatus(200, 'GET', `${server.url}/v2/${repository}/blobs/${digest}`, {
    headers,
    onData: (chunk) => (received += chunk.length),
  })
  if (received !== bytes) throw new Error(`${received} of ${bytes} bytes came`)
}
