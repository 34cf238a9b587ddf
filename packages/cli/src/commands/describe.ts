/** `sluice describe`: one object for a reader, with what belongs to it. */
import type { Command } from 'commander'
import type { ApiClient, ApiObject } from '../api-client.ts'
import { CommandError } from '../command-error.ts'
import {
  describeImageStream,
  describeImageStreamTag,
  type TaggedImage,
} from '../describe/images.ts'
import { describeLimitRange, describeResourceQuota } from '../describe/limits.ts'
import {
  describeNamespace,
  describeProject,
  describeServiceAccount,
  type ProjectLimits,
} from '../describe/projects.ts'
import { describePod } from '../describe/pods.ts'
import { describeBinding, describeRole } from '../describe/roles.ts'
import { describeUpstream } from '../describe/upstreams.ts'
import { describeDeadLetter, describeWebhook } from '../describe/webhooks.ts'
import { withAggregatedRules } from '../describe/aggregated-rules.ts'
import { listIfAllowed } from '../list-if-allowed.ts'
import { listAll } from '../list-pages.ts'
import { projectAsked } from '../project-asked.ts'
import { pathOf, resourcesAndNames, resourceNamed } from '../resource-names.ts'
import { RBAC } from '../role-bindings.ts'
import { nothingFound } from './get.ts'
import { nameOf, type CommonOptions, type Session } from '../session.ts'

export function addDescribe(program: Command, session: Session): void {
  program
    .command('describe <resource> [names...]')
    .description('Show one object or several, with what belongs to them')
    .action((type: string, names: readonly string[], _: object, command: Command) =>
      describe(session, command.optsWithGlobals(), type, names),
    )
}

async function describe(
  session: Session,
  options: CommonOptions,
  type: string,
  given: readonly string[],
): Promise<void> {
  const client = session.client(options)
  const texts: string[] = []
  for (const { resource, names } of resourcesAndNames(type, given)) {
    const namespace = resource.namespaced ? projectAsked(session, options, [resource]) : undefined
    const wanted =
      names.length > 0 ? names : (await listAll(client, pathOf(resource, namespace))).map(nameOf)
    for (const name of wanted) {
      const object = await client.object('GET', pathOf(resource, namespace, name))
      texts.push(await description(client, object))
    }
  }
  if (texts.length === 0) throw new CommandError(nothingFound(session.project(options)))
  session.write(texts.join('\n\n'))
}

async function description(client: ApiClient, object: ApiObject): Promise<string> {
  const now = Date.now()
  switch (object.kind) {
    case 'Role':
      return describeRole(object)
    case 'ClusterRole': {
      const whole = object['aggregationRule'] === undefined
      return describeRole(
        whole ? object : withAggregatedRules(object, await listAll(client, `${RBAC}/clusterroles`)),
      )
    }
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return describeBinding(object)
    case 'Project':
      return describeProject(object, now, await limitsOf(client, object))
    case 'Namespace':
      return describeNamespace(object, await limitsOf(client, object))
    case 'ServiceAccount':
      return describeServiceAccount(object)
    case 'ImageStream':
      return describeImageStream(object, await tagsOf(client, object), now)
    case 'ImageStreamTag':
      return describeImageStreamTag(object as TaggedImage, now)
    case 'Upstream':
      return describeUpstream(object)
    case 'LimitRange':
      return describeLimitRange(object)
    case 'ResourceQuota':
      return describeResourceQuota(object)
    case 'Webhook':
      return describeWebhook(
        object,
        await listIfAllowed(client, pathOf(resourceNamed('deadletter'), undefined)),
      )
    case 'DeadLetter':
      return describeDeadLetter(object)
    case 'Pod':
      return describePod(object)
    case undefined:
    default:
      throw new CommandError(`error: no description has been implemented for "${object.kind}"`)
  }
}

async function limitsOf(client: ApiClient, { metadata }: ApiObject): Promise<ProjectLimits> {
  const [quotas, ranges] = await Promise.all(
    ['resourcequota', 'limitrange'].map((kind) =>
      listIfAllowed(client, pathOf(resourceNamed(kind), metadata.name)),
    ),
  )
  return { quotas, ranges }
}

async function tagsOf(client: ApiClient, { metadata }: ApiObject): Promise<readonly TaggedImage[]> {
  const all = await listAll(client, pathOf(resourceNamed('istag'), metadata.namespace))
  return (all as readonly TaggedImage[]).filter(
    ({ metadata: { name } }) => name.slice(0, name.lastIndexOf(':')) === metadata.name,
  )
}
