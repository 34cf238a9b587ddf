/** `sluice auth can-i`: whether one may. */
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { ruleLines, type Rule } from '../describe/rules.ts'
import { resourceAsked } from '../resource-asked.ts'
import type { CommonOptions, Session } from '../session.ts'
import { withWideSpaces } from '../tab-writer.ts'

interface Options extends CommonOptions {
  readonly subresource?: string
  readonly allNamespaces?: boolean
  readonly quiet?: boolean
  readonly list?: boolean
}

const REVIEWS = '/apis/authorization.k8s.io/v1'

export function addAuth(program: Command, session: Session): void {
  program
    .command('auth')
    .description('Ask about rights')
    .command('can-i [verb] [resource] [name]')
    .description('Whether you may do it: yes, or no and exit code 1')
    .option('--subresource <name>')
    .option('-A, --all-namespaces', 'without regard to a project')
    .option('--list', 'all that you may do in the project')
    .option('-q, --quiet', 'say it by the exit code alone')
    .action(
      (
        verb: string | undefined,
        resource: string | undefined,
        name: string | undefined,
        _: object,
        command: Command,
      ) => {
        const options: Options = command.optsWithGlobals()
        if (options.list === true) return list(session, options)
        if (verb === undefined || resource === undefined)
          throw new CommandError(
            'error: you must specify two arguments: verb resource or verb resource/resourceName.',
          )
        return canI(session, options, { verb, resource, name })
      },
    )
}

interface Asked {
  readonly verb: string
  readonly resource: string
  readonly name: string | undefined
}

async function canI(
  session: Session,
  options: Options,
  { verb, resource, name = '' }: Asked,
): Promise<void> {
  const namespace = options.allNamespaces ? '' : session.project(options)
  const asked = resourceAsked(resource, options.subresource)
  const resourceAttributes = { verb, ...asked, namespace, name }
  const found = await session
    .client(options)
    .object('POST', `${REVIEWS}/selfsubjectaccessreviews`, { spec: { resourceAttributes } })
  const { allowed } = found['status'] as { readonly allowed: boolean }
  if (!options.quiet) session.say(allowed ? 'yes' : 'no')
  if (!allowed) throw new CommandError('')
}

async function list(session: Session, options: Options): Promise<void> {
  const spec = { namespace: session.project(options) }
  const found = await session
    .client(options)
    .object('POST', `${REVIEWS}/selfsubjectrulesreviews`, { spec })
  const { resourceRules, nonResourceRules } = found['status'] as {
    readonly resourceRules: readonly Rule[]
    readonly nonResourceRules: readonly Rule[]
  }
  const head = 'Resources\tNon-Resource URLs\tResource Names\tVerbs'
  session.write(withWideSpaces([head, ...ruleLines([...resourceRules, ...nonResourceRules])]))
}
