/** What a decision costs a registry of very many projects, and a user of very many bindings; in one process, without HTTP. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { FileBlobStore } from '@sluice/adapters/local/file-blob-store'
import { SqliteTable } from '@sluice/adapters/local/sqlite-table'
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { ResourceAttributes } from '@sluice/core/rbac/attributes'
import type { BindingContent } from '@sluice/core/rbac/binding'
import { createRegistry, type Registry } from '@sluice/core/registry'
import { parseProjectName, type ProjectName } from '@sluice/core/repository-name'
import { inParallel } from './in-parallel.ts'
import { median, quantile } from './median.ts'
import { figure, type Table } from './report.ts'
import type { Bench } from './start-peers.ts'

const WRITERS = 64
const ADMINISTRATOR: Identity = { user: 'kube:admin', groups: ['system:cluster-admins'] }
const EVERYONE = ['system:authenticated']
/** Bound once in each of many projects. */
const SPREAD: Identity = { user: 'spread', groups: EVERYONE }
/** Bound very often in one project. */
const CROWDED: Identity = { user: 'crowded', groups: EVERYONE }
/** Bound very often in the whole registry. */
const EVERYWHERE: Identity = { user: 'everywhere', groups: EVERYONE }
const STRANGER: Identity = { user: 'stranger', groups: EVERYONE }

interface Counts {
  readonly projects: number
  readonly bindings: number
  readonly rounds: number
}

export async function rights({ dir, quick, say }: Bench): Promise<Table[]> {
  const counts: Counts = quick
    ? { projects: 200, bindings: 50, rounds: 100 }
    : { projects: 10_000, bindings: 1000, rounds: 2000 }
  const table = await SqliteTable.open(join(dir, 'records.db'))
  try {
    const store = new FileBlobStore(join(dir, 'objects'))
    const clock = { now: () => Date.now() }
    const registry = createRegistry({ table, store, clock })
    const began = performance.now()
    await fill(registry, counts)
    const seconds = ((performance.now() - began) / 1000).toFixed(0)
    say(`${counts.projects} projects, ${3 * counts.bindings} bindings, made in ${seconds} s`)
    return [await measure(registry, counts)]
  } finally {
    await table.close()
  }
}

const projectName = (at: number): ProjectName => parseProjectName(`p${String(at)}`)

const pull = (namespace: string): ResourceAttributes => ({
  verb: 'get',
  group: 'image.openshift.io',
  resource: 'imagestreams',
  subresource: 'layers',
  namespace,
  name: 'app',
})

const bound = ({ user }: Identity): BindingContent => ({
  roleRef: { kind: 'ClusterRole', name: 'registry-viewer' },
  subjects: [{ kind: 'User', name: user }],
})

const all = (count: number, task: (at: number) => Promise<unknown>): Promise<number> =>
  inParallel(count, WRITERS, Infinity, task)

async function fill(registry: Registry, { projects, bindings }: Counts): Promise<void> {
  const { roleBindings, clusterRoleBindings } = registry
  const bind = (who: Identity, namespace?: ProjectName): Promise<unknown> =>
    (namespace === undefined ? clusterRoleBindings : roleBindings).create(
      ADMINISTRATOR,
      namespace,
      { name: `b-${randomUUID()}`, content: bound(who) },
    )
  await all(projects, (at) => registry.projects.create(projectName(at)))
  const made = await Array.fromAsync(registry.projects.list())
  if (made.length !== projects) throw new Error(`there are ${made.length} projects`)
  const apart = Math.floor(projects / bindings)
  await all(bindings, (at) => bind(SPREAD, projectName(at * apart)))
  await all(bindings, () => bind(CROWDED, projectName(0)))
  await all(bindings, () => bind(EVERYWHERE))
}

async function measure({ rights }: Registry, counts: Counts): Promise<Table> {
  const { projects, bindings, rounds } = counts
  const [crowd, other] = [projectName(0), projectName(1)]
  const apart = Math.floor(projects / bindings)
  const may = async (
    who: Identity,
    project: ProjectName,
    wanted: boolean,
    fresh = false,
  ): Promise<void> => {
    const asked = pull(project)
    const answer = await (fresh ? rights.may(who, asked, { fresh: true }) : rights.may(who, asked))
    if (answer !== wanted) throw new Error(`${who.user} in ${project}: ${answer}`)
  }
  const visible = async (): Promise<void> => {
    const seen = await rights.visible(SPREAD)
    if (seen.length !== bindings) throw new Error(`sees ${seen.length} projects`)
  }
  const rows: (readonly [string, number, (at: number) => Promise<void>])[] = [
    [
      `${bindings} bindings in as many projects, the same project again`,
      rounds,
      () => may(SPREAD, crowd, true),
    ],
    [
      `${bindings} bindings in as many projects, each in turn`,
      rounds,
      (at) => may(SPREAD, projectName((at % bindings) * apart), true),
    ],
    [`${bindings} bindings in one project`, rounds, () => may(CROWDED, crowd, true)],
    [`${bindings} bindings in the registry`, rounds, () => may(EVERYWHERE, other, true)],
    ['no binding: refused, so all is read', rounds / 20, () => may(STRANGER, other, false)],
    ['by what is bound now, so all is read', rounds / 20, () => may(SPREAD, crowd, true, true)],
    [`which of ${projects} projects are seen by ${bindings} bindings`, rounds / 20, visible],
  ]
  const lines: string[][] = []
  for (const [name, times, task] of rows) lines.push([name, ...(await timed(times, task))])
  return {
    title: `Rights, ${projects.toLocaleString('en-US')} projects`,
    head: ['whose rights are asked', 'median, ms', '99%, ms'],
    rows: lines,
    notes: [
      `SQLite, one process, no HTTP; ${rounds} questions a row, ${rounds / 20} where all is read; what was read is kept for 10 s`,
      `the registry-wide bindings are ${bindings} records that every reading of all reads`,
    ],
  }
}

async function timed(times: number, task: (at: number) => Promise<void>): Promise<string[]> {
  const milliseconds: number[] = []
  for (let at = 0; at < times; at++) {
    const began = performance.now()
    await task(at)
    milliseconds.push(performance.now() - began)
  }
  return [median(milliseconds), quantile(milliseconds, 0.99)].map(figure)
}
