/** `sluice logs`: what a part of the registry logged, and goes on logging. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import type { ApiClient } from '../api-client.ts'
import { CommandError } from '../command-error.ts'
import { secondsOf } from '../duration.ts'
import { listAll } from '../list-pages.ts'
import { REGISTRY_NAMESPACE } from '../registry-namespace.ts'
import { pathOf, resourceNamed } from '../resource-names.ts'
import { nameOf, type CommonOptions, type Session } from '../session.ts'

const PODS = pathOf(resourceNamed('pods'), REGISTRY_NAMESPACE)

/** Between two questions for more, of a registry that cannot keep a connection open, or lost it. */
const POLL_MS = 2000

interface Options extends CommonOptions {
  readonly follow?: true
  readonly since?: string
  readonly sinceTime?: string
  readonly tail?: string
  readonly timestamps?: true
  readonly project?: string
}

export function addLogs(program: Command, session: Session): void {
  program
    .command('logs [pod]')
    .description('Show the log of the registry, or of one of its parts (sluice get pods)')
    .option('-f, --follow', 'go on with lines as they come')
    .option('--since <duration>', 'lines newer than this: 5s, 2m, 3h')
    .option('--since-time <time>', 'lines of this time (RFC 3339) and later')
    .option('--tail <lines>', 'the newest so many lines; -1 for all', '-1')
    .option('--timestamps', 'begin each line with its time')
    .option('--project <project>', 'lines about one project alone')
    .action((pod: string | undefined, _: object, command: Command) =>
      logs(session, command.optsWithGlobals(), pod),
    )
}

async function logs(session: Session, options: Options, named: string | undefined): Promise<void> {
  const client = session.client(options)
  const pod = await podOf(client, named)
  const query = new URLSearchParams({ timestamps: 'true' })
  if (options.follow) query.set('follow', 'true')
  if (options.since !== undefined) query.set('sinceSeconds', String(secondsOf(options.since)))
  if (options.sinceTime !== undefined) query.set('sinceTime', options.sinceTime)
  if (options.tail !== '-1' && options.tail !== undefined) query.set('tailLines', options.tail)
  if (options.project !== undefined) query.set('project', options.project)
  const path = `${PODS}/${encodeURIComponent(pod)}/log`
  const seen = new LinesOnce()
  for (;;) {
    await client.lines(`${path}?${query.toString()}`, (line) => {
      const { text, isNew } = seen.take(line)
      if (isNew) session.say(options.timestamps ? line : text)
    })
    if (!options.follow) return
    await pause(POLL_MS)
    if (seen.last === undefined) continue
    query.delete('sinceSeconds')
    query.delete('tailLines')
    query.set('sinceTime', seen.last)
  }
}

/** `pod`, `pod/pod`, `deployments/image-registry`; nothing for what serves requests. */
async function podOf(client: ApiClient, named: string | undefined): Promise<string> {
  const [kind, name] = named?.includes('/') ? named.split('/') : ['pod', named]
  if (/^po(?:ds?)?$/.test(kind ?? '') && name) return name
  if (named !== undefined && !/^deploy(?:ments?)?(?:\.apps)?\/image-registry$/.test(named)) {
    throw new CommandError(`error: ${named} is no pod: sluice get pods`)
  }
  const [pod] = await listAll(client, `${PODS}?labelSelector=docker-registry%3Ddefault`)
  if (!pod) throw new CommandError('error: this registry keeps no log')
  return nameOf(pod)
}

/** Whoever asks again from the time of the last line gets that line again. */
class LinesOnce {
  last: string | undefined
  #ofLast = new Set<string>()

  take(line: string): { readonly text: string; readonly isNew: boolean } {
    const space = line.indexOf(' ')
    const time = line.slice(0, space)
    if (time !== this.last) this.#ofLast.clear()
    this.last = time
    const isNew = !this.#ofLast.has(line)
    this.#ofLast.add(line)
    return { text: line.slice(space + 1), isNew }
  }
}
