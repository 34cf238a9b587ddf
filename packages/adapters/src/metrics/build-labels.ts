import type { LabelsOf } from '@sluice/core/metrics-families'

/** Of `imageregistry_build_info`, as OpenShift's registry has them; `commit` where it is known. */
export function buildLabels(
  version: string,
  commit: string | undefined,
): LabelsOf<'imageregistry_build_info'> {
  const [major = '', minor = ''] = version.split('.')
  const gitCommit = commit?.slice(0, 9) ?? ''
  const gitVersion = gitCommit === '' ? `v${version}` : `v${version}+${gitCommit}`
  return { gitCommit, gitVersion, major, minor }
}
