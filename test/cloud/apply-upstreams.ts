/** Has the sweep function of a stage bring its upstreams to what they should be, as a deployment does. */
import { fileURLToPath } from 'node:url'
import { bundleFunction } from '../gateway/bundle-function.ts'
import { startFunction } from '../gateway/lambda/start-function.ts'

const SWEEP = fileURLToPath(import.meta.resolve('@sluice/functions/sweep'))

/** Objects of the API. Rejects with what is wrong with them. */
export async function applyUpstreams(
  environment: Readonly<Record<string, string>>,
  upstreams: readonly unknown[],
): Promise<void> {
  const bundle = await bundleFunction(SWEEP)
  const sweep = await startFunction({ file: bundle.file, env: environment })
  try {
    const { kind } = await sweep.invoke({ task: 'upstreams', upstreams })
    if (kind !== 'result') throw new Error(`the upstreams are not taken: ${sweep.log()}`)
  } finally {
    await sweep.close()
    await bundle.remove()
  }
}
