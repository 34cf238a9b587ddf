import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toolPath } from '../tools/require-tools.ts'
import { runCommand } from './run-command.ts'

export interface Certificates {
  readonly caFile: string
  /** Holds `ca.crt` and nothing else. */
  readonly caDir: string
  readonly certFile: string
  readonly keyFile: string
}

const NEW_KEY = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'

/** An authority that nobody trusts by itself, and a certificate of it for a server on this machine. */
export async function createCertificates(dir: string): Promise<Certificates> {
  mkdirSync(join(dir, 'ca'), { recursive: true })
  writeFileSync(join(dir, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:registry.test\n')
  const openssl = (line: string): Promise<string> =>
    runCommand(toolPath('openssl'), line.split(' '), { cwd: dir })

  await openssl(`req -x509 ${NEW_KEY} -subj /CN=sluice-test-ca -keyout ca.key -out ca/ca.crt`)
  await openssl(`req ${NEW_KEY} -subj /CN=127.0.0.1 -keyout server.key -out server.csr`)
  const signing = '-CA ca/ca.crt -CAkey ca.key -CAcreateserial -CAserial ca.srl -extfile names'
  await openssl(`x509 -req -days 2 ${signing} -in server.csr -out server.crt`)
  return {
    caFile: join(dir, 'ca/ca.crt'),
    caDir: join(dir, 'ca'),
    certFile: join(dir, 'server.crt'),
    keyFile: join(dir, 'server.key'),
  }
}
