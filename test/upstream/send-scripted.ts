import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import type { ProperAnswer } from './proper-answer.ts'

/** Sends the answer, with what the fault does to it. */
export async function sendScripted(
  response: ServerResponse,
  proper: ProperAnswer,
  fault: Fault | undefined,
): Promise<void> {
  if (fault?.kind === 'hang' && fault.after === undefined) return
  if (fault?.kind === 'cut' && fault.after === undefined) {
    response.socket?.resetAndDestroy()
    return
  }
  const isAnswer = fault?.kind === 'answer'
  const body = Buffer.from(isAnswer ? (fault.body ?? '') : proper.body)
  const status = isAnswer ? fault.status : proper.status
  const headers: Record<string, unknown> = {
    'content-length': body.byteLength,
    ...(isAnswer ? fault.headers : proper.headers),
    ...(fault?.kind === 'headers' && fault.headers),
  }
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) response.setHeader(name, value as string)
  }
  response.writeHead(status)
  if (response.req.method === 'HEAD') {
    response.end()
    return
  }
  if (fault?.kind === 'wrong-bytes' && body.byteLength > 0) body[0] = ~body[0]!
  await sendBody(response, body, fault)
}

async function sendBody(
  response: ServerResponse,
  body: Buffer,
  fault: Fault | undefined,
): Promise<void> {
  if (fault?.kind === 'hang' || fault?.kind === 'cut') {
    response.flushHeaders()
    response.write(body.subarray(0, fault.after), () => {
      // What was written must have left before the reset, which takes back what has not.
      if (fault.kind === 'cut') setTimeout(() => response.socket?.destroy(), 10)
    })
    return
  }
  if (fault?.kind !== 'drip') {
    response.end(body)
    return
  }
  response.flushHeaders()
  for (let at = 0; at < body.byteLength && !response.destroyed; at += fault.bytes) {
    response.write(body.subarray(at, at + fault.bytes))
    await sleep(fault.everyMs)
  }
  response.end()
}
