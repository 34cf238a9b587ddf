/** What the server says on standard output when it starts: who may log in, where, and what to type. */
import { mirrorLines, type MirroredRegistry } from './mirror-lines.ts'
import { ADMIN_USER } from '@sluice/adapters/identity/admin-identity-provider'

/** How the administrator's password came about; a generated one is shown this once. */
export type AdminStart = { readonly generated: string } | 'from environment' | 'set before'

/** To be said as soon as the record is made, lest a failure after that keep the password from everyone. */
export function adminNotice(admin: AdminStart): string {
  if (admin === 'set before') return ''
  if (admin === 'from environment') {
    return `The administrator is ${ADMIN_USER}, its password was set from SLUICE_ADMIN_PASSWORD.\n`
  }
  return (
    `The administrator is ${ADMIN_USER}, its password is ${admin.generated}\n` +
    'It is shown this once: only a hash of it is kept.\n'
  )
}

/** `url` as in `http://127.0.0.1:5000`. */
export function greeting(
  url: string,
  publicUrl: URL | undefined,
  admin: AdminStart,
  reads: Pick<MirroredRegistry, 'upstreams' | 'root'> = { upstreams: [], root: undefined },
): string {
  const { host, secure } = whereToLogIn(url, publicUrl)
  const password = typeof admin === 'object' ? ` -p ${admin.generated}` : ''
  const insecure = secure ? '' : ' --tls-verify=false'
  const lines = [`Sluice is listening on ${url}`]
  if (publicUrl !== undefined) lines.push(`Clients reach it at ${publicUrl.origin}`)
  lines.push('Log in with:', `  podman login -u ${ADMIN_USER}${password} ${host}${insecure}`)
  return `${lines.join('\n')}\n${mirrorLines({ ...reads, host, secure })}`
}

/** An address for all interfaces is none to connect to. */
const ALL_INTERFACES: Readonly<Record<string, string>> = {
  '0.0.0.0': '127.0.0.1',
  '[::]': '[::1]',
}

function whereToLogIn(url: string, publicUrl: URL | undefined): { host: string; secure: boolean } {
  if (publicUrl !== undefined) {
    return { host: publicUrl.host, secure: publicUrl.protocol === 'https:' }
  }
  const [, protocol, address = '', port] = /^(https?):\/\/(.+):(\d+)$/.exec(url) ?? []
  return {
    host: `${ALL_INTERFACES[address] ?? address}:${port}`,
    secure: protocol === 'https',
  }
}
