/** What comes in: uploads of the sizes that clients send, and a manifest of what was uploaded. */
import { Broken, type Examination } from './examination.ts'
import type { Answer } from './exchange.ts'
import type { ProbeName } from './fixes.ts'
import type { Patient } from './patient.ts'
import { randomBody } from './random-body.ts'

const MEDIA_TYPE = 'application/vnd.oci.image.manifest.v1+json'
const CHUNK = 4 * 1024 * 1024

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

export interface PushedImage {
  readonly digest: string
  readonly bytes: Buffer
  /** The smallest of its blobs, which is to be read whole. */
  readonly blob: Descriptor
}

/** `blobs` grows with each that was taken, so that they can be removed. `undefined`: there is no image to pull. */
export async function pushProbes(
  examination: Examination,
  patient: Patient,
  sizes: readonly (readonly [ProbeName, number])[],
  blobs: Descriptor[],
): Promise<PushedImage | undefined> {
  const take = (digest: string, size: number): void => {
    blobs.push({ mediaType: 'application/octet-stream', digest, size })
  }
  await examination.probe('upload-location', async () => {
    const upload = await startUpload(patient)
    await patient.askAsUser(upload, { method: 'DELETE' })
    if (upload.origin === patient.origin.origin) return `uploads go to ${upload.origin}`
    throw new Broken(`uploads go to ${upload.origin}, and ${patient.origin.origin} was asked`)
  })
  await examination.probe('upload-chunks', async () => {
    const body = randomBody(2 * CHUNK)
    const whole = [...body.pieces]
    const half = whole.length / 2
    let upload = await startUpload(patient)
    for (const [at, pieces] of [whole.slice(0, half), whole.slice(half)].entries()) {
      const range = `${at * CHUNK}-${(at + 1) * CHUNK - 1}`
      const headers = { 'Content-Range': range, 'Content-Type': 'application/octet-stream' }
      const chunk = { bytes: CHUNK, pieces }
      upload = await patched(patient, upload, { headers, body: chunk }, (at + 1) * CHUNK)
    }
    await finish(patient, upload, body.digest())
    take(body.digest(), body.bytes)
    return 'a blob is taken in two chunks of 4 MiB, as regctl sends it'
  })
  for (const [probe, size] of sizes) {
    await examination.probe(probe, async () => {
      const body = randomBody(size)
      const headers = { 'Content-Type': 'application/octet-stream' }
      const began = await startUpload(patient)
      const upload = await patched(patient, began, { headers, body }, size)
      await finish(patient, upload, body.digest())
      take(body.digest(), size)
      return `${size} bytes are taken in one PATCH, as podman and docker send a layer`
    })
  }
  const [blob] = blobs.toSorted((one, other) => one.size - other.size)
  if (!blob) return undefined
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE,
      artifactType: 'application/vnd.sluice.doctor',
      config: blob,
      layers: blobs.filter((one) => one !== blob),
    }),
  )
  let image: PushedImage | undefined
  await examination.probe('manifest-put', async () => {
    const headers = { 'Content-Type': MEDIA_TYPE }
    const body = { bytes: bytes.byteLength, pieces: [bytes] }
    const path = `/v2/${patient.repository}/manifests/doctor`
    const answer = expectStatus(
      201,
      await patient.askAsUser(path, { method: 'PUT', headers, body }),
    )
    const digest = answer.headers['docker-content-digest']
    if (typeof digest !== 'string') throw new Broken('Docker-Content-Digest does not arrive')
    image = { digest, bytes, blob }
    return `201, ${digest}`
  })
  return image
}

export function expectStatus(wanted: number, answer: Answer): Answer {
  if (answer.status === wanted) return answer
  const told = answer.body.toString().slice(0, 300).replaceAll('\n', ' ')
  throw new Broken(`answered ${answer.status}, not ${wanted}${told === '' ? '' : `: ${told}`}`)
}

export async function startUpload(patient: Patient): Promise<URL> {
  const path = `/v2/${patient.repository}/blobs/uploads/`
  return placeIn(patient, expectStatus(202, await patient.askAsUser(path, { method: 'POST' })))
}

async function patched(
  patient: Patient,
  upload: URL,
  question: Parameters<Patient['askAsUser']>[1],
  size: number,
): Promise<URL> {
  const answer = await patient
    .askAsUser(upload, { ...question, method: 'PATCH' })
    .then((answered) => expectStatus(202, answered))
    .catch(async (error: unknown) => {
      await patient.askAsUser(upload, { method: 'DELETE' }).catch(() => undefined)
      throw error
    })
  const range = answer.headers['range']
  if (range !== `0-${size - 1}`) throw new Broken(`Range says ${range}, not 0-${size - 1}`)
  return placeIn(patient, answer)
}

async function finish(patient: Patient, upload: URL, digest: string): Promise<void> {
  const whole = new URL(upload)
  whole.searchParams.set('digest', digest)
  expectStatus(201, await patient.askAsUser(whole, { method: 'PUT' }))
}

function placeIn(patient: Patient, { headers }: Answer): URL {
  const { location } = headers
  if (location === undefined) throw new Broken('Location does not arrive')
  return new URL(location, patient.origin)
}
