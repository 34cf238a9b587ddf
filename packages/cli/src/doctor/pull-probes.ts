/** What goes out: lengths, digests and bytes as they were pushed, and links to the store that need nothing but themselves. */
import { isIP } from 'node:net'
import { createHash } from 'node:crypto'
import { Broken, type Examination } from './examination.ts'
import type { Answer } from './exchange.ts'
import type { Patient } from './patient.ts'
import { expectStatus, type PushedImage } from './push-probes.ts'

/** Of a link that is older than it looks to a slow client, at least so much must be left. */
const LEAST_SECONDS = 60

export async function pullProbes(
  examination: Examination,
  patient: Patient,
  { digest, bytes, blob }: PushedImage,
): Promise<void> {
  const root = `/v2/${patient.repository}`
  const blobPath = `${root}/blobs/${blob.digest}`
  await examination.probe('manifest-head', async () => {
    const answer = await patient.askAsUser(`${root}/manifests/doctor`, { method: 'HEAD' })
    expectLength(expectStatus(200, answer), bytes.byteLength)
    const named = answer.headers['docker-content-digest']
    if (named !== digest) throw new Broken(`Docker-Content-Digest says ${String(named)}`)
    return `HEAD tells its ${bytes.byteLength} bytes and its digest`
  })
  await examination.probe('manifest-get', async () => {
    const answer = expectStatus(200, await patient.askAsUser(`${root}/manifests/doctor`))
    if (!answer.body.equals(bytes)) throw new Broken('other bytes come than were pushed')
    return 'it comes byte for byte'
  })
  await examination.probe('encoded-path', async () => {
    const path = `${root}/manifests/${encodeURIComponent(digest)}`
    expectStatus(200, await patient.askAsUser(path, { method: 'HEAD' }))
    return 'a path may be percent-encoded'
  })
  await examination.probe('errors', async () => {
    const answer = expectStatus(404, await patient.askAsUser(`${root}/manifests/none`))
    if (!answer.body.toString().includes('MANIFEST_UNKNOWN')) {
      throw new Broken('a 404 comes without the registry’s own body')
    }
    return 'a refusal comes with its code'
  })
  await examination.probe('blob-head', async () => {
    const answer = await follow(
      patient,
      await patient.askAsUser(blobPath, { method: 'HEAD' }),
      'HEAD',
    )
    expectLength(expectStatus(200, answer), blob.size)
    return `HEAD tells its ${blob.size} bytes`
  })
  let link: { readonly url: URL; readonly date: string | undefined } | undefined
  await examination.probe('blob-redirect', async () => {
    const first = await patient.askAsUser(blobPath)
    const url = redirectOf(patient, first)
    const answer = expectStatus(200, await follow(patient, first, 'GET'))
    const found = `sha256:${createHash('sha256').update(answer.body).digest('hex')}`
    if (found !== blob.digest) throw new Broken('other bytes come than were pushed')
    if (!url) return 'the registry sends the bytes itself'
    link = { url, date: answer.headers.date }
    return `307 to ${url.host}, which sends them without Authorization`
  })
  await examination.probe('blob-range', async () => {
    const headers = { Range: 'bytes=10-19' }
    const first = await patient.askAsUser(blobPath, { headers })
    const answer = expectStatus(206, await follow(patient, first, 'GET', headers))
    if (answer.body.byteLength !== 10) throw new Broken(`${answer.body.byteLength} bytes, not 10`)
    return '206 with the bytes that were asked for'
  })
  await examination.probe('link-lifetime', async () => {
    if (!link) return 'there is no link that could end'
    const { url, date } = link
    const signed = signedAt(url.searchParams.get('X-Amz-Date') ?? '')
    const seconds = Number(url.searchParams.get('X-Amz-Expires'))
    const store = Date.parse(date ?? '')
    if (Number.isNaN(signed) || Number.isNaN(store)) return 'it is signed in another way than S3’s'
    const left = Math.round((signed - store) / 1000) + seconds
    if (left < LEAST_SECONDS) throw new Broken(`by the store's clock it ends in ${left} s`)
    const skew = Math.round((signed - store) / 1000)
    if (Math.abs(skew) > LEAST_SECONDS) {
      throw new Broken(`it was signed ${skew} s before the store's clock`)
    }
    return `by the store's clock it is good for ${left} s`
  })
}

function expectLength({ headers }: Answer, size: number): void {
  const told = headers['content-length']
  if (told !== String(size)) throw new Broken(`Content-Length says ${told}, not ${size}`)
}

/** Go's clients send Authorization on to a name below the registry's own, and S3 refuses two credentials (400). */
function redirectOf(patient: Patient, { status, headers }: Answer): URL | undefined {
  if (status === 200) return undefined
  if (status !== 307 || headers.location === undefined) {
    throw new Broken(`answered ${status}, neither 200 nor a 307 with its Location`)
  }
  const url = new URL(headers.location, patient.origin)
  const { hostname, protocol } = patient.origin
  const isBelow = url.hostname === hostname || url.hostname.endsWith(`.${hostname}`)
  if (isBelow && isIP(hostname) === 0 && hostname !== 'localhost') {
    throw new Broken(
      `${url.host} is a name below the registry's own: clients send their token there`,
    )
  }
  if (protocol === 'https:' && url.protocol !== 'https:') {
    throw new Broken(`it leads from https to ${url.protocol}//${url.host}`)
  }
  return url
}

/** Without Authorization, as clients do it. */
async function follow(
  patient: Patient,
  answer: Answer,
  method: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { location } = answer.headers
  if (answer.status !== 307 || location === undefined) return answer
  return patient.ask(new URL(location, patient.origin), { method, headers })
}

/** `20261127T223000Z`. */
const signedAt = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, '$1-$2-$3T$4:$5:$6Z'))
