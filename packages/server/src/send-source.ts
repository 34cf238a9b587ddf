import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

/**
 * Writes head and bytes to the socket, without the copies and promises of a web stream. `false` when the client went
 * away; throws when the source fails, and leaves the response cut short, which is all a client can be told by then.
 * `sent` counts along.
 */
export async function sendSource(
  outgoing: ServerResponse,
  head: Response,
  source: AsyncIterable<Uint8Array>,
  sent: { bytes: number },
): Promise<boolean> {
  try {
    outgoing.writeHead(head.status, headersOf(head))
    for await (const chunk of source) {
      if (!(await written(outgoing, chunk))) return false
      sent.bytes += chunk.byteLength
    }
    outgoing.end()
    return true
  } catch (error) {
    outgoing.destroy()
    throw error
  }
}

const headersOf = (head: Response): OutgoingHttpHeaders => Object.fromEntries(head.headers)

/** A response waiting behind another one on its connection never hears of its writes when that connection closes. */
function written(outgoing: ServerResponse, chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    if (outgoing.destroyed) {
      resolve(false)
      return
    }
    const onClose = (): void => resolve(false)
    outgoing.once('close', onClose)
    outgoing.write(chunk, (error) => {
      outgoing.off('close', onClose)
      resolve(error === null || error === undefined)
    })
  })
}
