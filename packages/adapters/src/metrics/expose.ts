/** A meter's exposition as the body of an answer, in the format and the encoding that its scraper asks for. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { expositionFormat } from './exposition-format.ts'
import type { Meter } from './meter.ts'
import { writeExposition } from './write-exposition.ts'

/** Of the request, as they came. */
export interface ScrapeWish {
  readonly accept?: string | undefined
  readonly acceptEncoding?: string | undefined
}

export interface Exposition {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array<ArrayBuffer>
}

export async function expose(meter: Meter, wish: ScrapeWish): Promise<Exposition> {
  const { openMetrics, contentType } = expositionFormat(wish.accept)
  const text = writeExposition(meter, openMetrics)
  const headers = { 'Content-Type': contentType, Vary: 'Accept, Accept-Encoding' }
  if (!takesGzip(wish.acceptEncoding)) return { headers, body: text }
  const body = new Uint8Array(await promisify(gzip)(text))
  return { headers: { ...headers, 'Content-Encoding': 'gzip' }, body }
}

const takesGzip = (acceptEncoding: string | undefined): boolean =>
  (acceptEncoding ?? '').split(',').some((one) => {
    const [coding = '', weight = 'q=1'] = one.split(';').map((part) => part.trim().toLowerCase())
    return coding === 'gzip' && Number(weight.replace(/^q=/, '')) > 0
  })
