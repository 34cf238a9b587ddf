/** What each operation asks of the cloud, counted by proxies between the function and the engines. */
import type { EngineUrls } from '../../cloud/engines/engine-clients.ts'
import { Calls } from '../../cloud/proxy/calls.ts'
import { startProxy } from '../../cloud/proxy/start-proxy.ts'
import type { Headers } from './filled-stage.ts'
import type { Operation } from './operations.ts'
import { RunningFunction } from './running-function.ts'

/** By the operations' names, each like `2 GetItem, 1 PutObject`: in a warm environment, so the second time. */
export async function countedCalls(
  list: readonly Operation[],
  file: string,
  urls: EngineUrls,
  environment: Headers,
  granted: Headers,
): Promise<ReadonlyMap<string, string>> {
  const calls = new Calls()
  const [dynamodb, s3, moto] = await Promise.all([
    startProxy(urls.dynamodb, calls),
    startProxy(urls.s3, calls),
    startProxy(urls.moto, calls),
  ])
  const counted = await RunningFunction.start(file, {
    ...environment,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_SSM: moto.url,
  })
  try {
    const counts = new Map<string, string>()
    for (const { name, question } of list) {
      await counted.ask(question(granted))
      calls.forget()
      await counted.ask(question(granted))
      counts.set(name, said(calls.counts))
    }
    return counts
  } finally {
    await counted.close()
    await Promise.all([dynamodb, s3, moto].map((proxy) => proxy.close()))
  }
}

const said = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name.slice(name.indexOf('.') + 1)}`)
    .join(', ') || 'none'
