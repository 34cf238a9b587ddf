/** `sluice refresh` and `purge`: images that were read through. */
import type { Command } from 'commander'
import { askCache } from '../cache-request.ts'
import { cachedImage, withLatest } from '../cached-image.ts'
import { CommandError } from '../command-error.ts'
import type { CommonOptions, Session } from '../session.ts'
import { addPrefetch } from './prefetch.ts'

interface Refreshed {
  readonly digest: string
  readonly previousDigest?: string
  readonly nextDigest?: string
}

export function addCaches(program: Command, session: Session): void {
  program
    .command('refresh <images...>')
    .description('Ask the upstream what a tag names now: docker.io/library/nginx:1.29')
    .action((images: readonly string[], _: object, command: Command) =>
      refresh(session, command.optsWithGlobals(), images),
    )
  addPrefetch(program, session)
  program
    .command('purge <images...>')
    .description('Remove a tag, a manifest or a repository of an upstream from the cache')
    .action((images: readonly string[], _: object, command: Command) =>
      purge(session, command.optsWithGlobals(), images),
    )
}

async function refresh(
  session: Session,
  options: CommonOptions,
  texts: readonly string[],
): Promise<void> {
  const client = session.client(options)
  for (const image of texts.map(cachedImage).map(withLatest)) {
    if (image.digest !== undefined)
      throw new CommandError(`error: ${image.text} is a digest, which never changes: say a tag`)
    const refreshed = await askCache<Refreshed>(client, 'imagerefreshes', image)
    session.say(`${image.text} ${told(refreshed)}`)
  }
}

function told({ digest, previousDigest, nextDigest }: Refreshed): string {
  if (nextDigest !== undefined) return `is still ${digest}: ${nextDigest} is too new to be served`
  if (previousDigest === digest) return `is still ${digest}`
  return previousDigest === undefined ? `is ${digest}` : `was ${previousDigest}, is ${digest}`
}

async function purge(
  session: Session,
  options: CommonOptions,
  texts: readonly string[],
): Promise<void> {
  const client = session.client(options)
  for (const image of texts.map(cachedImage)) {
    let finished = false
    while (!finished) {
      ;({ finished } = await askCache<{ finished: boolean }>(client, 'imagepurges', image))
    }
    session.say(`${image.text} purged`)
  }
}
