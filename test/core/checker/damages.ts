/**
 * A table with one damage or more for each kind of problem: as long as the list of what can go wrong, and in one piece
 * because the tests hold it against that list.
 */
import { rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProblemKind } from '@sluice/core/services/check/problem'
import type { Digest } from '@sluice/core/digest'
import type { Item, Key, Write } from '@sluice/core/ports/table'
import * as keys from '@sluice/core/records/keys'
import { publicKey } from '@sluice/core/records/subject-record'
import {
  putSweep,
  SWEEP_SHARDS,
  sweepPk,
  sweepWork,
  type SweepWork,
} from '@sluice/core/records/sweep-record'
import type { RepositoryName } from '@sluice/core/repository-name'
import { OTHER, PROJECT, REPOSITORY, tag, type PushedRegistry } from './pushed-registry.ts'

export interface Damage {
  /** To follow "finds". */
  readonly what: string
  readonly kind: ProblemKind
  /** Where the problem is said to be, at its end. */
  readonly where: (pushed: PushedRegistry) => string
  readonly deep?: boolean
  /** Nothing the registry has can put it right. */
  readonly beyondRepair?: boolean
  readonly damage: (pushed: PushedRegistry) => Promise<void>
}

const BUILDERS_ROW: Key = {
  pk: `subject#User#system:serviceaccount:${PROJECT}:builder`,
  sk: `${PROJECT}#system:image-builders`,
}
const BUILDERS_WHERE = `project ${PROJECT} binding system:image-builders User#system:serviceaccount:${PROJECT}:builder`

const DIGEST = `sha256:${'0'.repeat(64)}` as Digest

async function write({ table }: PushedRegistry, ...writes: Write[]): Promise<void> {
  const outcome = await table.transact(writes)
  if (!outcome.ok) throw new Error('the damage was not done')
}

async function read({ table }: PushedRegistry, key: Key): Promise<Item> {
  const item = await table.get(key)
  if (!item) throw new Error(`there is no ${key.pk} ${key.sk}`)
  return item
}

const set = (pushed: PushedRegistry, key: Key, item: Item): Promise<void> =>
  write(pushed, { update: key, set: item, when: 'present' })

const remove = (pushed: PushedRegistry, key: Key): Promise<void> =>
  write(pushed, { delete: key, when: 'present' })

async function pathOf(pushed: PushedRegistry, key: Key): Promise<string> {
  const { key: blob, bodyKey } = await read(pushed, key)
  return join(pushed.objects, (blob ?? bodyKey) as string)
}

const writeObject = (pushed: PushedRegistry, key: string): Promise<unknown> =>
  pushed.store.write(
    key,
    (async function* () {
      yield Buffer.from('nobody knows me')
    })(),
  )

async function forgetWork(
  pushed: PushedRegistry,
  isWork: (work: SweepWork) => boolean,
): Promise<void> {
  for (let shard = 0; shard < SWEEP_SHARDS; shard++) {
    const page = await pushed.table.query(sweepPk(shard), { limit: 1000 })
    for (const { pk, sk, item } of page.records) {
      if (isWork(sweepWork(item))) await remove(pushed, { pk, sk })
    }
  }
}

/** Every trace of a link but its references. */
async function unlink(pushed: PushedRegistry, repository: RepositoryName, digest: Digest) {
  await write(
    pushed,
    { delete: keys.linkKey(repository, digest), when: 'present' },
    { delete: keys.holderKey(digest, repository), when: 'present' },
    { update: keys.blobKey(digest), add: { links: -1 }, when: 'present' },
  )
}

export const DAMAGES: readonly Damage[] = [
  {
    what: 'an object that no record names',
    kind: 'object-unknown',
    where: () => 'object blobs/ff/strange',
    damage: async (pushed) => {
      await writeObject(pushed, 'blobs/ff/strange')
    },
  },
  {
    what: 'an upload in the store that no record names',
    kind: 'upload-unknown',
    where: () => 'upload to blobs/ff/strange',
    damage: async ({ store }) => {
      const bytes = (async function* () {
        yield Buffer.from('nobody knows me')
      })()
      await store.append(await store.open('blobs/ff/strange'), bytes)
    },
  },
  {
    what: 'a missing object that no manifest needs',
    kind: 'object-missing',
    where: ({ spare }) => `blob ${spare}`,
    damage: async (pushed) => rm(await pathOf(pushed, keys.blobKey(pushed.spare))),
  },
  {
    what: 'a missing object that manifests need',
    kind: 'object-missing',
    beyondRepair: true,
    where: ({ layer }) => `blob ${layer}`,
    damage: async (pushed) => rm(await pathOf(pushed, keys.blobKey(pushed.layer))),
  },
  {
    what: "a manifest's body that is missing",
    kind: 'object-missing',
    beyondRepair: true,
    where: ({ large }) => `manifest ${large}`,
    damage: async (pushed) => rm(await pathOf(pushed, keys.manifestKey(REPOSITORY, pushed.large))),
  },
  {
    what: 'a blob record with another size than its object, which is right',
    kind: 'size-wrong',
    where: ({ layer }) => `blob ${layer}`,
    damage: (pushed) => set(pushed, keys.blobKey(pushed.layer), { size: 4 }),
  },
  {
    what: 'a link with another size than its blob',
    kind: 'size-wrong',
    where: ({ layer }) => `${REPOSITORY} blob ${layer}`,
    damage: (pushed) => set(pushed, keys.linkKey(REPOSITORY, pushed.layer), { size: 4 }),
  },
  {
    what: 'a manifest record with another size than its body',
    kind: 'size-wrong',
    where: ({ image }) => `manifest ${image}`,
    damage: (pushed) => set(pushed, keys.manifestKey(REPOSITORY, pushed.image), { size: 4 }),
  },
  {
    what: 'a manifest record with another size than its body in the store',
    kind: 'size-wrong',
    where: ({ large }) => `manifest ${large}`,
    damage: (pushed) => set(pushed, keys.manifestKey(REPOSITORY, pushed.large), { size: 4 }),
  },
  {
    what: 'a truncated object that manifests need, though not deep',
    kind: 'object-corrupt',
    beyondRepair: true,
    where: ({ layer }) => `blob ${layer}`,
    damage: async (pushed) => truncate(await pathOf(pushed, keys.blobKey(pushed.layer)), 3),
  },
  {
    what: 'a changed byte that manifests need',
    kind: 'object-corrupt',
    deep: true,
    beyondRepair: true,
    where: ({ layer }) => `blob ${layer}`,
    damage: async (pushed) => writeFile(await pathOf(pushed, keys.blobKey(pushed.layer)), 'laYer'),
  },
  {
    what: 'a changed byte that no manifest needs',
    kind: 'object-corrupt',
    deep: true,
    where: ({ spare }) => `blob ${spare}`,
    damage: async (pushed) => writeFile(await pathOf(pushed, keys.blobKey(pushed.spare)), 'sPare'),
  },
  {
    what: "a changed byte in a manifest's record",
    kind: 'manifest-corrupt',
    deep: true,
    beyondRepair: true,
    where: ({ image }) => `manifest ${image}`,
    damage: async (pushed) => {
      const key = keys.manifestKey(REPOSITORY, pushed.image)
      const body = Buffer.from((await read(pushed, key))['body'] as Uint8Array)
      body[body.length - 1] = 0x20
      await set(pushed, key, { body })
    },
  },
  {
    what: "a changed byte in a manifest's body in the store",
    kind: 'manifest-corrupt',
    deep: true,
    beyondRepair: true,
    where: ({ large }) => `manifest ${large}`,
    damage: async (pushed) => {
      const key = keys.manifestKey(REPOSITORY, pushed.large)
      const { size } = await read(pushed, key)
      await writeFile(await pathOf(pushed, key), Buffer.alloc(Number(size)))
    },
  },
  {
    what: 'a blob that counts too many links',
    kind: 'link-count-wrong',
    where: ({ layer }) => `blob ${layer}`,
    damage: (pushed) => set(pushed, keys.blobKey(pushed.layer), { links: 3 }),
  },
  {
    what: 'a blob that counts too few links',
    kind: 'link-count-wrong',
    where: ({ layer }) => `blob ${layer}`,
    damage: (pushed) => set(pushed, keys.blobKey(pushed.layer), { links: 0 }),
  },
  {
    what: 'a blob that counts a link and has none',
    kind: 'link-count-wrong',
    where: ({ spare }) => `blob ${spare}`,
    damage: async (pushed) => {
      await unlink(pushed, REPOSITORY, pushed.spare)
      await set(pushed, keys.blobKey(pushed.spare), { links: 1 })
    },
  },
  {
    what: 'a link without a holder row',
    kind: 'holder-missing',
    where: ({ layer }) => `${OTHER} blob ${layer}`,
    damage: (pushed) => remove(pushed, keys.holderKey(pushed.layer, OTHER)),
  },
  {
    what: 'a holder row without a link',
    kind: 'holder-unknown',
    where: ({ spare }) => `${OTHER} blob ${spare}`,
    damage: (pushed) => write(pushed, { put: keys.holderKey(pushed.spare, OTHER), item: {} }),
  },
  {
    what: 'a link that counts too few references',
    kind: 'reference-count-wrong',
    where: ({ layer }) => `${REPOSITORY} blob ${layer}`,
    damage: (pushed) => set(pushed, keys.linkKey(REPOSITORY, pushed.layer), { refs: 0 }),
  },
  {
    what: 'a link that counts a reference and has none',
    kind: 'reference-count-wrong',
    where: ({ spare }) => `${REPOSITORY} blob ${spare}`,
    damage: (pushed) => set(pushed, keys.linkKey(REPOSITORY, pushed.spare), { refs: 1 }),
  },
  {
    what: 'a link that does not count the first blobs of a pending record',
    kind: 'reference-count-wrong',
    where: ({ layer }) => `${REPOSITORY} blob ${layer}`,
    damage: (pushed) =>
      write(
        pushed,
        {
          put: keys.pendingKey(REPOSITORY, 'one'),
          item: { refs: [pushed.layer, pushed.spare], held: 1, mode: 'put' },
        },
        putSweep(pushed.clock.now(), { kind: 'pending', repository: REPOSITORY, id: 'one' }),
      ),
  },
  {
    what: 'a link whose blob has no record, though its object',
    kind: 'blob-missing',
    where: ({ spare }) => `${REPOSITORY} blob ${spare}`,
    damage: (pushed) => remove(pushed, keys.blobKey(pushed.spare)),
  },
  {
    what: 'a link that no manifest needs, whose blob has neither record nor object',
    kind: 'blob-missing',
    where: ({ spare }) => `${REPOSITORY} blob ${spare}`,
    damage: async (pushed) => {
      await rm(await pathOf(pushed, keys.blobKey(pushed.spare)))
      await remove(pushed, keys.blobKey(pushed.spare))
    },
  },
  {
    what: 'a link that a manifest needs, whose blob has neither record nor object',
    kind: 'blob-missing',
    beyondRepair: true,
    where: ({ layer }) => `${OTHER} blob ${layer}`,
    damage: async (pushed) => {
      const { layer } = pushed
      // One repository is enough: the other's manifests and link go first.
      const manifests = await pushed.table.query(keys.repositoryPk(REPOSITORY), {
        prefix: keys.MANIFEST_PREFIX,
        limit: 100,
      })
      for (const { sk } of manifests.records) {
        const digest = sk.slice(keys.MANIFEST_PREFIX.length) as Digest
        await pushed.registry.manifests.remove(REPOSITORY, digest)
      }
      await pushed.registry.blobs.remove(REPOSITORY, layer)
      await rm(await pathOf(pushed, keys.blobKey(layer)))
      await remove(pushed, keys.blobKey(layer))
    },
  },
  {
    what: 'a link that names another object than its blob',
    kind: 'link-key-wrong',
    where: ({ layer }) => `${REPOSITORY} blob ${layer}`,
    damage: (pushed) => set(pushed, keys.linkKey(REPOSITORY, pushed.layer), { key: 'blobs/ff/no' }),
  },
  {
    what: 'a manifest that names a blob which its repository does not link',
    kind: 'link-missing',
    where: ({ layer }) => `${OTHER} blob ${layer}`,
    damage: (pushed) => unlink(pushed, OTHER, pushed.layer),
  },
  {
    what: 'a manifest that names a blob which the registry does not have',
    kind: 'link-missing',
    beyondRepair: true,
    where: () => `${OTHER} blob ${DIGEST}`,
    damage: async (pushed) => {
      const { records } = await pushed.table.query(keys.repositoryPk(OTHER), {
        prefix: keys.MANIFEST_PREFIX,
        limit: 1,
      })
      const [record] = records
      await set(pushed, record!, { refs: [pushed.layer, DIGEST] })
    },
  },
  {
    what: 'a tag that names no manifest',
    kind: 'tag-dangling',
    where: () => `${REPOSITORY} tag lost`,
    damage: (pushed) =>
      write(
        pushed,
        { put: keys.tagKey(REPOSITORY, tag('lost')), item: { digest: DIGEST, updatedAt: 1 } },
        { put: keys.taggedKey(REPOSITORY, DIGEST, tag('lost')), item: {} },
      ),
  },
  {
    what: 'a tag without its tagged row',
    kind: 'tagged-missing',
    where: () => `${REPOSITORY} tag latest`,
    damage: (pushed) => remove(pushed, keys.taggedKey(REPOSITORY, pushed.image, tag('latest'))),
  },
  {
    what: 'a referrer row without a manifest',
    kind: 'referrer-unknown',
    where: ({ image }) => `${REPOSITORY} referrer ${DIGEST} of ${image}`,
    damage: (pushed) =>
      write(pushed, {
        put: keys.referrerKey(REPOSITORY, pushed.image, DIGEST),
        item: { mediaType: 'a/b', size: 1 },
      }),
  },
  {
    what: 'a referrer row of a manifest with another subject',
    kind: 'referrer-unknown',
    where: ({ referrer }) => `${REPOSITORY} referrer ${referrer} of ${DIGEST}`,
    damage: async (pushed) => {
      const { image, referrer } = pushed
      const item = await read(pushed, keys.referrerKey(REPOSITORY, image, referrer))
      await write(pushed, { put: keys.referrerKey(REPOSITORY, DIGEST, referrer), item })
    },
  },
  {
    what: 'a manifest that its subject does not list',
    kind: 'referrer-missing',
    where: ({ image, referrer }) => `${REPOSITORY} referrer ${referrer} of ${image}`,
    damage: (pushed) => remove(pushed, keys.referrerKey(REPOSITORY, pushed.image, pushed.referrer)),
  },
  {
    what: 'a referrer row that describes its manifest wrongly',
    kind: 'referrer-wrong',
    where: ({ image, referrer }) => `${REPOSITORY} referrer ${referrer} of ${image}`,
    damage: (pushed) =>
      set(pushed, keys.referrerKey(REPOSITORY, pushed.image, pushed.referrer), {
        annotations: { note: 'forged' },
      }),
  },
  {
    what: 'a referrer row that describes a manifest with its body in the store wrongly',
    kind: 'referrer-wrong',
    where: ({ image, large }) => `${REPOSITORY} referrer ${large} of ${image}`,
    damage: (pushed) =>
      set(pushed, keys.referrerKey(REPOSITORY, pushed.image, pushed.large), { size: 4 }),
  },
  {
    what: 'a repository without its record',
    kind: 'repository-missing',
    where: () => OTHER,
    damage: (pushed) => remove(pushed, keys.repositoryKey(OTHER)),
  },
  {
    what: 'a repository that the catalogue does not have',
    kind: 'catalogue-missing',
    where: () => OTHER,
    damage: (pushed) => remove(pushed, keys.catalogKey(OTHER)),
  },
  {
    what: 'a project that the list does not have',
    kind: 'project-list-missing',
    where: () => `project ${PROJECT}`,
    damage: (pushed) => remove(pushed, keys.projectListKey(PROJECT)),
  },
  {
    what: 'a service account of a project that is gone',
    kind: 'project-object-unknown',
    where: () => 'project gone serviceaccount#ci',
    damage: async (pushed) => {
      const key = { pk: keys.projectPk(PROJECT), sk: 'serviceaccount#default' }
      const put = { pk: keys.projectPk('gone'), sk: 'serviceaccount#ci' }
      await write(pushed, { put, item: await read(pushed, key) })
    },
  },
  {
    what: 'a binding of a project that is gone',
    kind: 'project-object-unknown',
    where: () => 'project gone rolebinding#system:deployers',
    damage: async (pushed) => {
      const key = { pk: keys.projectPk(PROJECT), sk: 'rolebinding#system:deployers' }
      const put = { ...key, pk: keys.projectPk('gone') }
      await write(pushed, { put, item: await read(pushed, key) })
    },
  },
  {
    what: 'a subject without the row that lists its project',
    kind: 'subject-missing',
    where: () => BUILDERS_WHERE,
    damage: (pushed) => remove(pushed, BUILDERS_ROW),
  },
  {
    what: 'a row of a subject that tells of another role than its binding',
    kind: 'subject-wrong',
    where: () => BUILDERS_WHERE,
    damage: (pushed) => set(pushed, BUILDERS_ROW, { roleName: 'cluster-admin' }),
  },
  {
    what: 'a row of a subject whom its binding does not name',
    kind: 'subject-unknown',
    where: () => `project ${PROJECT} binding system:image-builders User#mallory`,
    damage: async (pushed) => {
      const put = { ...BUILDERS_ROW, pk: 'subject#User#mallory' }
      await write(pushed, { put, item: await read(pushed, BUILDERS_ROW) })
    },
  },
  {
    what: 'a row that shows everyone a project that is not public',
    kind: 'subject-unknown',
    where: () => `project ${PROJECT} binding #public Group#system:authenticated`,
    damage: async (pushed) => {
      const put = publicKey('system:authenticated', PROJECT)
      await write(pushed, { put, item: await read(pushed, BUILDERS_ROW) })
    },
  },
  {
    what: 'a public project that not everyone sees',
    kind: 'subject-missing',
    where: () => `project ${PROJECT} binding #public Group#system:unauthenticated`,
    damage: async (pushed) => {
      await pushed.registry.projects.change(PROJECT, { public: true })
      await remove(pushed, publicKey('system:unauthenticated', PROJECT))
    },
  },
  {
    what: 'an unreferenced link that the sweeper does not know',
    kind: 'work-missing',
    where: ({ spare }) => `${REPOSITORY} blob ${spare}`,
    damage: (pushed) => forgetWork(pushed, ({ kind }) => kind === 'links'),
  },
  {
    what: 'a blob without links that the sweeper does not know',
    kind: 'work-missing',
    where: ({ spare }) => `blob ${spare}`,
    damage: async (pushed) => {
      await pushed.registry.blobs.remove(REPOSITORY, pushed.spare)
      await forgetWork(pushed, (work) => work.kind === 'blob' && work.digest === pushed.spare)
    },
  },
  {
    what: 'an upload that the sweeper does not know',
    kind: 'work-missing',
    where: ({ uploadId }) => `${REPOSITORY} upload ${uploadId}`,
    damage: (pushed) => forgetWork(pushed, ({ kind }) => kind === 'upload'),
  },
  {
    what: 'a pending record that the sweeper does not know',
    kind: 'work-missing',
    where: () => `${REPOSITORY} pending one`,
    damage: (pushed) =>
      write(pushed, {
        put: keys.pendingKey(REPOSITORY, 'one'),
        item: { refs: [pushed.layer], held: 0, mode: 'put' },
      }),
  },
  {
    what: 'a removal that the sweeper does not know',
    kind: 'work-missing',
    where: () => `${REPOSITORY} removal`,
    damage: (pushed) => set(pushed, keys.repositoryKey(REPOSITORY), { removingSince: 1 }),
  },
]
