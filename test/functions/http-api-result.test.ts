import { randomBytes } from 'node:crypto'
import { MAX_RESULT_BYTES, resultOf, ResultTooLargeError } from '@sluice/functions/http-api-result'
import { describe, expect, it } from 'vitest'

const MIB = 1024 * 1024

/** A result's body, read as the gateway reads it. */
const bytesOf = ({ body = '', isBase64Encoded = false }): Buffer =>
  Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')

describe('a result for an HTTP API', () => {
  it.each([
    ['nothing', Buffer.alloc(0), false],
    ['text', Buffer.from('{"a":"ü\u2028"}'), false],
    ['a byte order mark', Buffer.from('\ufefftext'), false],
    ['NULs', Buffer.alloc(100), false],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x00]), true],
    ['half a surrogate', Buffer.from([0xed, 0xa0, 0x80]), true],
    ['a binary megabyte', randomBytes(MIB), true],
  ])('carries %s exactly', async (_, bytes, base64) => {
    const result = await resultOf(new Response(bytes))
    expect(result.isBase64Encoded).toBe(base64)
    expect(bytesOf(result).equals(bytes)).toBe(true)
  })

  it('carries status and headers, but no length: the gateway will not be told', async () => {
    const headers = {
      'Content-Length': '4',
      Location: '/x',
      'WWW-Authenticate': 'Bearer realm="r"',
    }
    const result = await resultOf(new Response('text', { status: 202, headers }))
    expect(result).toEqual({
      statusCode: 202,
      headers: {
        'content-type': 'text/plain;charset=UTF-8',
        location: '/x',
        'www-authenticate': 'Bearer realm="r"',
      },
      body: 'text',
      isBase64Encoded: false,
    })
  })

  it.each([
    ['of plain text', Buffer.alloc(4 * MIB, 'a'), false],
    ['of quotes, which JSON writes as two bytes', Buffer.alloc(4 * MIB, '"'), true],
    ['of control characters, which JSON writes as six', Buffer.alloc(4 * MIB, '\u0001'), true],
    ['of no text', Buffer.alloc(4 * MIB, 0xff), true],
  ])('has room for the largest manifest, %s', async (_, bytes, base64) => {
    const result = await resultOf(new Response(bytes))
    expect(result.isBase64Encoded).toBe(base64)
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThanOrEqual(MAX_RESULT_BYTES)
    expect(bytesOf(result).equals(bytes)).toBe(true)
  })

  it('refuses what Lambda would refuse, to the byte', async () => {
    const empty = JSON.stringify(await resultOf(new Response(Buffer.alloc(0))))
    const room = MAX_RESULT_BYTES - Buffer.byteLength(empty)
    const fits = await resultOf(new Response(Buffer.alloc(room, 'a')))
    expect(Buffer.byteLength(JSON.stringify(fits))).toBe(MAX_RESULT_BYTES)
    await expect(resultOf(new Response(Buffer.alloc(room + 1, 'a')))).rejects.toThrow(
      ResultTooLargeError,
    )
    await expect(resultOf(new Response(Buffer.alloc(5 * MIB, 0xff)))).rejects.toThrow(
      ResultTooLargeError,
    )
  })

  it('ends a body that is too long where it is too long', async () => {
    let pulled = 0
    let cancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1
        controller.enqueue(Buffer.alloc(MIB))
      },
      cancel() {
        cancelled = true
      },
    })
    await expect(resultOf(new Response(endless))).rejects.toThrow(ResultTooLargeError)
    expect(cancelled).toBe(true)
    expect(pulled).toBeLessThan(10)
  })
})
