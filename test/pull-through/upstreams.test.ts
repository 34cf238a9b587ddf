/** The adapter reads from registries that were not written for its tests. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { bearerToken } from '../bench/peers/bearer-token.ts'
import { startSluice } from '../running-sluice.ts'
import { describeUpstream } from '../upstream/describe-upstream.ts'
import { HttpContent } from '../upstream/http-content.ts'
import { openDialer } from '../upstream/open-dialer.ts'
import { makeImage, putImage } from '../upstream/upstream-content.ts'
import { upstreamSettings } from '../upstream/upstream-settings.ts'
import { DISTRIBUTION_LOGIN, startDistribution } from './start-distribution.ts'

const credentials = { type: 'basic', secretName: 'login' } as const

describeUpstream('distribution', async () => {
  const distribution = await startDistribution()
  const { url } = distribution
  const upstream = openDialer().dialer.dial('distribution', upstreamSettings(url))
  return { upstream, content: new HttpContent(url), close: () => distribution.close() }
})

describeUpstream('distribution with Basic', async () => {
  const distribution = await startDistribution({ login: true })
  const { url } = distribution
  const { dialer, secrets } = openDialer()
  const login = `${DISTRIBUTION_LOGIN.user}:${DISTRIBUTION_LOGIN.password}`
  secrets.set('login', login)
  const authorization = `Basic ${Buffer.from(login).toString('base64')}`
  const content = new HttpContent(url, () => Promise.resolve({ authorization }))
  const upstream = dialer.dial('basic', upstreamSettings(url, { credentials }))
  return { upstream, content, close: () => distribution.close() }
})

describeUpstream('another Sluice, with its token service', async () => {
  const sluice = await startSluice()
  const { dialer, secrets } = openDialer()
  secrets.set('login', `${sluice.user}:${sluice.password}`)
  const content = new HttpContent(sluice.url, async (repository) => {
    const scopes = [`repository:${repository}:pull,push`]
    return { authorization: `Bearer ${await bearerToken(sluice.url, sluice.password, scopes)}` }
  })
  const upstream = dialer.dial('sluice', upstreamSettings(sluice.url, { credentials }))
  return { upstream, content, close: () => sluice.stop() }
})

it("reads more tags than distribution's page has", async () => {
  const distribution = await startDistribution()
  const image = makeImage([])
  await putImage(new HttpContent(distribution.url), 'default/many', 'v1000', image)
  const tags = Array.from({ length: 1100 }, (_, at) => `v${at + 1000}`)
  const path = 'docker/registry/v2/repositories/default/many/_manifests/tags'
  const directory = join(distribution.dataDir, path)
  // Pushed one by one they would take a minute.
  for (const tag of tags.slice(1))
    cpSync(join(directory, 'v1000'), join(directory, tag), { recursive: true })
  const settings = upstreamSettings(distribution.url)
  expect(await openDialer().dialer.dial('many', settings).tags('default/many')).toEqual(tags)
  await distribution.close()
})
