/** The parts of the registry as pods, for whoever may see them. */
import { expect, it } from 'vitest'
import { json, text } from '../answer.ts'
import { describeDoors } from '../describe-doors.ts'

const PODS = '/api/v1/namespaces/openshift-image-registry/pods'
const TABLE = { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }

interface Listed {
  readonly kind: string
  readonly metadata: { readonly continue?: string }
  readonly items: readonly { readonly metadata: { readonly name: string } }[]
}

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[]
  readonly rows: readonly { readonly cells: readonly string[] }[]
}

describeDoors('the parts as pods', (door) => {
  const names = async (path: string): Promise<readonly string[]> =>
    (json(await door.get(path)) as Listed).items.map(({ metadata }) => metadata.name)
  const all = ['blob-store', 'server', 'sweep', 'table'].map((name) => `image-registry-${name}`)

  it('are in the namespace of the registry, and in no other', async () => {
    expect(await names(PODS)).toEqual(all)
    expect(await names('/api/v1/pods')).toEqual(all)
    expect(await names('/api/v1/namespaces/default/pods')).toEqual([])
    const label = '?labelSelector=docker-registry%3Ddefault'
    expect(await names(PODS + label)).toEqual(['image-registry-server'])
    const one = json(await door.get(`${PODS}/image-registry-table`))
    expect(one).toMatchObject({
      kind: 'Pod',
      apiVersion: 'v1',
      spec: { containers: [{ name: 'registry' }] },
      status: { phase: 'Running', containerStatuses: [{ ready: true, restartCount: 0 }] },
    })
    expect((await door.get(`${PODS}/image-registry-none`)).status).toBe(404)
    const deployments = '/apis/apps/v1/namespaces/openshift-image-registry/deployments'
    expect(await names(deployments)).toEqual(['image-registry'])
  })

  it('come in pages of the size that is asked for', async () => {
    for (const path of [PODS, '/api/v1/pods']) {
      const pages: (readonly string[])[] = []
      let next: string | undefined = ''
      do {
        const page = json(await door.get(`${path}?limit=3&continue=${next}`)) as Listed
        pages.push(page.items.map(({ metadata }) => metadata.name))
        next = page.metadata.continue
      } while (next !== undefined)
      expect([path, pages]).toEqual([path, [all.slice(0, 3), all.slice(3)]])
    }
  })

  it('are a table, which says how often each has started and why it failed', async () => {
    const { parts } = door.served.parts
    for (let n = 0; n < 3; n++) await parts?.started('server')
    await parts?.ran('sweep')
    await parts?.failed('sweep', { problem: 'pieces failed: 2' })
    const { columnDefinitions, rows } = json(await door.get(PODS, TABLE)) as Table
    expect(columnDefinitions.map(({ name, priority }) => [name, priority])).toEqual([
      ['Name', 0],
      ['Ready', 0],
      ['Status', 0],
      ['Restarts', 0],
      ['Age', 0],
      ['Last Error', 1],
    ])
    const age = expect.stringMatching(/^\d+s$/) as string
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['image-registry-blob-store', '1/1', 'Running', '0', age, '<none>'],
      ['image-registry-server', '1/1', 'Running', '2', age, '<none>'],
      ['image-registry-sweep', '0/1', 'Error', '0', age, 'pieces failed: 2'],
      ['image-registry-table', '1/1', 'Running', '0', age, '<none>'],
    ])
    await parts?.ran('sweep')
    const after = json(await door.get(PODS, TABLE)) as Table
    expect(after.rows[2]?.cells.slice(1, 3)).toEqual(['1/1', 'Running'])
  })

  it('are for whoever may see them, and so are their logs', async () => {
    for (const path of [
      PODS,
      `${PODS}/image-registry-server`,
      `${PODS}/image-registry-server/log`,
    ]) {
      expect([path, (await door.ask({ path, as: 'nobody' })).status]).toEqual([path, 403])
    }
    const refused = await door.ask({ path: `${PODS}/image-registry-server/log`, as: 'nobody' })
    expect(json(refused)).toMatchObject({
      message:
        'pods "image-registry-server" is forbidden: User "system:anonymous" cannot get resource "pods/log" in API group "" in the namespace "openshift-image-registry"',
    })
  })

  it.each([
    ['image-registry-table/log', 400, 'this registry keeps no log'],
    ['image-registry-server/log?sinceSeconds=0', 400, 'sinceSeconds must be'],
    ['image-registry-server/log?sinceTime=then', 400, 'sinceTime must be'],
    ['image-registry-server/log?sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z', 400, 'at most one'],
    ['image-registry-server/log?container=other', 400, 'container other is not valid'],
    ['image-registry-server/log?limitBytes=0', 400, 'limitBytes must be'],
    ['image-registry-server/log?previous=true', 400, 'previous terminated container'],
    ['other/log', 404, 'not found'],
  ])('refuses %s', async (path, status, says) => {
    const answer = await door.get(`${PODS}/${path}`)
    expect([answer.status, text(answer)]).toEqual([status, expect.stringContaining(says)])
  })

  it('changes nothing', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await door.ask({ method, path: `${PODS}/image-registry-server/log` })
      expect([method, answer.status]).toEqual([method, 405])
    }
    expect((await door.delete(`${PODS}/image-registry-server`)).status).toBe(405)
  })
})
