/** Somebody who follows the log of a server that ends. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { ServerProcess } from './server-process.ts'

vi.setConfig({ testTimeout: 60_000 })

const PASSWORD = 'of the owner'
const AUTHORIZATION = `Basic ${Buffer.from(`kubeadmin:${PASSWORD}`).toString('base64')}`
const LOG = '/api/v1/namespaces/openshift-image-registry/pods/image-registry-server/log'

it.for(['1', '2'])(
  'is not waited for, and has his answer whole, by %s threads',
  async (threads) => {
    const data = await mkdtemp(join(tmpdir(), 'sluice-followed-'))
    const args = ['--port', '0', '--threads', threads, '--data-dir', data]
    const server = new ServerProcess(args, { SLUICE_ADMIN_PASSWORD: PASSWORD })
    onTestFinished(async () => {
      server.kill('SIGKILL')
      await server.exitCode()
      await rm(data, { recursive: true })
    })
    const url = await server.url()
    // As many as meet every thread, each on a connection of its own.
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        fetch(`${url}${LOG}?follow=true`, { headers: { authorization: AUTHORIZATION } }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    const texts = answers.map((answer) => answer.text())
    await server.untilLogged('start registry')
    server.kill('SIGTERM')
    // One that was waited for is cut in the end.
    for (const text of texts) expect(await text).toContain('msg="start registry"')
    expect(await server.exitCode()).toBe(0)
  },
)
