import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** A certificate for 127.0.0.1 and its key, made by the `openssl` command in that directory. */
export function selfSigned(directory: string, name = 'server'): { cert: string; key: string } {
  const cert = join(directory, `${name}.pem`)
  const key = join(directory, `${name}.key`)
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const files = ['-out', cert, '-keyout', key, '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, ...files], { stdio: 'ignore' })
  return { cert, key }
}
