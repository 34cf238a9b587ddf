/** Fills a registry through its own API with many tags in one repository, and with many repositories. */
import { digestOf, IMAGE_INDEX, randomImage, renamed } from './image.ts'
import { inParallel } from './in-parallel.ts'
import type { RunningPeer } from './peers/peer.ts'
import { pushImage, putManifest, scopeOf } from './push-image.ts'

const CONNECTIONS = 32
/** Scopes in one token: more would make a header that servers refuse. */
const SCOPES = 50
/** Tokens live for a minute at least. */
const TOKEN_MS = 30_000

export interface Extent {
  /** Different names. */
  readonly distinct: number
  /** Requests' worth of names; beyond `distinct` the same names come again. */
  readonly total: number
  readonly seconds: number
}

export const tagName = (n: number): string => `t${String(n).padStart(6, '0')}`
export const repositoryName = (n: number): string => `default/r${String(n).padStart(6, '0')}`

/** Many manifests of one image, each with as many tags as the peer takes in one request. Returns how many tags there are. */
export async function fillTags(
  server: RunningPeer,
  repository: string,
  { distinct, total, seconds }: Extent,
): Promise<number> {
  let granted = await server.authorize(scopeOf(repository))
  let grantedAt = performance.now()
  const image = randomImage(1, 4096)
  await pushImage(server, repository, tagName(0), image, granted)
  const each = server.peer.tagsPerPut
  const deadline = performance.now() + seconds * 1000
  const done = await inParallel(Math.ceil(total / each), CONNECTIONS, deadline, async (n) => {
    if (performance.now() - grantedAt > TOKEN_MS) {
      grantedAt = performance.now()
      granted = await server.authorize(scopeOf(repository))
    }
    const tags = Array.from({ length: each }, (_, k) => tagName((n * each + k) % distinct))
    const manifest = renamed(image, tags[0] ?? '')
    const reference =
      each === 1
        ? (tags[0] ?? '')
        : `${digestOf(manifest)}?${tags.map((tag) => `tag=${tag}`).join('&')}`
    await putManifest(server, repository, reference, manifest, granted)
  })
  return Math.min(distinct, done * each)
}

/** An index that lists nothing is the least that makes a repository. Returns how many there are. */
export async function fillRepositories(
  server: RunningPeer,
  { distinct, total, seconds }: Extent,
): Promise<number> {
  const tokens = new Map<number, Promise<Readonly<Record<string, string>>>>()
  const grant = (n: number): Promise<Readonly<Record<string, string>>> => {
    const group = Math.floor(n / SCOPES)
    const names = Array.from({ length: SCOPES }, (_, k) =>
      repositoryName((group * SCOPES + k) % distinct),
    )
    const known = tokens.get(group) ?? server.authorize(...names.map(scopeOf))
    tokens.set(group, known)
    tokens.delete(group - 2)
    return known
  }
  const deadline = performance.now() + seconds * 1000
  const done = await inParallel(total, CONNECTIONS, deadline, async (n) => {
    const name = repositoryName(n % distinct)
    const index = { schemaVersion: 2, mediaType: IMAGE_INDEX, manifests: [], annotations: { name } }
    const body = Buffer.from(JSON.stringify(index))
    await putManifest(server, name, 'latest', body, await grant(n), IMAGE_INDEX)
  })
  return Math.min(distinct, done)
}
