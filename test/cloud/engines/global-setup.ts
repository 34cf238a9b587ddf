/** Starts each engine once for all files of the cloud suite. */
import type { TestProject } from 'vitest/node'
import { startDynamoDbLocal } from './start-dynamodb-local.ts'
import { startMoto } from './start-moto.ts'
import { startVersitygw } from './start-versitygw.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engines = await Promise.all([startDynamoDbLocal(), startVersitygw(), startMoto()])
  const [dynamodb, s3, moto] = engines
  project.provide('engines', { dynamodb: dynamodb.url, s3: s3.url, moto: moto.url })
  return async () => {
    await Promise.all(engines.map((engine) => engine.close()))
  }
}
