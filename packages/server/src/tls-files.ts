/** The certificate and the key that an operator names, checked before anyone relies on them. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { fileProblem, StartFailure } from './start-failure.ts'

export interface TlsFiles {
  readonly cert: Buffer
  readonly key: Buffer
  readonly expiresAt: Date
}

/** `undefined` when neither is named: plain HTTP. */
export async function readTlsFiles(
  certFile: string | undefined,
  keyFile: string | undefined,
): Promise<TlsFiles | undefined> {
  if (certFile === undefined && keyFile === undefined) return undefined
  if (certFile === undefined || keyFile === undefined) {
    throw new StartFailure(
      '--tls-cert and --tls-key (SLUICE_TLS_CERT, SLUICE_TLS_KEY) need each other',
    )
  }
  const cert = await read('certificate', certFile)
  const key = await read('key', keyFile)
  const certificate = parse(
    `certificate ${certFile} is not a certificate in PEM form`,
    () => new X509Certificate(cert),
  )
  const privateKey = parse(`key ${keyFile} is not an unencrypted private key in PEM form`, () =>
    createPrivateKey(key),
  )
  checkPair(certificate, privateKey, certFile, keyFile)
  parse(`certificate ${certFile} is not usable for TLS`, () => createSecureContext({ cert, key }))
  return { cert, key, expiresAt: certificate.validToDate }
}

async function read(what: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new StartFailure(`${what} ${file} ${fileProblem(error)}`, { cause: error })
  }
}

function parse<T>(problem: string, parser: () => T): T {
  try {
    return parser()
  } catch (cause) {
    throw new StartFailure(problem, { cause })
  }
}

function checkPair(
  certificate: X509Certificate,
  key: KeyObject,
  certFile: string,
  keyFile: string,
): void {
  if (certificate.checkPrivateKey(key)) return
  throw new StartFailure(`key ${keyFile} is not the key of certificate ${certFile}`)
}
