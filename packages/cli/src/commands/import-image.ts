/** `sluice import-image` and `sluice tag --source=docker`: images of other registries for a project of one's own. */
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import type { ApiObject } from '../api-client.ts'
import type { CommonOptions, Session } from '../session.ts'

interface ImportOptions extends CommonOptions {
  readonly from?: string
  readonly scheduled?: boolean
  readonly referencePolicy?: string
}

interface TagOptions extends CommonOptions {
  readonly source: string
  readonly scheduled?: boolean
  readonly referencePolicy?: string
}

const SCHEDULED = 'ask for it anew, every 15 minutes at most'

export function addImportImage(program: Command, session: Session): void {
  program
    .command('import-image <stream>')
    .description('Import an image of an upstream: [project/]name[:tag]')
    .option('--from <image>', '[registry/]name[:tag|@digest], if not the same name')
    .option('--confirm', 'make the image stream if it is missing; one always is made here')
    .option('--scheduled', SCHEDULED)
    .option(
      '--reference-policy <policy>',
      'local or source; images are pulled from here either way',
    )
    .action((stream: string, _: object, command: Command) => {
      const options: ImportOptions = command.optsWithGlobals()
      return importImage(session, options, stream, options.from ?? stream)
    })
  program
    .command('tag <image> <stream>')
    .description(
      'Tag an image of an upstream: <image> as in import-image, into [project/]name[:tag]',
    )
    .option('--source <kind>', 'docker', 'docker')
    .option('--scheduled', SCHEDULED)
    .option(
      '--reference-policy <policy>',
      'local or source; images are pulled from here either way',
    )
    .action((image: string, stream: string, _: object, command: Command) => {
      const options: TagOptions = command.optsWithGlobals()
      if (options.source !== 'docker') {
        throw new CommandError(`error: --source=${options.source} is not supported: say docker`)
      }
      return importImage(session, options, stream, image)
    })
}

async function importImage(
  session: Session,
  options: ImportOptions,
  stream: string,
  from: string,
): Promise<void> {
  const { namespace, name, tag } = streamIn(stream, session.project(options))
  refusePolicy(options.referencePolicy)
  const image = {
    from: { kind: 'DockerImage', name: from },
    to: { name: tag },
    importPolicy: { scheduled: options.scheduled === true },
    referencePolicy: { type: options.referencePolicy === 'source' ? 'Source' : 'Local' },
  }
  const path = `/apis/image.openshift.io/v1/namespaces/${namespace}/imagestreamimports`
  const body = {
    apiVersion: 'image.openshift.io/v1',
    kind: 'ImageStreamImport',
    metadata: { name },
    spec: { import: true, images: [image] },
  }
  const answer = await session.client(options).object('POST', path, body)
  const [imported] = (answer['status'] as { readonly images: readonly Imported[] }).images
  if (imported?.image === undefined) {
    throw new CommandError(`error: ${from} was not imported: ${imported?.status.message ?? ''}`)
  }
  session.say(`imagestream.image.openshift.io/${name} imported`)
  session.say(`${namespace}/${name}:${tag} is ${imported.image.metadata.name}`)
}

interface Imported {
  readonly status: { readonly message?: string }
  readonly image?: ApiObject
}

function refusePolicy(policy: string | undefined): void {
  if (policy === undefined || policy === 'local' || policy === 'source') return
  throw new CommandError(`error: --reference-policy is local or source, not ${policy}`)
}

/** `project/name:tag`; a part that is not there is the one that one works with. */
function streamIn(text: string, project: string) {
  const colon = text.lastIndexOf(':')
  const [path, tag] = colon < 0 ? [text, 'latest'] : [text.slice(0, colon), text.slice(colon + 1)]
  const slash = path.indexOf('/')
  return slash < 0
    ? { namespace: project, name: path, tag }
    : { namespace: path.slice(0, slash), name: path.slice(slash + 1), tag }
}
