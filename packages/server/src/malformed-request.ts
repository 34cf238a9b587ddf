import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { linger } from './early-answer.ts'

const STATUS_LINES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/**
 * Answers what is no HTTP request, or one whose head is too large or too slow. Node would do so too, but closes at once,
 * and a client that is still sending then sees a reset instead of the answer.
 */
export function answerMalformedRequests(
  server: Server,
  answerOn: (socket: Socket) => ServerResponse | undefined,
): void {
  const refused = new WeakSet<Socket>()
  server.on('clientError', (error: Error & { readonly code?: string }, duplex) => {
    const socket = duplex as Socket
    // The parser complains again about every further piece.
    if (refused.has(socket)) return
    const answer = answerOn(socket)
    const begun = answer !== undefined && answer.headersSent && !answer.writableFinished
    if (error.code === 'ECONNRESET' || !socket.writable || begun) {
      socket.destroy()
      return
    }
    refused.add(socket)
    const status = STATUS_LINES[error.code ?? ''] ?? '400 Bad Request'
    socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    linger(socket, () => false)
  })
}
