/** `sluice` over TLS: whom it believes, and that it remembers it. On a laptop alone: the emulated cloud has no TLS. */
import { basename, dirname, join } from 'node:path'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  credentialHelper,
  SLUICE,
  sluiceCommand,
  sluiceEnvironment,
} from '../openshift/sluice-command.ts'
import { hasTls } from '../start-registry.ts'
import { openSetting, type OpenSetting } from './open-setting.ts'
import { runCommand } from './run-command.ts'

describe.skipIf(!hasTls())('sluice over TLS', () => {
  let setting: OpenSetting
  beforeAll(async () => {
    setting = await openSetting([], true)
  })
  afterAll(() => setting?.close())

  const login = (): string[] => {
    const { url, user, password } = setting.server
    return ['login', url, '-u', user, '-p', password]
  }

  it('believes no server of an unknown authority, and says so', async () => {
    const ann = sluiceCommand(setting.dir, 'ann')
    await expect(ann(login())).rejects.toThrow(
      /error: https:\S+ cannot be reached: unable to (?:verify the first|get local issuer) certificate/,
    )
    await expect(ann([...login(), '--certificate-authority', 'no.pem'])).rejects.toThrow(
      /error: the certificate authority \S+no\.pem cannot be read/,
    )
  })

  it('believes an authority that the user names, from wherever it is called then', async () => {
    const { caFile, dir, server } = setting
    const env = sluiceEnvironment(dir, 'bea')
    const here = [...login(), '--certificate-authority', basename(caFile)]
    expect(
      await runCommand(process.execPath, [SLUICE, ...here], { env, cwd: dirname(caFile) }),
    ).toContain('Login successful.')
    const bea = sluiceCommand(dir, 'bea')
    expect(await bea(['whoami'])).toBe('kube:admin\n')
    expect(await bea(['login', server.url])).toContain('using existing credentials')
    await expect(bea(['login', `http://${server.host}`])).rejects.toThrow('error: say how')
    expect(await bea(login())).toContain('Login successful.')
    expect(await bea(['registry', 'info', '--check'])).toBe(`${server.host}\n`)
    expect(await credentialHelper(dir, 'bea')(['get'], server.host)).toContain('"Secret":"ey')
  })

  it('believes any server when the user says so', async () => {
    const carl = sluiceCommand(setting.dir, 'carl')
    await carl([...login(), '--insecure-skip-tls-verify'])
    expect(await carl(['status'])).toContain('The registry answers')
    rmSync(join(setting.dir, 'config-of-carl'), { recursive: true })
    await expect(carl(login())).rejects.toThrow('cannot be reached')
  })
})
