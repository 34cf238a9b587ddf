/** The functions that are measured, bundled as they are deployed. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleFunction } from '../../gateway/bundle-function.ts'

/** Files of the bundles. */
export interface Functions {
  readonly api: string
  readonly empty: string
  readonly oneRead: string
  remove(): Promise<void>
}

const here = (name: string): string => join(import.meta.dirname, name)

export async function bundleFunctions(): Promise<Functions> {
  const [api, empty, oneRead] = await Promise.all([
    bundleFunction(fileURLToPath(import.meta.resolve('@sluice/functions/api'))),
    bundleFunction(here('empty-function.ts')),
    bundleFunction(here('one-read-function.ts')),
  ])
  return {
    api: api.file,
    empty: empty.file,
    oneRead: oneRead.file,
    remove: async () => {
      await Promise.all([api, empty, oneRead].map((bundle) => bundle.remove()))
    },
  }
}
