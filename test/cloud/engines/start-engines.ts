import type { EngineUrls } from './engine-clients.ts'
import { startDynamoDbLocal } from './start-dynamodb-local.ts'
import type { Engine } from './start-engine.ts'
import { startMoto } from './start-moto.ts'
import { startVersitygw } from './start-versitygw.ts'

export interface Engines {
  readonly urls: EngineUrls
  close(): Promise<void>
}

const at = (directory: string | undefined) => (directory === undefined ? {} : { directory })

/** All that stands for AWS, side by side; rejects with the name of the first that does not start, and why. */
export async function startEngines(
  directories: { readonly dynamodb?: string; readonly s3?: string } = {},
): Promise<Engines> {
  const starts = await Promise.allSettled([
    startDynamoDbLocal(at(directories.dynamodb)),
    startVersitygw(at(directories.s3)),
    startMoto(),
  ])
  const engines = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
  const close = async (): Promise<void> => {
    await Promise.all(engines.map((engine) => engine.close()))
  }
  const failed = starts.find((start) => start.status === 'rejected')
  if (failed) {
    await close()
    throw failed.reason
  }
  const [dynamodb, s3, moto] = engines as [Engine, Engine, Engine]
  return { urls: { dynamodb: dynamodb.url, s3: s3.url, moto: moto.url }, close }
}
