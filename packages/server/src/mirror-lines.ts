/** What to paste into the configuration of clients, so that they pull other registries' images through this one. */

export interface MirroredRegistry {
  /** `127.0.0.1:5000` */
  readonly host: string
  readonly secure: boolean
  /** The upstreams that it reads through, by name. */
  readonly upstreams: readonly string[]
  /** The one that is found at the root as well. */
  readonly root: string | undefined
}

/** Nothing where there is no upstream. */
export function mirrorLines({ host, secure, upstreams, root }: MirroredRegistry): string {
  const [first] = upstreams
  if (first === undefined) return ''
  const shown = root !== undefined && upstreams.includes(root) ? root : first
  const url = `${secure ? 'https' : 'http'}://${host}`
  const image = `${host}/${shown}/${shown === 'docker.io' ? 'library/alpine' : '<repository>'}`
  const lines = [
    `Pull ${upstreams.join(', ')} through it, each under its name:`,
    `  podman pull ${image}${secure ? '' : ' --tls-verify=false'}`,
    'or have clients do so by themselves. podman, in /etc/containers/registries.conf.d/sluice.conf:',
    '  [[registry]]',
    `  location = "${shown}"`,
    '  [[registry.mirror]]',
    `  location = "${host}/${shown}"`,
    ...(secure ? [] : ['  insecure = true']),
    ...(root === 'docker.io'
      ? ['docker, in /etc/docker/daemon.json:', `  { "registry-mirrors": ["${url}"] }`]
      : []),
    'containerd, for every registry, in /etc/containerd/certs.d/_default/hosts.toml:',
    `  [host."${url}"]`,
    '    capabilities = ["pull", "resolve"]',
  ]
  return `${lines.join('\n')}\n`
}
