/** `sluice doctor` with a layer as large as people push, on files and behind the emulated gateway. */
import { expect, it } from 'vitest'
import { examine, named } from '../cli/examine.ts'
import { sluiceCommand } from '../openshift/sluice-command.ts'
import { openSetting } from './open-setting.ts'

it('finds that a layer of 1 GB is taken in one PATCH, and leaves nothing of it', async () => {
  const setting = await openSetting([], false)
  const { server, dir } = setting
  try {
    const admin = sluiceCommand(dir, 'admin')
    await admin(['login', server.url, '-u', server.user, '-p', server.password])
    const found = await examine(admin, server.url, '--project', 'default', '--large')
    expect(named(found, 'holds')).toContain('upload-1GB')
    expect(named(found, 'holds')).toHaveLength(found.length)
    expect(await admin(['get', 'is', '-n', 'default'])).toBe('')
  } finally {
    await setting.close()
  }
})
