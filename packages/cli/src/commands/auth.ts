/** `sluice auth can-i`: whether one may. */
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { resourceAsked } from '../resource-asked.ts'
import type { CommonOptions, Session } from '../session.ts'

interface Options extends CommonOptions {
  readonly subresource?: string
  readonly allNamespaces?: boolean
  readonly quiet?: boolean
}

export function addAuth(program: Command, session: Session): void {
  program
    .command('auth')
    .description('Ask about rights')
    .command('can-i <verb> <resource> [name]')
    .description('Whether you may do it: yes, or no and exit code 1')
    .option('--subresource <name>')
    .option('-A, --all-namespaces', 'without regard to a project')
    .option('-q, --quiet', 'say it by the exit code alone')
    .action(
      async (
        verb: string,
        resource: string,
        name: string | undefined,
        _: object,
        command: Command,
      ) => {
        const options: Options = command.optsWithGlobals()
        const namespace = options.allNamespaces ? '' : session.project(options)
        const resourceAttributes = {
          verb,
          ...resourceAsked(resource, options.subresource),
          namespace,
          name: name ?? '',
        }
        const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
        const found = await session
          .client(options)
          .object('POST', path, { spec: { resourceAttributes } })
        const { allowed } = found['status'] as { readonly allowed: boolean }
        if (!options.quiet) session.say(allowed ? 'yes' : 'no')
        if (!allowed) throw new CommandError('')
      },
    )
}
