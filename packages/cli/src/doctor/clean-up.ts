/** What the probes left, removed again: the repository by the admin API, or what is in it one by one. */
import { Broken } from './examination.ts'
import type { Patient } from './patient.ts'
import type { Descriptor, PushedImage } from './push-probes.ts'

export async function cleanUp(
  patient: Patient,
  blobs: readonly Descriptor[],
  image: PushedImage | undefined,
): Promise<string> {
  const { repository } = patient
  const slash = repository.indexOf('/')
  const [project, name] = [repository.slice(0, slash), repository.slice(slash + 1)]
  const remove = async (path: string): Promise<void> => {
    const { status } = await patient.askAsUser(path, { method: 'DELETE' })
    if (status !== 202 && status !== 404) throw new Broken(`removing ${path} answers ${status}`)
  }
  if (image) {
    await remove(`/v2/${repository}/manifests/${image.digest}`)
    const stream = `/apis/image.openshift.io/v1/namespaces/${project}/imagestreams/${name}`
    const { status } = await patient.askApi(stream, 'DELETE')
    if (status >= 300 && status !== 404) {
      throw new Broken(`the empty repository ${repository} stays: its removal answers ${status}`)
    }
  }
  for (const { digest } of blobs) await remove(`/v2/${repository}/blobs/${digest}`)
  return `${repository} is gone again`
}
