import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Client, ClientUnderTest, OptionalStep, TextByPlatform } from './client.ts'
import { manifestDigest } from './manifest-digest.ts'
import { type OpenSetting, openSetting } from './open-setting.ts'
import { hasTls } from '../start-registry.ts'

const AMD64 = 'linux/amd64'
const ARM64 = 'linux/arm64'
const NOT_ALLOWED =
  /unauthorized|authentication required|authorization failed|denied|credential|401/i

/** The same table of steps for every client, over plain HTTP and, where there is TLS, over that. A client that cannot be had fails: it is never passed over. */
export function describeClient(under: ClientUnderTest): void {
  const { name, tools, saysRefused, cannot } = under
  /** Stands in the title of a step that this client has no command for, so that what is skipped says why. */
  const but = (step: OptionalStep): string => (cannot[step] ? ` (${cannot[step]})` : '')

  describe.each(hasTls() ? [false, true] : [false])(`${name}, TLS %s`, (tls) => {
    let setting: OpenSetting
    let client: Client

    beforeAll(async () => {
      setting = await openSetting(tools, tls)
      client = await under.create(setting)
    }, 900_000)

    afterAll(async () => {
      await client?.close?.()
      await setting?.close()
    })

    beforeEach(({ onTestFailed }) => {
      const before = setting.server.log().length
      onTestFailed(() => console.error(`The server said:\n${setting.server.log().slice(before)}`))
    })

    const named = (name: string): string => `${client.host ?? setting.server.host}/default/${name}`
    const pushed = async (image: string, texts: TextByPlatform): Promise<string> => {
      await client.build(image, texts)
      await client.push(image)
      return (await manifestDigest(setting, image)) ?? 'nothing was pushed'
    }

    it('says clearly that a wrong password is refused', async () => {
      await expect(client.login(setting.server.user, 'wrong')).rejects.toThrow(saysRefused)
    })

    it('says clearly that a user name with a colon is refused', async () => {
      const { user, password } = setting.server
      await expect(client.login(`kube:${user}`, password)).rejects.toThrow(saysRefused)
    })

    it('logs in with the right password', async () => {
      const { user, password } = setting.server
      await expect(client.login(user, password)).resolves.not.toThrow()
    })

    it('builds from scratch, pushes, and pulls the same into a clean store', async () => {
      const digest = await pushed(named('app:v1'), { [AMD64]: 'built from scratch' })
      const pulled = await client.pull(named('app:v1'), AMD64)
      expect(pulled.text).toBe('built from scratch')
      expect(pulled.digests).toContain(digest)
    })

    it('pulls by digest', async () => {
      const digest = await manifestDigest(setting, named('app:v1'))
      const pulled = await client.pull(`${named('app')}@${digest}`, AMD64)
      expect(pulled.text).toBe('built from scratch')
      expect(pulled.digests).toContain(digest)
    })

    it('copies an image to another repository', async () => {
      const digest = await pushed(named('source:v1'), { [AMD64]: 'to be copied' })
      await client.copy(named('source:v1'), named('copy:v2'))
      expect(await manifestDigest(setting, named('copy:v2'))).toBe(digest)
      expect((await client.pull(named('copy:v2'), AMD64)).text).toBe('to be copied')
    })

    it('pushes an index of two platforms and pulls each', async () => {
      const texts = { [AMD64]: 'for one', [ARM64]: 'for another' }
      const digest = await pushed(named('multi:v1'), texts)
      for (const [platform, text] of Object.entries(texts)) {
        expect((await client.pull(named('multi:v1'), platform)).text).toBe(text)
      }
      expect(digest).toMatch(/^sha256:/)
    })

    it.skipIf(cannot.tags)(`lists the tags of a repository${but('tags')}`, async () => {
      for (const tag of ['one', 'two', 'three']) {
        await pushed(named(`tagged:${tag}`), { [AMD64]: `tagged ${tag}` })
      }
      const tags = await client.tags?.(named('tagged'))
      expect(tags?.toSorted()).toEqual(['one', 'three', 'two'])
    })

    it.skipIf(cannot.attach)(
      `attaches an artifact and finds it again${but('attach')}`,
      async () => {
        await pushed(named('signed:v1'), { [AMD64]: 'signed' })
        await client.attach?.(named('signed:v1'), 'application/vnd.example.one', 'first')
        await client.attach?.(named('signed:v1'), 'application/vnd.example.two', 'second')
        const found = await client.referrers?.(named('signed:v1'))
        expect(found?.toSorted()).toEqual([
          'application/vnd.example.one',
          'application/vnd.example.two',
        ])
      },
    )

    it.skipIf(cannot.remove)(`deletes by tag${but('remove')}`, async () => {
      await pushed(named('deleted:v1'), { [AMD64]: 'to be deleted by tag' })
      await client.remove?.(named('deleted:v1'))
      expect(await manifestDigest(setting, named('deleted:v1'))).toBeUndefined()
    })

    it.skipIf(cannot.remove)(`deletes by digest${but('remove')}`, async () => {
      const digest = await pushed(named('deleted:v2'), { [AMD64]: 'to be deleted by digest' })
      await client.remove?.(`${named('deleted')}@${digest}`)
      expect(await manifestDigest(setting, `${named('deleted')}@${digest}`)).toBeUndefined()
    })

    it('may no longer push after a logout', async () => {
      await client.build(named('late:v1'), { [AMD64]: 'too late' })
      await client.logout()
      await expect(client.push(named('late:v1'))).rejects.toThrow(NOT_ALLOWED)
      expect(await manifestDigest(setting, named('late:v1'))).toBeUndefined()
    })
  })
}
