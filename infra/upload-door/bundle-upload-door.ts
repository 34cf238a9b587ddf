import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runEsbuild } from '../run-esbuild.ts'

export interface Bundle {
  /** With `index.js` in it, which Web Functions start, and the `package.json` that says it is a module. */
  readonly folder: string
  readonly sha256: string
}

/** The upload door as one file. It keeps the SDK's whole chain of credentials: only functions are sure to find theirs in the environment. */
export function bundleUploadDoor(root: string, work: string): Bundle {
  const folder = join(work, 'artifacts', 'upload-door')
  runEsbuild(root, ['index=packages/server/src/upload-door.ts'], folder, [])
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n')
  const sha256 = createHash('sha256')
    .update(readFileSync(join(folder, 'index.js')))
    .digest('hex')
  return { folder, sha256 }
}
