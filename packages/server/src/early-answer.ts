/**
 * An answer given before the request's body has come, such as 401 to a layer of 2 GB. Closing at once would make the
 * client's kernel throw the answer away unread (the reset that unread bytes provoke), so the door says `Connection:
 * close`, ends its own half, and reads on for a while into nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** A body so short is on its way already: it is read and the connection kept. */
const SHORT_BODY_BYTES = 64 * 1024

/** What a client may send us in vain, who reads the answer only when it has sent everything. */
export const MAX_LINGER_BYTES = 256 * 1024 * 1024
export const MAX_LINGER_MS = 10_000

/** To be called when the answer is known and its head not yet written. */
export function prepareEarlyAnswer(incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (incoming.complete) return
  const length = incoming.headers['content-length']
  const chunked = incoming.headers['transfer-encoding'] !== undefined
  if (!chunked && length === undefined) return
  if (!chunked && Number(length) <= SHORT_BODY_BYTES) {
    // Node does this only for a body that nobody has begun to read.
    outgoing.once('finish', () => incoming.resume())
    return
  }
  outgoing.shouldKeepAlive = false
  const { socket } = incoming
  // Node calls this, and nothing else, when a response that ends its connection is out.
  socket.destroySoon = () => {
    incoming.resume()
    linger(socket, () => incoming.complete)
  }
}

/** Ends our half and discards what comes until the client ends its own, `isOver`, or a limit is reached. */
export function linger(socket: Socket, isOver: () => boolean): void {
  const firstByte = socket.bytesRead
  const deadline = Date.now() + MAX_LINGER_MS
  socket.end()
  const watch = setInterval(() => {
    const tooMuch = socket.bytesRead - firstByte > MAX_LINGER_BYTES || Date.now() > deadline
    if (tooMuch || (isOver() && socket.writableFinished)) socket.destroy()
  }, 50)
  watch.unref()
  socket.once('end', () => socket.destroy())
  socket.once('close', () => clearInterval(watch))
}
