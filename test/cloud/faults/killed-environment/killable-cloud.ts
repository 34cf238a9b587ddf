/** A stage of its own behind the gateway, with no upload door, whose environments can be killed at any call that they make. */
import { randomBytes } from 'node:crypto'
import { Agent } from 'node:http'
import { openCloudWing, type CloudWing } from '@sluice/adapters/aws/cloud-wing'
import { S3BlobStore } from '@sluice/adapters/aws/s3-blob-store'
import { startGateway, type Gateway } from '../../../gateway/start-gateway.ts'
import type { Ask } from '../../../http/answer.ts'
import { askOverASocket } from '../../../http/ask-over-a-socket.ts'
import { createStage } from '../../engines/create-stage.ts'
import { engineClients } from '../../engines/engine-clients.ts'
import { engineUrls } from '../../engines/engines.ts'
import { startProxy } from '../../proxy/start-proxy.ts'
import { KillingCalls } from './killing-calls.ts'

/** Longer than all graces, and than an upload may lie idle. */
const TWO_DAYS_MS = 2 * 86_400_000

export const PASSWORD = 'correct horse: battery staple'

export interface KillableCloud {
  readonly ask: Ask
  /** Of the environments; what this process asks of the engines is none of them. */
  readonly calls: KillingCalls
  readonly gateway: Gateway
  /** The same registry in this process. */
  readonly wing: CloudWing
  /**
   * What is wrong with what the dead have left: first as it is, then when all has been swept that nobody needs. `objects`
   * is how many must be left.
   */
  leftovers(objects: number): Promise<string[]>
  close(): Promise<void>
}

/** `file`: the bundle of the api function. The stage has had no request, and no project. */
export async function openKillableCloud(file: string): Promise<KillableCloud> {
  const urls = engineUrls()
  const name = `sluice-${randomBytes(6).toString('hex')}`
  const environment = await createStage({ urls, name, password: PASSWORD })
  let gateway: Gateway | undefined
  const calls = new KillingCalls(() => {
    for (const one of gateway?.environments() ?? []) if (one.state === 'busy') one.kill()
  })
  const proxies = await Promise.all(
    [urls.dynamodb, urls.s3, urls.moto].map((url) => startProxy(url, calls)),
  )
  const [dynamodbUrl = '', s3Url = '', motoUrl = ''] = proxies.map(({ url }) => url)
  const started = await startGateway({
    file,
    env: {
      ...environment,
      SLUICE_PUBLIC_URL: 'http://registry.example',
      SLUICE_ORIGIN_SECRET: randomBytes(16).toString('hex'),
      AWS_ENDPOINT_URL_DYNAMODB: dynamodbUrl,
      AWS_ENDPOINT_URL_S3: s3Url,
      AWS_ENDPOINT_URL_SSM: motoUrl,
    },
  })
  gateway = started
  const agent = new Agent({ keepAlive: true })
  const clients = engineClients(urls)
  let ahead = 0
  const wing = openCloudWing({
    ...clients,
    tableName: name,
    bucket: name,
    keysParameter: environment['SLUICE_KEYS_PARAMETER'] ?? '',
    adminPasswordParameter: environment['SLUICE_ADMIN_PASSWORD_PARAMETER'] ?? '',
    clock: { now: () => Date.now() + ahead },
    policy: { grace: 0 },
    issuers: [],
    onProblem: () => undefined,
  })
  const { checker, sweeper } = wing.registry

  const check = async (when: string, deep: boolean): Promise<string[]> => {
    const { problems } = await checker.check({ deep, pause: 0 })
    return problems.map(({ kind, where, detail }) => `${when}: ${kind} ${where}: ${detail}`)
  }

  return {
    ask: askOverASocket(started.url, agent),
    calls,
    gateway: started,
    wing,
    leftovers: async (expected) => {
      const problems = await check('as the dead have left it', false)
      ahead = TWO_DAYS_MS
      const { errors } = await sweeper.sweep()
      problems.push(...errors.map((error) => `the sweep: ${String(error)}`))
      problems.push(...(await check('after the sweep', true)))
      const store = new S3BlobStore(clients.s3, name)
      const { objects } = await store.list({ limit: 1000 })
      if (objects.length !== expected) {
        const keys = objects.map(({ key }) => key).join(' ')
        problems.push(`${expected} objects should be left, not ${objects.length}: ${keys}`)
      }
      const uploads = await store.listUploads(Infinity)
      problems.push(...uploads.map(({ state }) => `an upload is left: ${JSON.stringify(state)}`))
      return problems
    },
    close: async () => {
      agent.destroy()
      await started.close()
      await Promise.all(proxies.map((proxy) => proxy.close()))
      for (const client of Object.values(clients)) client.destroy()
    },
  }
}
