/** What the registry costs in the cloud: its functions in the real runtime client and the upload door, over local engines. */
import { join } from 'node:path'
import { mkdirSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { startEngines } from '../cloud/engines/start-engines.ts'
import { bundle } from './cloud/bundle.ts'
import { coldStarts } from './cloud/cold-starts.ts'
import { FilledStage } from './cloud/filled-stage.ts'
import { bundleFunctions } from './cloud/functions.ts'
import { uploadDoor } from './cloud/upload-door.ts'
import { warmRequests } from './cloud/warm-requests.ts'
import type { Table } from './report.ts'
import type { Bench } from './start-peers.ts'

export async function cloud(bench: Bench): Promise<Table[]> {
  const opened: (() => Promise<unknown>)[] = []
  try {
    const s3 = join(bench.dir, 's3')
    mkdirSync(s3)
    const engines = await startEngines({ s3 })
    opened.push(() => engines.close())
    const functions = await bundleFunctions()
    opened.push(() => functions.remove())
    const name = `sluice-${randomBytes(6).toString('hex')}`
    const stage = await FilledStage.fill(engines.urls, name, functions.api)
    opened.push(() => stage.close())
    bench.say('cold starts')
    const starts = await coldStarts(bench, stage, functions)
    bench.say('warm requests')
    const warm = await warmRequests(bench, engines.urls, stage, functions)
    bench.say('the upload door')
    const uploads = await uploadDoor(bench, engines.urls, stage)
    return [await bundle(), starts, ...warm, ...uploads]
  } finally {
    for (const close of opened.toReversed()) await close()
  }
}
