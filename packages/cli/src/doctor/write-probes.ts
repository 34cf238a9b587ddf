/** What needs somebody who may push: an image of random bytes in a repository of its own, which is removed again. */
import { cleanUp } from './clean-up.ts'
import type { Examination } from './examination.ts'
import type { ProbeName } from './fixes.ts'
import type { Patient } from './patient.ts'
import { pullProbes } from './pull-probes.ts'
import { pushProbes, startUpload, type Descriptor, type PushedImage } from './push-probes.ts'

const MEBIBYTE = 1024 * 1024

const PUSHES: readonly ProbeName[] = ['upload-location', 'upload-chunks', 'upload-20MB']
const PULLS: readonly ProbeName[] = [
  'manifest-head',
  'manifest-get',
  'encoded-path',
  'errors',
  'blob-head',
  'blob-redirect',
  'blob-range',
  'link-lifetime',
]

const sizes = (large: boolean): readonly (readonly [ProbeName, number])[] => [
  ['upload-20MB', 20 * MEBIBYTE],
  ...(large ? [['upload-1GB', 1024 * MEBIBYTE] as const] : []),
]

/** All of them: `large` is asked for, or not meant. */
export const writeProbeNames = (large: boolean): readonly ProbeName[] => [
  'authorization',
  'upload-start',
  ...PUSHES,
  ...(large ? (['upload-1GB'] as const) : []),
  'manifest-put',
  ...PULLS,
  'cleanup',
]

export async function writeProbes(
  examination: Examination,
  patient: Patient,
  large: boolean,
): Promise<void> {
  const rest = writeProbeNames(large)
  const mayAsk = await examination.probe('authorization', async () => {
    await patient.token()
    return 'a login is given a token'
  })
  if (!mayAsk) {
    examination.leaveOut(rest.slice(1), 'nobody is logged in')
    return
  }
  const mayPush = await examination.probe('upload-start', async () => {
    const upload = await startUpload(patient)
    await patient.askAsUser(upload, { method: 'DELETE' })
    return `whoever is logged in may push to ${patient.repository}`
  })
  if (!mayPush) {
    examination.leaveOut(rest.slice(2), 'no upload can be started')
    return
  }
  const blobs: Descriptor[] = []
  let image: PushedImage | undefined
  try {
    image = await pushProbes(examination, patient, sizes(large), blobs)
    if (image) await pullProbes(examination, patient, image)
    else {
      const missing: readonly ProbeName[] = blobs.length > 0 ? [] : ['manifest-put']
      examination.leaveOut([...missing, ...PULLS], 'there is no image to pull')
    }
  } finally {
    await examination.probe('cleanup', () => cleanUp(patient, blobs, image))
  }
}
