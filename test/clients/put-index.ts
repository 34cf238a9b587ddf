import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { OCI_INDEX } from '@sluice/core/media-type'
import { basic } from '../http/served-registry.ts'
import type { Setting } from './client.ts'

/** Puts the smallest manifest there is over TLS, for clients that push nothing themselves; resolves to its digest. */
export async function putIndex(
  { server, caFile }: Setting,
  repository: string,
  tag: string,
): Promise<string> {
  const url = `${server.url}/v2/${repository}/manifests/${tag}`
  const headers = {
    Authorization: basic(server.user, server.password),
    'Content-Type': OCI_INDEX,
  }
  return new Promise((resolve, reject) => {
    const put = request(url, { method: 'PUT', headers, ca: readFileSync(caFile) }, (answer) => {
      answer.resume()
      const digest = answer.headers['docker-content-digest']
      if (answer.statusCode === 201 && typeof digest === 'string') resolve(digest)
      else reject(new Error(`PUT ${url} was answered ${answer.statusCode}`))
    })
    put.on('error', reject)
    put.end(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }))
  })
}
