/** An upstream that answers HEAD with a body, which on a kept connection would be taken for the answer to what is asked next. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { parseReference } from '@sluice/core/reference'
import { expect, it } from 'vitest'
import { REPOSITORY } from '../../upstream/calls.ts'
import { openDialer } from '../../upstream/open-dialer.ts'
import { makeImage } from '../../upstream/upstream-content.ts'
import { upstreamSettings } from '../../upstream/upstream-settings.ts'

const IMAGE = makeImage([])
const BODY = 'HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}'
const HEADERS = [
  'HTTP/1.1 200 OK',
  `content-type: ${IMAGE.mediaType}`,
  `docker-content-digest: ${IMAGE.digest}`,
  `content-length: ${IMAGE.bytes.byteLength}`,
  '\r\n',
].join('\r\n')

type Later = (send: () => void) => void

function serve(socket: Socket, later: Later): void {
  socket
    .on('error', () => undefined)
    .on('data', (request) => {
      const isHead = request.toString('latin1').startsWith('HEAD')
      socket.write(isHead ? HEADERS : HEADERS + IMAGE.bytes.toString())
      if (isHead) later(() => socket.write(BODY))
    })
}

const TIMES: readonly (readonly [string, Later])[] = [
  ['at once', (send) => send()],
  ['soon', (send) => void setImmediate(send)],
  ['a moment later', (send) => void setTimeout(send, 5)],
]

it.each(TIMES)('that comes %s is no answer', async (_when, later) => {
  const server = createServer((socket) => serve(socket, later)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const settings = upstreamSettings(`http://127.0.0.1:${port}`)
  const upstream = openDialer().dialer.dial('wordy', settings)
  const v1 = parseReference('v1')
  for (let times = 0; times < 20; times++) {
    expect(await upstream.resolve(REPOSITORY, v1)).toMatchObject({ digest: IMAGE.digest })
    const found = await upstream.manifest(REPOSITORY, v1)
    expect(Buffer.from(found?.bytes ?? [])).toEqual(IMAGE.bytes)
  }
  server.close()
})
