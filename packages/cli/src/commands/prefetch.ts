/** `sluice prefetch`: an image of an upstream, before anybody pulls it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { ApiClient } from '../api-client.ts'
import { askCache } from '../cache-request.ts'
import { cachedImage, withLatest, type CachedImage } from '../cached-image.ts'
import { CommandError } from '../command-error.ts'
import { secondsOf } from '../duration.ts'
import { PrefetchBar } from '../prefetch-bar.ts'
import type { CommonOptions, Session } from '../session.ts'

interface Options extends CommonOptions {
  readonly platform?: readonly string[]
  readonly allPlatforms?: boolean
  readonly timeout: number
}

interface Prefetched {
  readonly digest: string
  readonly manifests: { readonly here: number; readonly came: number }
  readonly blobs: { readonly total: number; readonly here: number; readonly came: number }
  readonly bytes: { readonly total: number; readonly here: number }
  readonly failures: readonly { readonly what: string; readonly reason: string }[]
  readonly finished: boolean
}

/** All of it, however many steps it took. */
interface Outcome extends Prefetched {
  /** Of what is here, that came since it was asked for. */
  readonly came: { readonly manifests: number; readonly blobs: number }
}

const PAUSE_MS = 1000
/** Node's names of architectures that images call otherwise. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
}

export function addPrefetch(program: Command, session: Session): void {
  program
    .command('prefetch <images...>')
    .description('Fetch an image of an upstream before anybody pulls it')
    .option('--platform <platforms>', 'linux/amd64,linux/arm64; yours, without it', listed)
    .option('--all-platforms', 'all that the image is made for')
    .option('--timeout <time>', 'give up when nothing has come for so long', secondsOf, 300)
    .action((images: readonly string[], _: object, command: Command) =>
      prefetch(session, command.optsWithGlobals(), images),
    )
}

async function prefetch(
  session: Session,
  options: Options,
  texts: readonly string[],
): Promise<void> {
  const { platform, allPlatforms } = options
  if (platform && allPlatforms === true)
    throw new CommandError('error: --platform and --all-platforms exclude each other')
  const client = session.client(options)
  const platforms = allPlatforms === true ? [] : (platform ?? [ownPlatform()])
  let hasFailed = false
  for (const image of texts.map(cachedImage).map(withLatest)) {
    const outcome = await fetched(client, image, platforms, options.timeout)
    session.say(told(image, outcome))
    for (const { what, reason } of outcome.failures) session.warn(`error: ${what}: ${reason}`)
    hasFailed ||= outcome.failures.length > 0
  }
  if (hasFailed) throw new CommandError('')
}

/** In as many steps as it takes, as long as something comes. */
async function fetched(
  client: ApiClient,
  image: CachedImage,
  platforms: readonly string[],
  timeout: number,
): Promise<Outcome> {
  const bar = new PrefetchBar()
  const came = { manifests: 0, blobs: 0 }
  let asked = image
  let blobsBefore: number | undefined
  let seen = ''
  let movedAt = Date.now()
  try {
    for (;;) {
      const step = await askCache<Prefetched>(client, 'imageprefetches', asked, { platforms })
      const { manifests, blobs, bytes, digest } = step
      came.manifests += manifests.came
      blobsBefore ??= blobs.total === 0 ? undefined : blobs.here - blobs.came
      came.blobs = blobs.here - (blobsBefore ?? 0)
      bar.show(bytes)
      if (step.finished) return { ...step, came }
      const now = JSON.stringify([manifests.here, blobs, bytes])
      if (now !== seen) movedAt = Date.now()
      if (Date.now() - movedAt > timeout * 1000) {
        const left = `${blobs.total - blobs.here} of ${blobs.total} blobs are still missing`
        throw new CommandError(`error: ${image.text}: nothing has come for ${timeout}s: ${left}`)
      }
      seen = now
      // A tag that moves meanwhile is another image.
      asked = { text: image.text, project: image.project, repository: image.repository, digest }
      await sleep(PAUSE_MS)
    }
  } finally {
    bar.end()
  }
}

function told({ text }: CachedImage, { digest, manifests, blobs, bytes, came }: Outcome): string {
  const name = text.includes('@') ? text : `${text} (${digest})`
  const here = `${counted(manifests.here, 'manifest')} and ${counted(blobs.here, 'blob')}`
  const some = `${counted(came.manifests, 'manifest')} and ${counted(came.blobs, 'blob')} came`
  return `${name}: ${here} are here, ${(bytes.here / 1e6).toFixed(1)} MB; of these ${some}`
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

const ownPlatform = (): string => `linux/${ARCHITECTURES[process.arch] ?? process.arch}`

const listed = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text.split(','),
]
