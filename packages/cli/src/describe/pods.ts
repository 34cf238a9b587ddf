/** The parts of the registry as kubectl describes pods: as far as they are any. */
import type { ApiObject } from '../api-client.ts'
import { withSpaces } from '../tab-writer.ts'
import { kubernetesMetadata } from './metadata.ts'

interface State {
  readonly running?: { readonly startedAt: string }
  readonly waiting?: Ended
  readonly terminated?: Ended
}

interface Ended {
  readonly reason?: string
  readonly message?: string
  readonly exitCode?: number
  readonly finishedAt?: string
}

interface PodStatus {
  readonly phase: string
  readonly startTime: string
  readonly conditions: readonly { readonly type: string; readonly status: string }[]
  readonly containerStatuses: readonly {
    readonly name: string
    readonly ready: boolean
    readonly restartCount: number
    readonly state: State
    readonly lastState: State
  }[]
}

/** `Fri, 27 Nov 2026 08:15:00 +0000`, as Go's RFC1123Z. */
const timeOf = (text: string): string => new Date(text).toUTCString().replace('GMT', '+0000')

export function describePod(pod: ApiObject): string {
  const { phase, startTime, conditions, containerStatuses } = pod['status'] as PodStatus
  const [name, namespace, ...more] = kubernetesMetadata(pod)
  return withSpaces([
    name!,
    namespace!,
    `Start Time:\t${timeOf(startTime)}`,
    ...more,
    `Status:\t${phase}`,
    'Containers:',
    ...containerStatuses.flatMap((one) => [
      `  ${one.name}:`,
      ...stateLines('State', one.state),
      ...(one.lastState.terminated ? stateLines('Last State', one.lastState) : []),
      `    Ready:\t${one.ready ? 'True' : 'False'}`,
      `    Restart Count:\t${one.restartCount}`,
    ]),
    'Conditions:',
    '  Type\tStatus',
    ...conditions.map(({ type, status }) => `  ${type}\t${status}`),
  ])
}

function stateLines(title: string, { running, waiting, terminated }: State): readonly string[] {
  if (running) return [`    ${title}:\tRunning`, `      Started:\t${timeOf(running.startedAt)}`]
  const { reason, message, exitCode, finishedAt } = waiting ?? terminated ?? {}
  return [
    `    ${title}:\t${waiting ? 'Waiting' : 'Terminated'}`,
    ...(reason === undefined ? [] : [`      Reason:\t${reason}`]),
    ...(message === undefined ? [] : [`      Message:\t${message}`]),
    ...(exitCode === undefined ? [] : [`      Exit Code:\t${exitCode}`]),
    ...(finishedAt === undefined ? [] : [`      Finished:\t${timeOf(finishedAt)}`]),
  ]
}
