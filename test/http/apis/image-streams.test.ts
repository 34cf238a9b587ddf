import { expect, it } from 'vitest'
import { describeDoors } from '../describe-doors.ts'
import { pushImage } from '../push.ts'
import { expectStatus, wire } from './wire.ts'

describeDoors('image streams', (door) => {
  const IMAGES = '/apis/image.openshift.io/v1/namespaces/default'

  it('are the repositories of a project and their tags, of which one can be removed', async () => {
    const push = (name: string, tag: string) =>
      pushImage(door, `default/${name}`, { reference: tag })
    const { digest } = await push('app', 'v1')
    await push('app', 'v2')
    await push('other', 'v1')
    const list = wire(await door.get(`${IMAGES}/imagestreams`))
    expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['app', 'other'])
    expect(wire(await door.get(`${IMAGES}/imagestreams/app`)).status).toMatchObject({
      dockerImageRepository: expect.stringMatching(/default\/app$/) as string,
      tags: [{ tag: 'v1' }, { tag: 'v2' }],
    })
    const tags = wire(await door.get(`${IMAGES}/imagestreamtags`))
    expect(tags.items.map(({ metadata }) => metadata.name)).toEqual([
      'app:v1',
      'app:v2',
      'other:v1',
    ])
    expect(wire(await door.get(`${IMAGES}/imagestreamtags/app:v1`))['image']).toMatchObject({
      metadata: { name: digest },
    })
    expect(
      (await door.ask({ method: 'DELETE', path: `${IMAGES}/imagestreamtags/app:v1` })).status,
    ).toBe(200)
    expectStatus(
      await door.get(`${IMAGES}/imagestreamtags/app:v1`),
      404,
      'NotFound',
      /"app:v1" not found/,
    )
    expectStatus(await door.get(`${IMAGES}/imagestreams/none`), 404, 'NotFound', /"none" not found/)
    const stranger = { 'Impersonate-User': 'eve' }
    expectStatus(
      await door.ask({ path: `${IMAGES}/imagestreams`, headers: stranger }),
      403,
      'Forbidden',
      /cannot list resource "imagestreams" in API group "image\.openshift\.io" in the namespace "default"/,
    )
  })
})
