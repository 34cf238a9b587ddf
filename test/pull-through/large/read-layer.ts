import { request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RegistryUnderTest } from '../../registry-under-test.ts'
import type { PatternBlob } from './pattern-blob.ts'

export interface Read {
  readonly status: number
  /** How many bytes of the layer came, all of them right. */
  readonly bytes: number
}

export interface ReadOptions {
  /** The first byte that is asked for, by Range. */
  readonly start?: number
  /** Bytes a second; as fast as they come, without it. */
  readonly pace?: number
  readonly onBytes?: (bytes: number) => void
  /** Takes whatever comes. */
  readonly unchecked?: boolean
}

/** Reads a layer as a client does, to its end or to where it breaks off; rejects at the first byte that is another. */
export async function readLayer(
  { url, user, password }: RegistryUnderTest,
  repository: string,
  layer: PatternBlob,
  { start = 0, pace, onBytes, unchecked = false }: ReadOptions = {},
): Promise<Read> {
  const asked = request(`${url}/v2/${repository}/blobs/${layer.digest}`, {
    auth: `${user}:${password}`,
    agent: false,
    headers: start > 0 ? { range: `bytes=${start}-` } : {},
  })
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const status = answer.statusCode ?? 0
  let bytes = 0
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      if (!unchecked && status < 300 && !layer.holds(start + bytes, piece)) {
        throw new Error(`another byte came after ${start + bytes}`)
      }
      bytes += piece.byteLength
      onBytes?.(bytes)
      if (pace !== undefined) await sleep((piece.byteLength / pace) * 1000)
    }
  } catch (error) {
    if ((error as { readonly code?: string }).code !== 'ECONNRESET') throw error
  }
  return { status, bytes }
}
