/** Which program this is: by its package.json, and by git where it runs from a clone. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../../..')

export interface BuildInfo {
  readonly version: string
  readonly commit: string | undefined
}

export function buildInfo(root = ROOT): BuildInfo {
  const { version } = JSON.parse(textOf(join(root, 'package.json')) ?? '{}') as {
    readonly version?: string
  }
  return { version: version ?? '0.0.0', commit: commitOf(join(root, '.git')) }
}

/** https://git-scm.com/docs/gitrepository-layout */
function commitOf(git: string): string | undefined {
  const head = textOf(join(git, 'HEAD'))?.trim()
  const ref = /^ref: (refs\/\S+)$/.exec(head ?? '')?.[1]
  const loose = ref === undefined ? head : textOf(join(git, ref))?.trim()
  const packed = (textOf(join(git, 'packed-refs')) ?? '')
    .split('\n')
    .find((line) => ref !== undefined && line.endsWith(` ${ref}`))
  return [loose, packed?.split(' ')[0]].find((name) => /^[0-9a-f]{40,64}$/.test(name ?? ''))
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
