/** The manifests of a repository, against their bodies. */
import { manifestKey } from '../../records/keys.ts'
import type { GatheredManifest, GatheredRepository } from './gathered.ts'
import type { Problem } from './problem.ts'
import type { World } from './world.ts'

const LOST = 'delete the manifest and push it again'

export function* manifestProblems(
  world: World,
  { name, manifests }: GatheredRepository,
): Generator<Problem> {
  for (const [digest, manifest] of manifests) {
    const where = `${name} manifest ${digest}`
    const { size, version, bodyKey } = manifest
    const body = bodyOf(world, manifest)
    if (body === 'missing') {
      yield { kind: 'object-missing', where, detail: `its body ${bodyKey} is missing: ${LOST}` }
    } else if (body === 'corrupt') {
      yield { kind: 'manifest-corrupt', where, detail: `its body has another digest: ${LOST}` }
    } else if (body !== size) {
      yield {
        kind: 'size-wrong',
        where,
        detail: `the record says ${size} bytes, its body has ${body} and the right digest`,
        repair: {
          transactions: [
            [
              {
                update: manifestKey(name, digest),
                set: { size: body },
                when: { equals: { size, version } },
              },
            ],
          ],
        },
      }
    }
  }
}

function bodyOf(
  { gathered }: World,
  { bodyKey, facts, size }: GatheredManifest,
): number | 'missing' | 'corrupt' {
  if (bodyKey === undefined) {
    if (!facts) return size
    return facts.sound === false ? 'corrupt' : facts.size
  }
  if (gathered.corrupt.has(bodyKey)) return 'corrupt'
  return gathered.objects.get(bodyKey) ?? 'missing'
}
