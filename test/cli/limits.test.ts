/** Limits and quotas: set by whoever administers the registry, seen by who works in the project. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { pushImage } from './push-image.ts'
import { startRegistryOfAlice, type RegistryOfAlice } from './registry-of-alice.ts'

vi.setConfig({ testTimeout: 60_000 })

let world: RegistryOfAlice
beforeAll(async () => {
  world = await startRegistryOfAlice()
  const token = await world.tokenOf('alice')
  for (const name of ['app', 'tool']) await pushImage(world.registry.url, token, `hers/${name}:v1`)
})
afterAll(() => world?.close())

const LIMIT_RANGE = `apiVersion: v1
kind: LimitRange
metadata: { name: limits }
spec:
  limits:
    - { type: openshift.io/Image, max: { storage: 1Gi } }
    - { type: openshift.io/ImageStream, max: { openshift.io/images: 30, openshift.io/image-tags: 20 } }
`

it('limits and quotas, as kubectl and in a project', async () => {
  const { alice } = world
  await expect(alice(['apply', '-f', '-'], LIMIT_RANGE)).rejects.toThrow('(Forbidden)')
  expect(await world.admin(['apply', '-n', 'hers', '-f', '-'], LIMIT_RANGE)).toBe(
    'limitrange/limits created\n',
  )
  const create = ['create', 'quota', 'quota', '-n', 'hers', '--hard']
  expect(await world.admin([...create, 'openshift.io/imagestreams=5'])).toBe(
    'resourcequota/quota created\n',
  )
  await expect(world.admin([...create, 'five'])).rejects.toThrow('invalid argument five')
  expect(await alice(['get', 'quota,limits'])).toMatch(
    /^resourcequota\/quota +openshift\.io\/imagestreams: 2\/5 [^]*^limitrange\/limits +\d/m,
  )
  expect(await alice(['describe', 'limits', 'limits'])).toBe(
    `Name:                     limits
Namespace:                hers
Type                      Resource                 Min  Max  Default Request  Default Limit  Max Limit/Request Ratio
----                      --------                 ---  ---  ---------------  -------------  -----------------------
openshift.io/Image        storage                  -    1Gi  -                -              -
openshift.io/ImageStream  openshift.io/image-tags  -    20   -                -              -
openshift.io/ImageStream  openshift.io/images      -    30   -                -              -
`,
  )
  expect(await alice(['describe', 'quota'])).toBe(
    `Name:                      quota
Namespace:                 hers
Resource                   Used  Hard
--------                   ----  ----
openshift.io/imagestreams  2     5
`,
  )
  expect(
    (await alice(['describe', 'project', 'hers']))
      .split('Node Selector')[1]
      ?.replace(/^:\t+/, ':\t'),
  ).toBe(
    `:\t<none>
Quota:
  Name:\t\t\t\tquota
  Resource\t\t\tUsed\tHard
  --------\t\t\t----\t----
  openshift.io/imagestreams\t2\t5
Resource limits:
  Name:\t\t\t\tlimits
  Type\t\t\t\tResource\t\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio
  ----\t\t\t\t--------\t\t---\t---\t---------------\t-------------\t-----------------------
  openshift.io/Image\t\tstorage\t\t\t-\t1Gi\t-\t\t-\t\t-
  openshift.io/ImageStream\topenshift.io/image-tags\t-\t20\t-\t\t-\t\t-
  openshift.io/ImageStream\topenshift.io/images\t-\t30\t-\t\t-\t\t-
`,
  )
  expect(await alice(['describe', 'ns', 'hers'])).toMatch(
    /^Resource Quotas\n {2}Name: +quota\n[^]*^Resource Limits\n {2}Name: +limits\n/m,
  )
  expect(await world.admin(['delete', '-n', 'hers', 'quota,limits', '--all'])).toBe(
    'resourcequota "quota" deleted\nlimitrange "limits" deleted\n',
  )
})
