/** Pulls what the ledger promises, and says where the registry has something else. */
import { createHash } from 'node:crypto'
import { ask, type Answer, type Door } from '../ask.ts'
import type { Descriptor, Entry, Ledger, LoadManifest } from './ledger.ts'

const ACCEPT = { accept: 'application/vnd.oci.image.manifest.v1+json, */*' }

export const isDigest = (digest: string, bytes: Buffer): boolean => {
  const [algorithm = '', hex] = digest.split(':')
  return createHash(algorithm).update(bytes).digest('hex') === hex
}

/** Nothing may change meanwhile. What is found counts as known from then on. */
export async function pullCheck(
  door: Door,
  ledger: Ledger,
  entries: readonly Entry[],
): Promise<string[]> {
  const problems: string[] = []
  const pulled = new Set<string>()
  const expected = entries.map((entry) => ({ entry, possible: ledger.possible(entry) }))
  const tags = new Map<string, Map<string, string | undefined>>()

  const pullBlob = async (repository: string, { digest }: Descriptor): Promise<void> => {
    const name = `${repository} ${digest}`
    if (pulled.has(name)) return
    pulled.add(name)
    const answer = await ask(door, 'GET', `/v2/${repository}/blobs/${digest}`)
    if (answer.status !== 200) problems.push(`blob ${name}: ${told(answer)}`)
    else if (!isDigest(digest, answer.body)) problems.push(`blob ${name}: other bytes`)
  }

  const pullReferrer = async ({ repository, descriptor, subject }: LoadManifest) => {
    if (subject === undefined) return
    const answer = await ask(door, 'GET', `/v2/${repository}/referrers/${subject}`)
    if (answer.body.includes(descriptor.digest)) return
    problems.push(`referrer ${repository} ${descriptor.digest}: not listed at ${subject}`)
  }

  const pull = async (entry: Entry, possible: ReadonlySet<string | undefined>): Promise<void> => {
    const { repository, reference, manifest } = entry
    const path = `/v2/${repository}/manifests/${reference}`
    const answer = await ask(door, 'GET', path, { headers: ACCEPT })
    const digest = answer.headers.get('docker-content-digest') ?? ''
    const present = answer.status === 200
    const found = present ? (manifest ? 'present' : digest) : undefined
    if (!present && answer.status !== 404) problems.push(`${path}: ${told(answer)}`)
    else if (!possible.has(found)) {
      const allowed = [...possible].map(String).join(' or ')
      problems.push(`${path}: ${found ?? told(answer)}, and not ${allowed}`)
    }
    if (present && !isDigest(digest, answer.body)) problems.push(`${path}: other bytes`)
    if (present && manifest) {
      if (digest !== reference) problems.push(`${path}: is ${digest}`)
      for (const blob of manifest.blobs) await pullBlob(repository, blob)
      await pullReferrer(manifest)
    }
    if (!manifest) {
      const known = tags.get(repository) ?? new Map<string, string | undefined>()
      tags.set(repository, known.set(reference, found))
    }
    ledger.observe(entry, found)
  }

  for (const { entry, possible } of expected) await pull(entry, possible)
  for (const [repository, known] of tags) {
    const answer = await ask(door, 'GET', `/v2/${repository}/tags/list`)
    const { tags: listed = [] } = JSON.parse(answer.body.toString()) as { tags?: string[] }
    for (const [tag, digest] of known) {
      if (listed.includes(tag) === (digest !== undefined)) continue
      problems.push(`tag ${repository}:${tag}: the list of tags does not agree`)
    }
  }
  return problems
}

const told = ({ status, body }: Answer): string => `${status} ${body.toString().slice(0, 300)}`
